"""Columns that are not read, made unreadable in the copy of a text file: every sign becomes an x.

Delimiters, quotes and line endings stay where they are, so that rows, bad lines and their places are those of the file.
"""

from __future__ import annotations

from collections.abc import Collection

QUOTE, NEWLINE = b'"', b"\n"
# Inside a column: every byte but a quote and the end of a line.
CROSSES = bytes(byte if byte in QUOTE + NEWLINE else ord("x") for byte in range(256))

# Where in a value the next byte stands: before its first, in it, between quotes, behind a quote that may end it.
BEFORE, PLAIN, QUOTED, CLOSING = range(4)


class Hiding:
    """Hides all columns but those at the positions ``shown``, part by part of a text with one kind of line ending."""

    def __init__(self, delimiter: str, shown: Collection[int]):
        self._delimiter = delimiter.encode()
        self._shown = frozenset(shown)
        self._column, self._state = 0, BEFORE

    def hidden(self, part: bytes) -> bytes:
        """The next part, of the same length."""
        made, at = [], 0
        while at < len(part):
            end = at
            if self._column == 0 and self._state == BEFORE:
                quote = part.find(QUOTE, at)
                end = part.rfind(NEWLINE, at, quote if quote >= 0 else len(part)) + 1
            # Whole lines without a quote are nearly all of most files.
            if end > at:
                made.append(NEWLINE.join(map(self._line, part[at:end].split(NEWLINE))))
            else:
                end = self._end(part, at)
                piece = part[at:end]
                made.append(piece if self._is_structure(piece) or self._is_shown else piece.translate(CROSSES))
                self._pass(piece)
            at = end
        return b"".join(made)

    @property
    def _is_shown(self) -> bool:
        return self._column in self._shown

    def _line(self, line: bytes) -> bytes:
        values = line.split(self._delimiter)
        shown = self._shown
        return self._delimiter.join(
            value if index in shown else value.translate(CROSSES) for index, value in enumerate(values)
        )

    def _is_structure(self, piece: bytes) -> bool:
        return piece in (QUOTE, NEWLINE) or (piece == self._delimiter and self._state != QUOTED)

    def _end(self, part: bytes, at: int) -> int:
        """Where the piece that begins at ``at`` ends: one sign of the structure, or what lies between two of them."""
        first = part[at : at + 1]
        if first in (QUOTE, NEWLINE) or (first == self._delimiter and self._state != QUOTED):
            return at + 1
        marks = (QUOTE, NEWLINE) if self._state == QUOTED else (QUOTE, NEWLINE, self._delimiter)
        return min((found for found in (part.find(mark, at) for mark in marks) if found >= 0), default=len(part))

    def _pass(self, piece: bytes) -> None:
        """Go on behind a piece."""
        if self._state == QUOTED:
            self._state = CLOSING if piece == QUOTE else QUOTED
        elif piece == QUOTE and self._state in (BEFORE, CLOSING):
            # Between quotes, a doubled one is a sign of the value.
            self._state = QUOTED
        elif piece == NEWLINE:
            self._column, self._state = 0, BEFORE
        elif piece == self._delimiter:
            self._column, self._state = self._column + 1, BEFORE
        else:
            self._state = PLAIN

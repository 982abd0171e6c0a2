"""What is printed: the one place that writes to standard output and standard error.

Names of files, labels, values and messages of errors come from people who are not trusted with the terminal. What they
wrote is shown and does nothing: it moves no cursor, changes no title and turns no text around. Text that was made safe,
with colours of our own in it, is of the type ``Shown``; everything else is made safe when it is printed, so that a
place that forgets to do so shows our colours as signs, and never the other way round.

This module imports nothing of the package.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

# Controls but for tab and line feed; marks and overrides of direction; what is invisible, or ends a line, in some
# places only; halves of characters, which file names have that are no UTF-8. The joiners of Persian and of emoji stay.
OBEYED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f\ud800-\udfff]"
)
# The pictures of the control characters begin here, in their order.
PICTURES = 0x2400
PICTURE_OF_DELETE, PICTURE_OF_LINE_FEED = "\u2421", "\u240a"
REPLACEMENT = "\ufffd"


class Shown(str):
    """Text in which nothing from data is obeyed by a terminal."""


def visible(text: str) -> str:
    """``text`` with every character that a terminal would obey as a sign of the same width."""
    return OBEYED.sub(lambda found: _sign(found[0]), text)


def one_line(text: object) -> str:
    """``visible``, and what ends a line is a sign too: a name cannot pretend to be a line of ours."""
    return visible(str(text)).replace("\n", PICTURE_OF_LINE_FEED)


def from_here(location: object) -> str:
    """A file as somebody types it in this folder."""
    return str(location).removeprefix(f"{Path.cwd()}{os.sep}")


def shown(*parts: str) -> Shown:
    """The parts one after the other; those that are not ``Shown`` yet are made so."""
    return Shown("".join(part if isinstance(part, Shown) else visible(part) for part in parts))


def say(*parts: str) -> None:
    """Write to standard output."""
    sys.stdout.write(shown(*parts))


def complain(*parts: str) -> None:
    """Write to standard error."""
    sys.stderr.write(shown(*parts))


def is_terminal() -> bool:
    """Whether somebody looks at standard output, rather than a file or a pipe."""
    return sys.stdout.isatty()


def _sign(character: str) -> str:
    if character == "\x7f":
        return PICTURE_OF_DELETE
    return chr(PICTURES + ord(character)) if character < " " else REPLACEMENT

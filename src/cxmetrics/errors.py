"""What a user reads when something is wrong. Of the package this module imports only how text is shown.

Every error says where it happened, what was got, what is allowed, the nearest match and the next step; the parts that
are not known are left out.
"""

import difflib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from cxmetrics.terminal import one_line

EXIT_OK = 0
EXIT_FINDINGS = 1
EXIT_USAGE = 2
EXIT_INPUTS_BLOCKED = 3
EXIT_BUILD_FAILED = 4
# EX_SOFTWARE of sysexits.h: a defect of the program, not of its input.
EXIT_DEFECT = 70
# As shells report a process that was interrupted, and one whose reader went away.
EXIT_INTERRUPTED = 130
EXIT_READER_GONE = 141
# What the reference of the command line says of each.
EXIT_CODES = {
    EXIT_OK: "The command did what was asked.",
    EXIT_FINDINGS: "`cx check` has findings, or `cx golden` has differences. Also: the shell is unknown to "
    "`--install-completion` or `--show-completion`.",
    EXIT_USAGE: "The command line, a definition or a setting is wrong, a file or server cannot be reached, or nothing "
    "has been published yet. The message says which, and what to do.",
    EXIT_INPUTS_BLOCKED: "The inputs are blocked: a raw table is over its limit of rejected rows, or an expectation "
    "with severity `block` failed. Nothing is built.",
    EXIT_BUILD_FAILED: "dbt, the metric values or the publication failed. What was published before is unchanged.",
    EXIT_DEFECT: "`cx` itself has a defect. The message names the file with the traceback.",
    EXIT_INTERRUPTED: "The command was interrupted, for example with Ctrl-C.",
    EXIT_READER_GONE: "The program that read the output ended first, as in `cx query METRIC | head -1`.",
}
# More options than this are no help on one line.
OPTIONS_SHOWN = 12


class CxError(Exception):
    """An error a user can act on; ``exit_code`` becomes the exit code of the process."""

    exit_code = EXIT_USAGE

    def __init__(
        self,
        what: str,
        *,
        file: Path | str | None = None,
        line: int | None = None,
        got: object = None,
        allowed: Iterable[object] | None = None,
        next_step: str | None = None,
    ):
        super().__init__(what)
        self.what = what
        self.file = str(file) if file is not None else None
        self.line = line
        self.got = got
        self.allowed = [str(option) for option in allowed] if allowed is not None else None
        self.next_step = next_step

    @property
    def where(self) -> str | None:
        """``file:line``, ``file`` or None."""
        if self.file is None:
            return None
        return self.file if self.line is None else f"{self.file}:{self.line}"

    @property
    def nearest(self) -> str | None:
        """The allowed value that looks most like what was got."""
        if self.allowed is None or self.got is None:
            return None
        return nearest(str(self.got), self.allowed)

    def __str__(self) -> str:
        lines = [f"{one_line(self.where)}: {self.what}" if self.where else self.what]
        if self.got is not None:
            lines.append(f"  got:     {one_line(self.got)}")
        if self.allowed is not None:
            lines.append(f"  allowed: {one_line(options_for(self.got, self.allowed))}")
        if self.nearest is not None:
            lines.append(f"  nearest: {one_line(self.nearest)}")
        if self.next_step is not None:
            lines.append(f"  next:    {one_line(self.next_step)}")
        return "\n".join(lines)

    def as_dict(self) -> dict[str, object]:
        """The same parts for ``--json``."""
        return {
            "error": self.what,
            "file": self.file,
            "line": self.line,
            "got": None if self.got is None else str(self.got),
            "allowed": self.allowed,
            "nearest": self.nearest,
            "next": self.next_step,
        }


Value = TypeVar("Value")


def known(value: Value | None) -> Value:
    """A value that is there whatever the type says. Raises RuntimeError, a defect, when it is not."""
    if value is None:
        raise RuntimeError("a value is missing that is always there")
    return value


class NothingPublished(CxError):
    """There is nothing to read yet."""


class InputsBlocked(CxError):
    """A raw table is over its limit of rejected rows or a blocking expectation failed."""

    exit_code = EXIT_INPUTS_BLOCKED


class BuildFailed(CxError):
    """dbt, the metric values or the publication failed; what was published before is untouched."""

    exit_code = EXIT_BUILD_FAILED


def nearest(name: str, options: Iterable[str]) -> str | None:
    """The option most similar to ``name``, or None when nothing is close.

    Case, blanks and separators are ignored first: ``Created At`` is nearest to ``created_at``.
    """
    options = list(options)
    folded = {_fold(option): option for option in options}
    if _fold(name) in folded:
        return folded[_fold(name)]
    matches = difflib.get_close_matches(_fold(name), folded, n=1, cutoff=0.6)
    return folded[matches[0]] if matches else None


def options_for(got: object, allowed: Sequence[str]) -> str:
    """What is allowed, in a line; of many options those that look most like what was got, and how many there are."""
    if not allowed:
        return "(nothing)"
    if len(allowed) <= OPTIONS_SHOWN:
        return ", ".join(allowed)
    wanted = _fold(str(got))
    alike = sorted(allowed, key=lambda option: -difflib.SequenceMatcher(None, wanted, _fold(option)).ratio())
    return f"{', '.join(alike[:OPTIONS_SHOWN])}, ... ({len(allowed)} in all)"


def _fold(name: str) -> str:
    return "".join(character for character in name.lower() if character.isalnum())

"""What a check reports."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from cxmetrics.definitions.all_definitions import Definitions
from cxmetrics.errors import CxError, nearest, options_for


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: where, a sentence that says what, and what to do about it."""

    file: str
    line: int
    sentence: str
    help: str
    got: str | None = None
    allowed: list[str] | None = None
    check: str = ""
    nearest: str | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        if self.got is not None and self.allowed is not None:
            object.__setattr__(self, "nearest", nearest(self.got, self.allowed))

    @classmethod
    def of(cls, error: CxError, help: str) -> Finding:
        """A finding from an error of a reader."""
        got = None if error.got is None else str(error.got)
        return cls(error.file or "", error.line or 1, error.what, error.next_step or help, got, error.allowed)

    def __str__(self) -> str:
        lines = [f"{self.file}:{self.line}: {self.sentence}"]
        if self.got is not None:
            lines.append(f"  got:     {self.got}")
        if self.allowed is not None:
            lines.append(f"  allowed: {options_for(self.got, self.allowed)}")
        if self.nearest is not None:
            lines.append(f"  nearest: {self.nearest}")
        lines.append(f"  help:    {self.help}")
        return "\n".join(lines)

    def as_dict(self) -> dict[str, Any]:
        """The same parts for ``--json``."""
        return asdict(self)


Check = Callable[[Definitions], Iterable[Finding]]

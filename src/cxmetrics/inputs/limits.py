"""How much of an input is read. A raw file may be made to take a machine down: small files that unpack to large ones,
a header of any length. Whoever trusts their files raises a limit in ``dbt_project.yml``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydantic import Field

from cxmetrics.definitions.closed_model import ClosedModel, validate
from cxmetrics.definitions.project import Project
from cxmetrics.errors import CxError

VARIABLE = "input_limits"
# What unpacks to less is read whatever its ratio: it costs a second.
UNPACKED_FREELY = 64_000_000


class Limits(ClosedModel):
    """``vars: input_limits:`` of ``dbt_project.yml``; what it does not say is as here."""

    unpacked_ratio: int = Field(
        default=200, ge=1, description="bytes unpacked for each byte of a .gz, .zst or Parquet file"
    )
    unpacked_bytes: int = Field(default=50_000_000_000, ge=1, description="bytes of one file, unpacked")
    rows: int = Field(default=200_000_000, ge=1, description="rows of one file")
    columns: int = Field(default=1_000, ge=1, description="columns of one file, declared or not")
    line_bytes: int = Field(default=2_000_000, ge=1_000, description="bytes of one line; a longer one is rejected")
    bad_lines: int = Field(default=20_000, ge=1, description="lines of one file that are no rows")
    files: int = Field(default=10_000, ge=1, description="files of one table")
    notes: int = Field(default=20, ge=1, description="sentences about the files of one table; the others are counted")
    memory_megabytes: int = Field(default=4_000, ge=100, description="megabytes DuckDB may take while it loads")

    def unpacked(self, size: int) -> int:
        """To how many bytes a file of this size may unpack."""
        return min(self.unpacked_bytes, max(UNPACKED_FREELY, size * self.unpacked_ratio))

    def shortened(self, notes: Sequence[str]) -> tuple[str, ...]:
        """The first notes, and how many more there are."""
        more = len(notes) - self.notes
        return (*notes[: self.notes], *([f"and {more:,} more of this kind"] if more > 0 else []))


def limits_of(project: Project) -> Limits:
    """The limits of a project. Raises CxError, with file and line, for a key or value that is none."""
    declared = project.vars.get(VARIABLE)
    limits, problems = validate(Limits, {} if declared is None else declared, project.settings, ("vars", VARIABLE))
    if limits is None:
        raise problems[0]
    return limits


def beyond(limit: str, what: str, file: Path, line: int | None = None) -> CxError:
    """The refusal of a file that is over a limit; ``what`` says by what, and what the limit is."""
    return CxError(
        f"the file is over a limit: {what}",
        file=file,
        line=line,
        next_step=f"if it is what it should be, raise {limit} below vars: {VARIABLE}: in dbt_project.yml",
    )


def require_few_columns(columns: int, file: Path, limits: Limits) -> None:
    """Raises CxError when a file has more columns than it may have."""
    if columns > limits.columns:
        raise beyond("columns", f"{columns:,} columns, and columns allows {limits.columns:,}", file)


def require_few_rows(rows: int, file: Path, limits: Limits) -> None:
    """Raises CxError when a file has more rows than it may have."""
    if rows > limits.rows:
        raise beyond("rows", f"{rows:,} rows, and rows allows {limits.rows:,}", file)

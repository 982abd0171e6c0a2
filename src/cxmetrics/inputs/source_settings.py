"""What stands below ``config.meta.cx`` in a source's ``.yml``: closed, so that an unknown key is refused."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Any, Literal

from pydantic import Field, field_validator

from cxmetrics.definitions.closed_model import ClosedModel

# ``keep``: what a seed or a value set lists, and the id of a thing.
LISTED, ID = "listed", "id"


class Privacy(ClosedModel):
    """``config.meta.cx`` of a source: of every text column that says nothing else."""

    personal: Literal["person", "drop", "hash", "none"] | None = Field(
        default=None,
        description="person: the id of a person, stored as a hash; hash: stored as a hash but for what 'keep' names;"
        " drop: never stored; none: holds nothing personal",
    )
    keep: str | None = Field(
        default=None,
        description="what is stored as it is all the same: id (the id of a thing), listed (a label that a seed or a"
        " value_set lists) or a pattern",
    )

    @field_validator("keep")
    @classmethod
    def _is_a_pattern(cls, keep: str | None) -> str | None:
        if keep in ("label", "id_or_label"):
            raise ValueError(f"'{keep}' keeps names as well; say listed, and list the labels in seeds/labels.csv")
        try:
            re.compile(keep or "")
        except re.error as error:
            raise ValueError(f"'{keep}' is neither id, listed nor a pattern: {error}") from error
        return keep


class ColumnSettings(Privacy):
    """``config.meta.cx`` of a column."""

    labels: list[str] | None = Field(
        default=None, min_length=1, description="the columns whose listed labels are kept; default: itself"
    )
    format: str | list[str] | None = Field(
        default=None,
        description="formats of a date or timestamp: strptime, excel, epoch or epoch_ms; the first that fits is taken",
    )
    decimal: Literal[",", "."] | None = Field(default=None, description="what begins the decimals of a number")


class ReferenceSettings(ClosedModel):
    """One of ``references``: a column that names a row of another table, and perhaps a time that is not before its."""

    column: str
    to: str
    severity: Literal["warn", "reject", "block"] = "warn"
    time: str | None = None
    not_before: str | None = None
    time_severity: Literal["warn", "reject", "block"] = "reject"
    tolerated_seconds: int = Field(default=300, ge=0)


class TableSettings(ClosedModel):
    """``config.meta.cx`` of a table. ``expectations`` are checked one by one, against Great Expectations itself."""

    files: list[str] | None = Field(default=None, min_length=1)
    is_required: bool = False
    key: list[str] = Field(default_factory=list)
    newest_by: str | None = None
    required: list[str] = Field(default_factory=list)
    max_rejected_share: float = Field(default=0.05, ge=0, le=1, strict=False)
    null_values: list[str] = Field(default_factory=list)
    encoding: Literal["utf-8", "utf-16", "latin-1", "windows-1252"] | None = None
    decimal: Literal[",", "."] | None = None
    escape: Literal["quote", "backslash"] = "quote"
    header_rows: int | None = Field(default=None, ge=1, le=20)
    happened: list[str] = Field(default_factory=list)
    priced: str | None = None
    references: list[ReferenceSettings] = Field(default_factory=list)
    expectations: list[dict[str, Any]] = Field(default_factory=list)

    @field_validator("files")
    @classmethod
    def _stay_in_the_folder(cls, patterns: list[str] | None) -> list[str] | None:
        for pattern in patterns or []:
            path = PurePosixPath(pattern)
            if path.is_absolute() or ".." in path.parts:
                raise ValueError(f"'{pattern}' leaves the raw folder")
        return patterns


class ExpectationSettings(ClosedModel):
    """The keys of an expectation that are ours; every other key is an argument of Great Expectations."""

    expectation: str
    severity: Literal["warn", "reject", "block"] = "reject"
    rule: str | None = None
    help: str | None = Field(default=None, min_length=1, description="what to do about the rows that fail; printed")

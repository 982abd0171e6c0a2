"""What may be personal is hashed or dropped while it is read, so that no table, log or page can hold it.

The same value gives the same hash in every table, so joins still work. Ids and labels are kept where they look like
ids and labels; a name, an address or a number to call does not.
"""

from __future__ import annotations

import os
from typing import Protocol

from cxmetrics.engines.interface import Loading, first_row
from cxmetrics.engines.quoting import Constant
from cxmetrics.inputs.declaration import RawColumn, RawSource, RawTable

PREFIX = "hashed_"
# Hexadecimal digits kept of SHA-256, 72 bits: two of a hundred million values share them once in a million times.
DIGITS = 18

# A number of at most eight digits (telephone numbers have more), a short prefix with a number and short parts after it
# (INC0012345, T1-004-I), or a UUID. A label is lower case words: second_line, tier2.
ID = (
    r"[0-9]{1,8}"
    r"|[A-Za-z]{1,7}[-_#]?[0-9]{1,8}([-_:.][A-Za-z0-9]{1,6}){0,3}"
    r"|[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
)
LABEL = r"[a-z]{1,20}[0-9]{0,3}(_([a-z]{1,20}[0-9]{0,3}|[0-9]{1,3})){0,4}"
FORMS = {"id": ID, "label": LABEL, "id_or_label": f"{ID}|{LABEL}"}

DEFAULT_SALT = "cxmetrics"


class Dialect(Protocol):
    """The SQL of where the values are read."""

    def literal(self, text: Constant) -> str: ...

    def hashed(self, text: str) -> str:
        """SHA-256 of a text, in hexadecimal digits."""

    def matches(self, text: str, pattern: str) -> str:
        """Whether the whole text has the form of a pattern."""


def salt() -> str:
    """``CX_SALT``, a secret of the project. Without it, hashes can be guessed by whoever knows this file."""
    return os.environ.get("CX_SALT") or DEFAULT_SALT


def is_salt_known() -> bool:
    return salt() == DEFAULT_SALT


def hashes(source: RawSource) -> bool:
    """Whether a column of the source is hashed."""
    return any(column.personal == "hash" for table in source.tables for column in table.columns)


def guarded(column: RawColumn, text: str, dialect: Dialect) -> str:
    """SQL of what is stored of the text column."""
    if column.personal == "drop":
        return "cast(null as varchar)"
    if column.personal != "hash":
        return text
    salted = f"{dialect.literal(salt())} || {text}"
    hashed = f"{dialect.literal(PREFIX)} || left({dialect.hashed(salted)}, {DIGITS})"
    if column.keep is None:
        return f"case when {text} is not null then {hashed} end"
    pattern = FORMS.get(column.keep, column.keep)
    return f"case when {dialect.matches(text, pattern)} then {text} when {text} is not null then {hashed} end"


def hashed_values(loading: Loading, source: RawSource, table: RawTable) -> str | None:
    """A sentence about the columns whose values were hashed because they look like no id or label, or None."""
    names = [column.name for column in table.columns if column.keep]
    if not names:
        return None
    start = loading.literal(PREFIX)
    counts = ", ".join(
        f"sum(case when left({loading.identifier(name)}, {len(PREFIX)}) = {start} then 1 else 0 end)" for name in names
    )
    found = first_row(loading, f"select {counts} from {loading.relation(source.schema, table.name)}")  # noqa: S608
    hashed = [f"{name} ({count:,})" for name, count in zip(names, found, strict=True) if count]
    return f"values of unexpected form were stored as hashes: {', '.join(hashed)}" if hashed else None

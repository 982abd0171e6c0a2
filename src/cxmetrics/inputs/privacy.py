"""What may be personal is hashed or dropped while it is read, so that no table, log or page can hold it.

The same value gives the same hash in every table, so joins still work. Ids of persons are always hashed, whatever they
look like. Ids of things are kept where they clearly look like ids, labels where somebody has listed them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from cxmetrics.engines.interface import Loading, first_row
from cxmetrics.engines.quoting import Constant
from cxmetrics.engines.sql import Sql, joined, sql
from cxmetrics.inputs.declaration import RawColumn, RawSource, RawTable
from cxmetrics.inputs.labels import SEED
from cxmetrics.inputs.source_settings import ID, LISTED

PREFIX = "hashed_"
# Hexadecimal digits kept of HMAC-SHA256, 72 bits: two of a hundred million values share them once in a million times.
DIGITS = 18

# ``keep``: the id of a thing. A number of at most five digits (birth dates have six or eight, telephone numbers more);
# a few capitals with a number, more of them with a long one (a login is a name with a short one), and short parts after
# it (INC0012345, T1-004-I); or a UUID.
FORM_OF_ID = (
    r"[0-9]{1,5}"
    r"|([A-Z]{1,3}[-_#]?[0-9]{1,8}|[A-Z]{4,10}[-_#]?[0-9]{5,8})([-_:.]([0-9]{1,3}|[A-Z])){0,3}"
    r"|[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
)
# A birth date behind capitals, year first or last; a year of two digits only between separators, as six digits in a row
# are the number of a ticket as often.
MONTH, DAY = "(0[1-9]|1[0-2])", "(0[1-9]|[12][0-9]|3[01])"
YEAR, MARK = "(19|20)[0-9]{2}", "[-_:./]"
WITH_YEAR = f"{YEAR}{MARK}?{MONTH}{MARK}?{DAY}|{DAY}{MARK}?{MONTH}{MARK}?{YEAR}"
SHORT = f"[0-9]{{2}}{MARK}{MONTH}{MARK}{DAY}|{DAY}{MARK}{MONTH}{MARK}[0-9]{{2}}"
FORM_OF_DATE = f"[A-Z]+[-_#]?({WITH_YEAR}|{SHORT})([-_:.].*)?"


class Dialect(Protocol):
    """The SQL of where the values are read."""

    def literal(self, text: Constant) -> Sql: ...

    def hashed(self, text: str) -> Sql:
        """HMAC-SHA256 of a text with the project's salt, in hexadecimal digits."""

    def matches(self, text: str, pattern: str) -> Sql:
        """Whether the whole text has the form of a pattern."""


def hashes(source: RawSource) -> bool:
    """Whether a column of the source is hashed."""
    return any(column.is_hashed for table in source.tables for column in table.columns)


def guarded(column: RawColumn, text: str, dialect: Dialect) -> Sql:
    """SQL of what is stored of the text column."""
    if column.personal == "drop":
        return Sql("cast(null as varchar)")
    if not column.is_hashed:
        return sql("{text}", text=text)
    whens = [
        sql(" when {condition} then {kept}", condition=condition, kept=kept)
        for condition, kept in _kept(column, Sql(text), dialect)
    ]
    return sql(
        "case{kept} when {text} is not null then {prefix} || left({hashed}, {digits}) end",
        kept=joined(whens, ""),
        text=text,
        prefix=dialect.literal(PREFIX),
        hashed=dialect.hashed(text),
        digits=DIGITS,
    )


def may_hold_any_sign(column: RawColumn) -> bool:
    """Whether what is stored of it may hold signs that no id, listed label or hash has."""
    return column.personal in (None, "none") or column.keep not in (None, ID, LISTED)


def _kept(column: RawColumn, text: Sql, dialect: Dialect) -> Iterator[tuple[Sql, Sql]]:
    """SQL of when a value is kept, and as what."""
    if column.keep == ID:
        forms = {"an_id": dialect.matches(text, FORM_OF_ID), "a_date": dialect.matches(text, FORM_OF_DATE)}
        yield sql("{an_id} and not {a_date}", **forms), text
    elif column.keep == LISTED:
        labels = [dialect.literal(label) for label in column.labels]
        if labels:
            yield sql("{text} in ({labels})", text=text, labels=joined(labels)), text
        # Another spelling of a listed label is that label: joined to a seed, "Relationship" is the relationship.
        for label in labels:
            yield sql("{text} = {label}", text=_folded(text), label=_folded(label)), label
    elif column.keep is not None:
        yield dialect.matches(text, column.keep), text


def _folded(text: str) -> Sql:
    """SQL: a label without case, blanks, hyphens and underscores."""
    return sql(r"regexp_replace(lower({text}), '[\s_-]+', '', 'g')", text=text)


def hashed_values(loading: Loading, source: RawSource, table: RawTable) -> list[str]:
    """Sentences about the columns in which values were hashed because they are no ids and no listed labels.

    They name no value: it may be personal.
    """
    columns = [column for column in table.columns if column.keep and column.personal != "person"]
    hashed = {column: counts for column, counts in _hashed(loading, source, table, columns).items() if counts[0]}
    others = [f"{column.name} ({rows:,})" for column, (rows, _) in hashed.items() if column.keep != LISTED]
    sentences = [f"values of unexpected form were stored as hashes: {', '.join(others)}"] if others else []
    # Of these a rule says more, and rejects them.
    rules = {expectation.rule for expectation in table.expectations}
    closed = {check.arguments.get("column") for check in table.expectations if check.is_closed_set}
    labels = {
        column: counts
        for column, counts in hashed.items()
        if column.keep == LISTED and f"unknown_{column.name}" not in rules and column.name not in closed
    }
    if labels:
        counted = [
            f"{column.name} ({distinct:,} in {rows:,} row{'s' * (rows != 1)})"
            for column, (rows, distinct) in labels.items()
        ]
        sentences.append(
            f"labels that nobody lists were stored as hashes: {', '.join(counted)}; a line in seeds/{SEED} keeps one:"
            f" {next(iter(labels)).labels_of[0]},LABEL"
        )
    return sentences


def _hashed(
    loading: Loading, source: RawSource, table: RawTable, columns: list[RawColumn]
) -> dict[RawColumn, tuple[int, int]]:
    """By column how many rows hold a hash, and how many hashes there are."""
    if not columns:
        return {}
    length, prefix, counts = len(PREFIX), loading.literal(PREFIX), []
    for name in (loading.identifier(column.name) for column in columns):
        given = "case when left({name}, {length}) = {prefix} then {name} end"
        hashed = sql(given, name=name, length=length, prefix=prefix)
        counts += [sql("count({hashed})", hashed=hashed), sql("count(distinct {hashed})", hashed=hashed)]
    relation = loading.relation(source.schema, table.name)
    found = first_row(loading, sql("select {counts} from {relation}", counts=joined(counts), relation=relation))
    return dict(zip(columns, zip(found[::2], found[1::2], strict=True), strict=True))

"""Numbers as spreadsheets write them: which sign begins the decimals, and which ones only group the thousands.

1,200 is twelve hundred in one country and one and a fifth in another. The other numbers of a file say which, or a
declaration does; where neither says it, nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from cxmetrics.engines.duckdb.loading import DuckDBLoading
from cxmetrics.engines.quoting import literal
from cxmetrics.engines.sql import Sql, joined, sql

# What begins the decimals; "both" where the numbers of one file say both.
Mark = Literal[",", ".", "both"]
NUMBER = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"
# Blanks, also hard and narrow ones, and apostrophes are never decimal marks.
NEUTRAL = " \u00a0\u202f'’"
OTHER = {",": ".", ".": ","}
AMBIGUOUS = "[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}"


def _groups(marks: str, least: str = "+") -> str:
    return f"[0-9]{{1,3}}([{marks}][0-9]{{3}}){least}"


def _form(mark: str) -> str:
    """A number whose decimals begin with the mark."""
    decimal, other = f"[{mark}]", OTHER[mark]
    return f"[+-]?({_groups(other + NEUTRAL)}|[0-9]+)({decimal}[0-9]*)?"


def _telling(mark: str) -> str:
    """A number whose decimals can only begin with the mark."""
    decimal, other = f"[{mark}]", OTHER[mark]
    return (
        f"[+-]?({_groups(other + NEUTRAL)}{decimal}[0-9]+|{_groups(other, '{2,}')}"
        f"|[0-9]+{decimal}([0-9]{{1,2}}|[0-9]{{4,}})|(0[0-9]*|[0-9]{{4,}}){decimal}[0-9]{{3}})"
    )


@dataclass(frozen=True)
class Amounts:
    """What the numbers of one file say. ``ambiguous``: by column how many of them may mean two things."""

    mark: Mark | None = None
    ambiguous: tuple[tuple[str, int], ...] = ()


def counts(columns: Sequence[str]) -> list[Sql]:
    """SQL aggregates over the text columns: how many numbers tell a decimal comma, how many a decimal point, and of
    each column how many are ambiguous."""
    kinds = [_kind(column) for column in columns]
    told = [joined([sql("count(*) filter ({kind} = {code})", kind=kind, code=code) for kind in kinds], " + ")
            for code in (1, 2)]  # fmt: skip
    return [*told, *(sql("count(*) filter ({kind} = 3)", kind=kind) for kind in kinds)] if kinds else []


def _kind(column: str) -> Sql:
    text = sql("trim({column})", column=column)
    return sql(
        "(case when contains({column}, ',') or contains({column}, '.') then"
        " case when {ambiguous} then 3 when {comma} then 1 when {point} then 2 end end)",
        column=column,
        ambiguous=DuckDBLoading.matches(text, AMBIGUOUS),
        comma=DuckDBLoading.matches(text, _telling(",")),
        point=DuckDBLoading.matches(text, _telling(".")),
    )


def found(names: Sequence[str], numbers: Sequence[int]) -> Amounts:
    """What the numbers of the aggregates mean."""
    if not numbers:
        return Amounts()
    comma, point, *ambiguous = numbers
    mark: Mark | None = "both" if comma and point else "," if comma else "." if point else None
    return Amounts(mark, tuple((name, rows) for name, rows in zip(names, ambiguous, strict=True) if rows))


def number(text: str, mark: Mark | None) -> Sql:
    """SQL of the text as a number the usual way, which casts; null for what can not be told."""
    point, comma = (_plain(text, mark) for mark in (".", ","))
    usual = sql("when {fits} then {text}", fits=DuckDBLoading.matches(text, NUMBER), text=text)
    grouped = sql("when {fits} then {plain}", fits=DuckDBLoading.matches(text, f"[+-]?{_groups(NEUTRAL)}"), plain=point)
    by_mark = {
        None: (usual, grouped),
        ".": (usual, _when(text, _form("."), point)),
        ",": (_when(text, _form(","), comma),),
        "both": (
            _when(text, AMBIGUOUS, Sql("null")),
            _when(text, _telling(","), comma),
            usual,
            _when(text, _form("."), point),
        ),
    }[mark]
    return sql("case {whens} end", whens=joined(by_mark, " "))


def _when(text: str, pattern: str, value: str) -> Sql:
    return sql("when {fits} then {value}", fits=DuckDBLoading.matches(text, pattern), value=value)


def _plain(text: str, mark: str) -> Sql:
    """Without what groups the thousands, and with a point before the decimals."""
    grouping = literal(f"[{OTHER[mark]}{NEUTRAL}]")
    ungrouped = sql("regexp_replace({text}, {grouping}, '', 'g')", text=text, grouping=grouping)
    return sql("replace({text}, ',', '.')", text=ungrouped)

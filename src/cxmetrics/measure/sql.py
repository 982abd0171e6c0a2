"""Pieces of SQL that several queries over metrics share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Protocol

from cxmetrics.engines.sql import Sql, joined, sql

if TYPE_CHECKING:
    from cxmetrics.definitions.calendar import Calendar


class SqlTypes(Protocol):
    """How an engine writes what has no name in common: types, text constants, and the names of the schemas that dbt
    builds. Every engine object is one."""

    double: str
    text: str
    build_prefix: str

    def literal(self, text: str) -> Sql:
        """``text`` as a string constant for SQL."""


def constant(value: object, types: SqlTypes) -> Sql:
    """``value`` as a text constant; ``null`` for None."""
    return Sql("null") if value is None else types.literal(str(value))


def first_day_sql(grain: str, day: str, calendar: Calendar) -> Sql:
    """The first day of the period that the date (or timestamp) ``day`` lies in. Weeks begin on Monday for every
    database: those that begin on another day are moved there and back."""
    if grain != "week" or not calendar.days_to_monday:
        return sql("cast(date_trunc('{grain}', {day}) as date)", grain=grain, day=day)
    return sql(
        "cast(date_trunc('week', {day} + interval '{days}' day) - interval '{days}' day as date)",
        day=day,
        days=calendar.days_to_monday,
    )


def listed_names(metrics: Iterable[str]) -> Sql:
    """A query with one row per metric, its name: for ``of_metric``."""
    return joined([sql("select '{name}' as metric", name=name) for name in metrics], " union all ")


def of_metric(expressions: Mapping[str, str], data_type: str) -> Sql:
    """The expression that belongs to the metric of the row of ``listed``."""
    cases = [
        sql("when '{name}' then cast({value} as {type})", name=name, value=value, type=data_type)
        for name, value in expressions.items()
    ]
    return sql("case listed.metric {cases} end", cases=joined(cases, " "))


def columns(names: Iterable[str]) -> Sql:
    """``names`` as the beginning of a list that goes on: each with a comma after it."""
    return joined([sql("{name}, ", name=name) for name in names], "")


def after(names: Iterable[str]) -> Sql:
    """``names`` as the rest of a list: each with a comma before it."""
    return joined([sql(", {name}", name=name) for name in names], "")

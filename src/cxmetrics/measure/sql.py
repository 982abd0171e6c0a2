"""Pieces of SQL that several queries over metrics share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from cxmetrics.engines.sql import Sql, joined, sql


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

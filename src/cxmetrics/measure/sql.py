"""Pieces of SQL that several queries over metrics share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol


class SqlTypes(Protocol):
    """How an engine writes what has no name in common: types, text constants, and the names of the schemas that dbt
    builds. Every engine object is one."""

    double: str
    text: str
    build_prefix: str

    def literal(self, text: str) -> str:
        """``text`` as a string constant for SQL."""


def constant(value: object, types: SqlTypes) -> str:
    """``value`` as a text constant; ``null`` for None."""
    return "null" if value is None else types.literal(str(value))


def of_metric(expressions: Mapping[str, str], data_type: str) -> str:
    """The expression that belongs to the metric of the row of ``listed``."""
    cases = " ".join(f"when '{name}' then cast({sql} as {data_type})" for name, sql in expressions.items())
    return f"case listed.metric {cases} end"


def columns(names: Iterable[str]) -> str:
    """``names`` as the beginning of a list that goes on: each with a comma after it."""
    return "".join(f"{name}, " for name in names)

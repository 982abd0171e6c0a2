"""Golden cases as worked examples: the rows that go in and the numbers that come out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cxmetrics.definitions.golden_case import case_path, read_case
from cxmetrics.definitions.units import NOTHING

if TYPE_CHECKING:
    from cxmetrics.definitions.golden_case import ExpectedRow
    from cxmetrics.definitions.metric import Metric
    from cxmetrics.definitions.project import Project


@dataclass(frozen=True)
class GivenTable:
    """The rows of one model; every cell as it stands in the golden case."""

    model: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class WorkedExample:
    """The golden case of a metric; ``file`` is relative to the project."""

    given: tuple[GivenTable, ...]
    expected: tuple[ExpectedRow, ...]
    file: str


def read_example(project: Project, metric: Metric) -> WorkedExample | None:
    """The golden case of ``metric``, or None when it has none. Raises CxError when the file is wrong."""
    path = case_path(project, metric)
    if not path.is_file():
        return None
    golden = read_case(project, path)
    given = tuple(_table(model, rows) for model, rows in golden.given.items())
    return WorkedExample(given, tuple(golden.expect), golden.source.name)


def _table(model: str, rows: list[dict[str, Any]]) -> GivenTable:
    columns = tuple(dict.fromkeys(column for row in rows for column in row))
    return GivenTable(model, columns, tuple(tuple(_cell(row.get(column)) for column in columns) for row in rows))


def _cell(value: Any) -> str:
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)

"""Which engine a target of ``profiles.yml`` runs on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from cxmetrics.definitions.project import Project
from cxmetrics.engines.interface import Engine
from cxmetrics.engines.profile import read_output
from cxmetrics.errors import CxError

Settings = Mapping[str, Any]


@dataclass(frozen=True)
class _Home:
    """How the engine of a type of target is made, and the modules it needs beyond those that are always installed."""

    make: Callable[[Project, str, Settings], Engine]
    needs: tuple[str, ...] = ()


# An engine is imported when it is asked for: its drivers take time, and only those that are used must be installed.
def _duckdb(project: Project, target: str, settings: Settings) -> Engine:
    from cxmetrics.engines.duckdb.engine import DuckDBEngine

    return DuckDBEngine(project, target, settings)


def _postgres(project: Project, target: str, settings: Settings) -> Engine:
    from cxmetrics.engines.postgres.engine import PostgresEngine

    return PostgresEngine(project, target, settings)


def _spark(project: Project, target: str, settings: Settings) -> Engine:
    from cxmetrics.engines.spark.engine import SparkEngine

    return SparkEngine(project, target, settings)


# By the type of a target in profiles.yml, which is also the name of the extra that brings what it needs.
ENGINES = {
    "duckdb": _Home(_duckdb),
    "postgres": _Home(_postgres, ("psycopg", "dbt.adapters.postgres")),
    "spark": _Home(_spark, ("pyspark", "dbt.adapters.spark")),
}


def engine_for(project: Project, target: str | None = None) -> Engine:
    """The engine of a target of ``profiles.yml``; of its default one (dbt's way: DBT_TARGET, else ``target:``).

    Raises CxError for a target that is not there or not supported, and when what it needs is not installed.
    """
    name, output = read_output(project, target, ENGINES)
    home = ENGINES[output["type"]]
    try:
        missing = next((module for module in home.needs if find_spec(module) is None), None)
        if missing is None:
            return home.make(project, name, output)
    except ImportError as error:
        missing = error.name or str(error)
    raise CxError(
        f"the target {name} needs the Python module {missing}, which is not installed",
        next_step=f"pip install 'cxmetrics[{output['type']}]'",
    )

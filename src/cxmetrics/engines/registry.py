"""Which engine a target of ``profiles.yml`` runs on."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

from cxmetrics.definitions.project import Project
from cxmetrics.engines.interface import Engine
from cxmetrics.engines.profile import read_output
from cxmetrics.errors import CxError


@dataclass(frozen=True)
class _Home:
    """Where the engine of a type of target lies, and the modules it needs beyond those that are always installed."""

    module: str
    name: str
    needs: tuple[str, ...] = ()


# By the type of a target in profiles.yml, which is also the name of the extra that brings what it needs.
ENGINES = {
    "duckdb": _Home("cxmetrics.engines.duckdb.engine", "DuckDBEngine"),
    "postgres": _Home("cxmetrics.engines.postgres.engine", "PostgresEngine", ("psycopg", "dbt.adapters.postgres")),
    "spark": _Home("cxmetrics.engines.spark.engine", "SparkEngine", ("pyspark", "dbt.adapters.spark")),
}


def engine_for(project: Project, target: str | None = None) -> Engine:
    """The engine of a target of ``profiles.yml``; of its default one (dbt's way: DBT_TARGET, else ``target:``).

    Raises CxError for a target that is not there or not supported, and when what it needs is not installed.
    """
    name, output = read_output(project, target, ENGINES)
    home = ENGINES[output["type"]]
    try:
        missing = next((module for module in home.needs if find_spec(module) is None), None)
        engine = None if missing else getattr(import_module(home.module), home.name)
    except ImportError as error:
        missing = error.name or str(error)
    if missing:
        raise CxError(
            f"the target {name} needs the Python module {missing}, which is not installed",
            next_step=f"pip install 'cxmetrics[{output['type']}]'",
        )
    return engine(project, name, output)

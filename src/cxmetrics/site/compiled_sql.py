"""The SQL of every metric for the published tables, as MetricFlow compiles it; a survival metric, which MetricFlow does
not have, in cxmetrics' own.

Compiling takes some thirty milliseconds a metric, so what was compiled is kept beside dbt's semantic manifest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxmetrics.engines.sql import sql as sql_of
from cxmetrics.errors import CxError
from cxmetrics.measure import remembered
from cxmetrics.published.figures import trend_grain

if TYPE_CHECKING:
    from cxmetrics.definitions.metric import Metric
    from cxmetrics.definitions.project import Project
    from cxmetrics.engines.interface import Engine
    from cxmetrics.progress import Report

KIND = "site"


def compiled_sql(project: Project, engine: Engine, metrics: dict[str, Metric], report: Report) -> dict[str, str]:
    """Metric -> SQL, in the grain its trend is shown in; without the metrics that dbt has not described yet."""
    if not project.semantic_manifest_path.is_file():
        return {}
    grains = {name: trend_grain(metric) for name, metric in metrics.items()}
    asked = [engine.dialect, engine.relation("service", "fct_tickets"), grains, project.calendar.week_starts_on]
    manifest = project.semantic_manifest_path.read_text(encoding="utf-8")
    try:
        kept = remembered.place(project.semantic_manifest_path, manifest, KIND, *asked)
    except ValueError:
        return {}
    found = remembered.read(kept)
    if not isinstance(found.get("sql"), dict):
        found = {"sql": _compile(project, engine, metrics, report)}
        remembered.write(kept, found)
    return dict(found["sql"])


def _compile(project: Project, engine: Engine, metrics: dict[str, Metric], report: Report) -> dict[str, str]:
    from cxmetrics.measure.compiler import Semantics
    from cxmetrics.measure.measures import measures
    from cxmetrics.measure.question import Question

    sql: dict[str, str] = {}
    try:
        semantics = Semantics.load(project.semantic_manifest_path, engine.dialect, engine.relation, project.calendar)
    except CxError:
        return sql
    for done, (name, metric) in enumerate(metrics.items(), start=1):
        report("compiling SQL", done, len(metrics))
        grain = trend_grain(metric)
        try:
            if metric.is_survival:
                rows = measures(semantics, [metric], Question(grain), engine.double)
                template = (
                    "select cast(period_start as date) as period_start, value as {name}\nfrom (\n{rows}\n) as answer"
                )
                sql[name] = sql_of(template, name=name, rows=rows) if grain else rows
            else:
                sql[name] = semantics.sql([name], grain)
        except CxError:
            continue  # its file is newer than what dbt described
    return sql

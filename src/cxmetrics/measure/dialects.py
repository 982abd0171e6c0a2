"""The dialects of SQL that MetricFlow writes, and one of its own with a mark in place of the grain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from metricflow.protocols.sql_client import SqlClient, SqlEngine
from metricflow.sql.render.big_query import BigQuerySqlPlanRenderer
from metricflow.sql.render.databricks import DatabricksSqlPlanRenderer
from metricflow.sql.render.duckdb_renderer import DuckDbSqlPlanRenderer
from metricflow.sql.render.expr_renderer import DefaultSqlExpressionRenderer, SqlExpressionRenderResult
from metricflow.sql.render.postgres import PostgresSQLSqlPlanRenderer
from metricflow.sql.render.snowflake import SnowflakeSqlPlanRenderer
from metricflow.sql.render.sql_plan_renderer import SqlPlanRenderer
from metricflow_semantic_interfaces.type_enums.time_granularity import TimeGranularity
from metricflow_semantics.sql.sql_exprs import SqlDateTruncExpression

from cxmetrics.engines.quoting import SparkQuoting, StandardQuoting
from cxmetrics.engines.sql import Sql
from cxmetrics.measure.sql import first_day_sql

if TYPE_CHECKING:
    from cxmetrics.definitions.calendar import Calendar

# Spark has no renderer of its own in MetricFlow; Databricks' SQL is Spark's.
DIALECTS: dict[str, tuple[SqlEngine, SqlPlanRenderer]] = {
    "duckdb": (SqlEngine.DUCKDB, DuckDbSqlPlanRenderer()),
    "postgres": (SqlEngine.POSTGRES, PostgresSQLSqlPlanRenderer()),
    "spark": (SqlEngine.DATABRICKS, DatabricksSqlPlanRenderer()),
    "databricks": (SqlEngine.DATABRICKS, DatabricksSqlPlanRenderer()),
    "snowflake": (SqlEngine.SNOWFLAKE, SnowflakeSqlPlanRenderer()),
    "bigquery": (SqlEngine.BIGQUERY, BigQuerySqlPlanRenderer()),
}

# In these a backslash in a text begins an escape.
ESCAPING = ("spark", "databricks", "snowflake", "bigquery")

# Compiling a dozen metrics costs a tenth of a second, and two grains differ in nothing but the name of the grain. So
# SQL is compiled once, for this grain, with a mark where MetricFlow itself (not an expression of the project) names it.
MARKED_GRAIN = TimeGranularity.MONTH
MARK = "$grain$"
# Around the expression that the mark stands in. All time is a period like any other, with one first day.
OPENED, CLOSED = "/*$period*/", "/*period$*/"
ALL_TIME = ("case when ", " is not null then cast('2000-01-01' as timestamp) end")


def literal(dialect: str, text: str) -> str:
    """``text`` as a string constant of a dialect."""
    return (SparkQuoting if dialect in ESCAPING else StandardQuoting).literal(text)


def unmarked(sql: str, grain: str | None) -> str:
    """The SQL for a grain, or for all time, from that for the marked one."""
    opened, closed = ("", "") if grain else ALL_TIME
    return sql.replace(f"'{MARK}'", f"'{grain or 'year'}'").replace(OPENED, opened).replace(CLOSED, closed)


@dataclass(frozen=True)
class _RenderOnly:
    sql_engine_type: SqlEngine
    sql_plan_renderer: SqlPlanRenderer


def render_only(engine: SqlEngine, renderer: SqlPlanRenderer) -> SqlClient:
    """What MetricFlow asks of a SQL client while it compiles; it never gets to the rest of the protocol."""
    return cast(SqlClient, _RenderOnly(engine, renderer))


class _MarkingExpressions(DefaultSqlExpressionRenderer):
    """Stands before a dialect's own renderer."""

    def visit_date_trunc_expr(self, node: SqlDateTruncExpression) -> SqlExpressionRenderResult:
        rendered = super().visit_date_trunc_expr(node)
        if node.time_granularity is not MARKED_GRAIN:
            return rendered
        sql = rendered.sql.replace(f"'{MARKED_GRAIN.value}'", f"'{MARK}'", 1)
        sql = f"{OPENED}{sql}{CLOSED}"
        return SqlExpressionRenderResult(sql=sql, bind_parameter_set=rendered.bind_parameter_set)


def with_weeks(renderer: SqlPlanRenderer, calendar: Calendar) -> SqlPlanRenderer:
    """The renderer with weeks that begin on the calendar's day."""
    dialect = type(renderer.expr_renderer)

    class Weeks(dialect):  # type: ignore[misc, valid-type]
        def visit_date_trunc_expr(self, node: SqlDateTruncExpression) -> SqlExpressionRenderResult:
            if node.time_granularity is not TimeGranularity.WEEK:
                return cast(SqlExpressionRenderResult, super().visit_date_trunc_expr(node))
            day = self.render_sql_expr(node.arg)
            first_day = first_day_sql("week", Sql(day.sql), calendar)
            return SqlExpressionRenderResult(sql=first_day, bind_parameter_set=day.bind_parameter_set)

    plans: type[SqlPlanRenderer] = type("WeekPlans", (type(renderer),), {"EXPR_RENDERER": Weeks()})
    return plans()


def marking(renderer: SqlPlanRenderer) -> SqlPlanRenderer | None:
    """The renderer with a mark in place of the grain; None for a dialect that truncates dates in its own way."""
    dialect = type(renderer.expr_renderer)
    if dialect.visit_date_trunc_expr is not DefaultSqlExpressionRenderer.visit_date_trunc_expr:
        return None
    expressions = type("MarkingExpressions", (_MarkingExpressions, dialect), {})
    plans: type[SqlPlanRenderer] = type("MarkingPlans", (type(renderer),), {"EXPR_RENDERER": expressions()})
    return plans()

"""``metrics.metric_values``: every metric by every grain, period and dimension, with n, interval, status and target.

Computed by the database, in one transaction: a reader sees the old table or the new one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cxmetrics import __version__
from cxmetrics.definitions.metric import GRAINS
from cxmetrics.definitions.people import AGENT
from cxmetrics.definitions.periods import ISO
from cxmetrics.engines.sql import Sql, joined, sql
from cxmetrics.errors import CxError
from cxmetrics.measure.baseline import BASELINE_COLUMNS
from cxmetrics.measure.breaks import BREAK
from cxmetrics.measure.broken_columns import explained
from cxmetrics.measure.judgement import definitions_sql, judged, needed_sql, periods_sql, targets_sql
from cxmetrics.measure.measures import has_data, measures
from cxmetrics.measure.question import Question
from cxmetrics.published.build_info import SEPARATOR
from cxmetrics.published.schema import (
    ALL,
    BUILD_AS_OF,
    BUILD_INFO,
    DAYS,
    METRIC_VALUES,
    SOURCE_COVERAGE,
    UNKNOWN,
    WrittenTable,
    published_metrics,
)

if TYPE_CHECKING:
    from cxmetrics.definitions.calendar import Calendar
    from cxmetrics.definitions.metric import Metric
    from cxmetrics.definitions.people import People
    from cxmetrics.definitions.project import Project
    from cxmetrics.engines.interface import Engine
    from cxmetrics.measure.compiler import Semantics
    from cxmetrics.measure.sql import SqlTypes

UNSLICED_GRAIN = "day"
# Values before they are placed on the spine; lives only inside the transaction.
MEASURED = "metrics.measured_values"


@dataclass(frozen=True)
class Batch:
    """One question put to several metrics at once; its answer becomes rows of one grain and dimension."""

    metrics: tuple[Metric, ...]
    grain: str
    dimension: str

    @property
    def question(self) -> Question:
        return Question(
            grain=None if self.grain == ALL else self.grain, by=() if self.dimension == ALL else (self.dimension,)
        )


def write_metric_values(
    project: Project,
    engine: Engine,
    semantics: Semantics,
    sources: Sequence[str] | None = None,
    on_step: Callable[[int, int], None] = lambda done, steps: None,
) -> int:
    """Write ``metrics.metric_values`` and ``metrics.build_info`` into the build database; returns the rows written.

    ``sources`` are those the build read; by default those of ``dbt_project.yml``.

    Dimension ``all`` has a row for every metric, grain and period of the data; other dimensions where there is data,
    from weeks upwards. ``on_step(done, steps)`` is called as the work goes on. Raises CxError with file and line when a
    metric or block reads a column that does not exist, and when a null and the text 'unknown' would become one row.
    """
    metrics = published_metrics(project)
    people = project.people
    work = list(batches(metrics, people))
    sources = project.vars.get("sources", []) if sources is None else sources
    try:
        with engine.writing() as connection:
            measured = _built(MEASURED, engine)
            connection.execute(f"drop table if exists {measured}")
            for done, batch in enumerate(work):
                on_step(done, len(work))
                answer = _measured(semantics, batch, engine)
                connection.execute(
                    f"insert into {measured} {answer}" if done else f"create table {measured} as {answer}"
                )
            for statement in _tables(metrics, sources, project, engine):
                connection.execute(statement)
            values = _built(METRIC_VALUES.name, engine)
            _require_unique(connection, values)
            on_step(len(work), len(work))
            ((written,),) = connection.execute(sql("select count(*) from {values}", values=values)).fetchall()
            return int(written)
    except engine.failure as error:
        with engine.building() as connection:
            raise explained(project, engine, semantics, metrics, connection, error) from error


def compile_questions(project: Project, engine: Engine, semantics: Semantics) -> None:
    """Compile what ``write_metric_values`` will ask, so that it can be done while the models are still being built.

    ``semantics`` remembers the SQL. Compiling is most of the time that metric values take.
    """
    for batch in batches(published_metrics(project), project.people):
        _measured(semantics, batch, engine)


def batches(metrics: Sequence[Metric], people: People) -> Iterator[Batch]:
    """What has to be asked: for every grain and dimension, the metrics that declare both; a day is not sliced.

    One dimension value on one day is a handful of cases: nearly all of these rows would say insufficient_sample, and
    they would be two of five rows of the table. ``cx query --grain day --by`` answers for them.
    """
    declared = sorted({name for metric in metrics for name in metric.meta.dimensions})
    dimensions = [ALL, *(name for name in declared if people.publishes(name))]
    for grain in GRAINS:
        for name in dimensions:
            asked = tuple(
                metric
                for metric in metrics
                if grain in metric.meta.grains
                and (name == ALL or (name in metric.meta.dimensions and grain != UNSLICED_GRAIN))
                and {*metric.meta.only_by} <= {name}
            )
            if asked:
                yield Batch(asked, grain, name)


def _measured(semantics: Semantics, batch: Batch, types: SqlTypes) -> Sql:
    """The answer to a batch in the shape of the measured table."""
    answer = measures(semantics, batch.metrics, batch.question, types.double)
    period: str = "period_start"
    if batch.grain == ALL:
        period = sql("(select min(date_day) from {days})", days=_built(DAYS, types))
    value = types.literal(ALL)
    if batch.dimension != ALL:
        known = "coalesce(cast({dimension} as {text}), '{unknown}')"
        value = sql(known, dimension=batch.dimension, text=types.text, unknown=UNKNOWN)
    # By the hint, a comment to all others, Spark writes one file and not one for each part of the union.
    return sql(
        """select /*+ coalesce(1) */ metric, '{grain}' as grain, cast({period} as date) as period_start,
    '{dimension}' as dimension, {value} as dimension_value, value, n, ci_low, ci_high, response_rate,
    {baseline}, {broken}
from (
{answer}
) as asked
where {has_data}""",
        grain=batch.grain,
        period=period,
        dimension=batch.dimension,
        value=value,
        baseline=joined(BASELINE_COLUMNS),
        broken=BREAK,
        answer=answer,
        has_data=has_data(batch.metrics),
    )


def _tables(metrics: Sequence[Metric], sources: Sequence[str], project: Project, types: SqlTypes) -> Iterator[str]:
    values, info = _built(METRIC_VALUES.name, types), _built(BUILD_INFO.name, types)
    placed = metric_values_sql(metrics, project.people, types, project.calendar)
    yield f"drop table if exists {values}"
    yield f"create table {values} as {_declared(METRIC_VALUES, placed, types)}"
    yield f"drop table {_built(MEASURED, types)}"
    yield f"drop table if exists {info}"
    # The loads of sources that this build did not read are still there.
    rests_on = sql(
        """select as_of, {sources} as sources,
    (
        select coalesce(max(case when is_synthetic then 1 else 0 end), 0) = 1
        from quarantine.loads where source_name in ({names})
    ) as is_synthetic,
    {version} as version, {time_zone} as reporting_timezone, {week_starts_on} as week_starts_on
from {build_as_of}""",
        sources=types.literal(SEPARATOR.join(sources)),
        names=joined(map(types.literal, sources)) or "null",
        version=types.literal(__version__),
        time_zone=types.literal(project.calendar.time_zone),
        week_starts_on=types.literal(project.calendar.week_starts_on),
        build_as_of=_built(BUILD_AS_OF, types),
    )
    yield f"create table {info} as {_declared(BUILD_INFO, rests_on, types)}"


def _declared(table: WrittenTable, query: Sql, types: SqlTypes) -> Sql:
    """The query with the columns and types that the table is declared with, in their order: its contract."""
    names = {"string": types.text, "double": types.double}
    columns = [
        sql("cast({name} as {type}) as {name}", name=name, type=names.get(column.data_type, column.data_type))
        for name, column in table.columns.items()
    ]
    return sql("select {columns}\nfrom (\n{query}\n) as written", columns=joined(columns, ",\n    "), query=query)


def _require_unique(connection: Any, table: str) -> None:
    query = sql(
        "select metric, dimension, dimension_value from {table}"
        " group by metric, grain, period_start, dimension, dimension_value having count(*) > 1 order by 1, 2 limit 1",
        table=table,
    )
    twice = connection.execute(query).fetchone()
    if twice:
        raise CxError(
            f"the dimension '{twice[1]}' of {twice[0]} has facts without a value and facts with the value '{twice[2]}'",
            next_step=f"give the column {twice[1]} of the fact one of the two, in the model",
        )


def _built(table: str, types: SqlTypes) -> str:
    """A published table where the build has it."""
    return f"{types.build_prefix}{table}"


def metric_values_sql(metrics: Sequence[Metric], people: People, types: SqlTypes, calendar: Calendar = ISO) -> Sql:
    """The query that places the measured values on the spine and judges them; its columns are those of
    ``METRIC_VALUES``."""
    return judged(
        "metric_values",
        definitions=definitions_sql(metrics, types),
        targets=targets_sql(metrics, types),
        periods=periods_sql(_built(DAYS, types), calendar),
        days=_built(DAYS, types),
        measured=_built(MEASURED, types),
        needed=needed_sql(metrics, types),
        source_coverage=_built(SOURCE_COVERAGE, types),
        build_as_of=_built(BUILD_AS_OF, types),
        AGENT=AGENT,
        smallest_group=people.smallest_group(AGENT),
        UNSLICED=UNSLICED_GRAIN,
    )

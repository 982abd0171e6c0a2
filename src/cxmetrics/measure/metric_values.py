"""``metrics.metric_values``: every metric by every grain, period and slice, with n, interval, status and target.

Computed by the database, in one transaction: a reader sees the old table or the new one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cxmetrics import __version__
from cxmetrics.definitions.metric import GRAINS
from cxmetrics.errors import CxError
from cxmetrics.measure.broken_columns import explained
from cxmetrics.measure.measures import Question, SqlTypes, measures
from cxmetrics.measure.small_cells import LEAST_SHOWN, PERSON, STATUS, shown

if TYPE_CHECKING:
    from cxmetrics.definitions.metric import Metric
    from cxmetrics.definitions.project import Project
    from cxmetrics.engines.interface import Engine
    from cxmetrics.measure.compiler import Semantics

ALL = "all"
UNKNOWN = "unknown"
UNSLICED_GRAIN = "day"
TABLE = "metrics.metric_values"
BUILD_INFO = "metrics.build_info"
DAYS = "metrics.dim_dates"
AS_OF = "metrics.build_as_of"
# Values before they are placed on the spine; lives only inside the transaction.
MEASURED = "metrics.measured_values"

# Column -> what it says; also the comments on the published table.
COLUMNS = {
    "metric": "Name of the published metric.",
    "domain": "service or experience; service is a part of experience.",
    "grain": "Length of the period: day, week (from Monday), month, quarter, year, all.",
    "period_start": "First day of the period (UTC); for grain all the first day of the data.",
    "slice": "Dimension the value is for; all when it is for everything, as it always is for the grain day.",
    "slice_value": "Value of the dimension; unknown where a fact has none.",
    "value": "The metric, in its unit; null when there is no data.",
    "n": "Size of the sample behind the value.",
    "ci_low": "Lower end of the 95 % interval; null where none is defined or the sample is too small for one.",
    "ci_high": "Upper end of the 95 % interval; null where none is defined or the sample is too small for one.",
    "response_rate": "Share of those asked, and given their days to answer, who did; null where it is not known.",
    "low_response": "The response rate lies under the floor of the metric; null without response rate.",
    "status": "no_data, suppressed (under 5 cases of one agent: no value is shown, only n), immature (the period or the"
    " maturity window after it is not over), insufficient_sample, ok.",
    "target": "Target in force at the start of the period, for the segment where there is one; null without target.",
    "target_status": "met or missed when the whole interval lies on one side of the target, else unclear; none.",
    "unit": "Unit of value, interval and target.",
    "version": "Version of the metric's definition.",
    "as_of": "The moment the build describes (UTC).",
}
BUILD_INFO_COLUMNS = {
    "as_of": "The moment the build describes (UTC).",
    "sources": "Names of the sources that were read, separated by commas.",
    "is_invented": "Whether any of the inputs is invented demo data.",
    "version": "Version of cxmetrics that made the build.",
}
# A score nobody gave has no response to speak of.
RESPONSE = ", ".join(
    f"case when status not in ('no_data', '{STATUS}') then {sql} end as {column}"
    for column, sql in (("response_rate", "response_rate"), ("low_response", "response_rate < response_floor"))
)
# A period that ends within this tolerance of the as-of date is over: an as-of date is the last moment of a day.
TOLERANCE = "interval '1' second"
LENGTHS = {
    "day": "interval '1' day",
    "week": "interval '7' day",
    "month": "interval '1' month",
    "quarter": "interval '3' month",
    "year": "interval '1' year",
}


@dataclass(frozen=True)
class Step:
    """One question put to several metrics at once; its answer becomes rows of one grain and slice."""

    metrics: tuple[Metric, ...]
    grain: str
    slice: str

    @property
    def question(self) -> Question:
        return Question(grain=None if self.grain == ALL else self.grain, by=() if self.slice == ALL else (self.slice,))


def write_metric_values(
    project: Project,
    engine: Engine,
    semantics: Semantics,
    sources: Sequence[str] | None = None,
    on_step: Callable[[int, int], None] = lambda done, steps: None,
) -> int:
    """Write ``metrics.metric_values`` and ``metrics.build_info`` into the build database; returns the rows written.

    ``sources`` are those the build read; by default those of ``dbt_project.yml``.

    Slice ``all`` has a row for every metric, grain and period of the data; other slices where there is data, from weeks
    upwards.
    ``on_step(done, steps)`` is called as the work goes on. Raises CxError with file and line when a metric or block
    reads a column that does not exist, and when a null and the text 'unknown' would become one row.
    """
    metrics = published_metrics(project)
    steps = list(questions(metrics))
    sources = project.vars.get("sources", []) if sources is None else sources
    try:
        with engine.writing() as connection:
            measured = _built(MEASURED, engine)
            connection.execute(f"drop table if exists {measured}")
            for done, step in enumerate(steps):
                on_step(done, len(steps))
                answer = _measured(semantics, step, engine)
                connection.execute(
                    f"insert into {measured} {answer}" if done else f"create table {measured} as {answer}"
                )
            for statement in _tables(metrics, sources, engine):
                connection.execute(statement)
            _require_unique(connection, _built(TABLE, engine))
            on_step(len(steps), len(steps))
            return connection.execute(f"select count(*) from {_built(TABLE, engine)}").fetchone()[0]  # noqa: S608
    except engine.failure as error:
        with engine.building() as connection:
            raise explained(project, engine, semantics, metrics, connection, error) from error


def published_metrics(project: Project) -> list[Metric]:
    """The metrics that have values: all but drafts."""
    return [metric for metric in project.metrics().values() if metric.meta.lifecycle.state != "draft"]


def compile_questions(project: Project, engine: Engine, semantics: Semantics) -> None:
    """Compile what ``write_metric_values`` will ask, so that it can be done while the models are still being built.

    ``semantics`` remembers the SQL. Compiling is most of the time that metric values take.
    """
    for step in questions(published_metrics(project)):
        _measured(semantics, step, engine)


def questions(metrics: Sequence[Metric]) -> Iterator[Step]:
    """What has to be asked: for every grain and slice, the metrics that declare both; a day is not sliced.

    One slice of one day is a handful of cases: nearly all of these rows would say insufficient_sample, and they would
    be two of five rows of the table. ``cx query --grain day --by`` answers for them.
    """
    slices = [ALL, *sorted({name for metric in metrics for name in metric.meta.dimensions})]
    for grain in GRAINS:
        for name in slices:
            asked = tuple(
                metric
                for metric in metrics
                if grain in metric.meta.grains
                and (name == ALL or (name in metric.meta.dimensions and grain != UNSLICED_GRAIN))
            )
            if asked:
                yield Step(asked, grain, name)


def _measured(semantics: Semantics, step: Step, types: SqlTypes) -> str:
    """The answer to a step in the shape of the measured table."""
    answer = measures(semantics, step.metrics, step.question, types.double)
    period = f"(select min(date_day) from {_built(DAYS, types)})" if step.grain == ALL else "period_start"  # noqa: S608
    value = f"'{ALL}'" if step.slice == ALL else f"coalesce(cast({step.slice} as {types.text}), '{UNKNOWN}')"
    # By the hint, a comment to all others, Spark writes one file and not one for each part of the union.
    return f"""select /*+ coalesce(1) */ metric, '{step.grain}' as grain, cast({period} as date) as period_start,
    '{step.slice}' as slice, {value} as slice_value, value, n, ci_low, ci_high, response_rate
from (
{answer}
) as asked
where {has_data(step.metrics)}"""  # noqa: S608 (names of the project's own definitions)


def has_data(metrics: Sequence[Metric]) -> str:
    """The condition that a row of ``measures`` says anything: somebody was counted, or none is the answer."""
    counted = ", ".join(literal(metric.name) for metric in metrics if metric.is_count)
    return f"value is not null and (n > 0{f' or metric in ({counted})' if counted else ''})"


def _tables(metrics: Sequence[Metric], sources: Sequence[str], types: SqlTypes) -> Iterator[str]:
    values, info = _built(TABLE, types), _built(BUILD_INFO, types)
    yield f"drop table if exists {values}"
    yield f"create table {values} as {metric_values_sql(metrics, types)}"
    yield f"drop table {_built(MEASURED, types)}"
    yield f"drop table if exists {info}"
    # The loads of sources that this build did not read are still there.
    names = ", ".join(literal(source) for source in sources) or "null"
    yield f"""create table {info} as
select as_of, cast({literal(", ".join(sources))} as {types.text}) as sources,
    (
        select coalesce(max(case when is_invented then 1 else 0 end), 0) = 1
        from quarantine.loads where source_name in ({names})
    ) as is_invented,
    cast({literal(__version__)} as {types.text}) as version
from {_built(AS_OF, types)}"""  # noqa: S608


def _require_unique(connection: Any, table: str) -> None:
    twice = connection.execute(
        f"select metric, slice, slice_value from {table}"  # noqa: S608
        " group by metric, grain, period_start, slice, slice_value having count(*) > 1 order by 1, 2 limit 1"
    ).fetchone()
    if twice:
        raise CxError(
            f"the slice '{twice[1]}' of {twice[0]} has facts without a value and facts with the value '{twice[2]}'",
            next_step=f"give the column {twice[1]} of the fact one of the two, in the model",
        )


def _built(table: str, types: SqlTypes) -> str:
    """A published table where the build has it."""
    return f"{types.build_prefix}{table}"


def metric_values_sql(metrics: Sequence[Metric], types: SqlTypes) -> str:
    """The query that places the measured values on the spine and judges them; its columns are ``COLUMNS``."""
    measured = _built(MEASURED, types)
    return f"""with definitions as ({definitions_sql(metrics)}),
targets as ({_targets(metrics, types)}),
periods as ({periods_sql(_built(DAYS, types))}),
cells as (
    select definitions.metric, periods.grain, periods.period_start, periods.ends_at, '{ALL}' as slice,
        '{ALL}' as slice_value, measured.value, measured.n, measured.ci_low, measured.ci_high, measured.response_rate,
        false as is_suppressed
    from definitions
    cross join periods
    left join {measured} as measured
        on definitions.metric = measured.metric and periods.grain = measured.grain
        and periods.period_start = measured.period_start and measured.slice = '{ALL}'
    union all
    select measured.metric, measured.grain, measured.period_start, periods.ends_at, measured.slice,
        measured.slice_value, measured.value, measured.n, measured.ci_low, measured.ci_high, measured.response_rate,
        measured.slice = '{PERSON}' and measured.n < {LEAST_SHOWN} as is_suppressed
    from {measured} as measured
    inner join periods on measured.grain = periods.grain and measured.period_start = periods.period_start
    where measured.slice <> '{ALL}'
),
judged as (
    select cells.*, definitions.domain, definitions.unit, definitions.version, definitions.direction,
        definitions.has_interval, definitions.response_floor, build.as_of,
        {status_sql("cells", "definitions", "build.as_of")} as status,
        coalesce(own.target, general.target) as target
    from cells
    inner join definitions on cells.metric = definitions.metric
    cross join {_built(AS_OF, types)} as build
    left join targets as general on cells.metric = general.metric and general.segment is null
        and {_in_force("general")}
    left join targets as own on cells.metric = own.metric and cells.slice = 'segment'
        and cells.slice_value = own.segment and {_in_force("own")}
)
select metric, domain, grain, period_start, slice, slice_value, {shown("value")}, coalesce(n, 0) as n,
    {shown("ci_low")}, {shown("ci_high")}, {RESPONSE}, status, target,
    {_target_status()} as target_status, unit, version, as_of
from judged
order by metric, grain, slice, slice_value, period_start"""  # noqa: S608


def periods_sql(days: str) -> str:
    """A query with one row per grain and period that a day of the relation ``days`` lies in: grain, period_start and
    ends_at (timestamp, the first moment after the period; null for grain all)."""
    selects = [
        f"select '{grain}' as grain, period_start, cast(period_start as timestamp) + {length} as ends_at\n"  # noqa: S608
        f"from (select distinct cast(date_trunc('{grain}', date_day) as date) as period_start from {days}) as starts"
        for grain, length in LENGTHS.items()
    ]
    selects.append(f"select '{ALL}', min(date_day), cast(null as timestamp) from {days} having count(*) > 0")  # noqa: S608
    return "\nunion all\n".join(selects)


def status_sql(cells: str, definitions: str, as_of: str) -> str:
    """The status of a row with value, n, ends_at and is_suppressed; the first rule that holds wins."""
    return f"""case
        when {cells}.value is null or {cells}.n is null or {cells}.n = 0 and not {definitions}.is_count then 'no_data'
        when {cells}.is_suppressed then '{STATUS}'
        when {cells}.ends_at + {definitions}.maturity_days * interval '1' day > {as_of} + {TOLERANCE} then 'immature'
        when {cells}.n < {definitions}.minimum_sample and not {definitions}.is_count then 'insufficient_sample'
        else 'ok'
    end"""


def _target_status() -> str:
    """No verdict on what may still change or rests on too few; an interval that is missing an end is open there."""
    low = "case when has_interval then ci_low else value end"
    high = "case when has_interval then ci_high else value end"
    return f"""case
        when target is null or direction = 'none' or status in ('no_data', '{STATUS}') then 'none'
        when status <> 'ok' then 'unclear'
        when direction = 'up' and {low} >= target or direction = 'down' and {high} <= target then 'met'
        when direction = 'up' and {high} < target or direction = 'down' and {low} > target then 'missed'
        else 'unclear'
    end"""


def _in_force(targets: str) -> str:
    """A target holds for periods that begin before the next one's date; for all time only the last one does."""
    return (
        f"(cells.grain = '{ALL}' and {targets}.until is null or cells.grain <> '{ALL}'"
        f" and cells.period_start >= {targets}.since"
        f" and ({targets}.until is null or cells.period_start < {targets}.until))"
    )


def definitions_sql(metrics: Sequence[Metric]) -> str:
    """A query with one row per metric: what of its definition decides about status and target."""
    return "\nunion all\n".join(
        f"select {literal(metric.name)} as metric, {literal(metric.domain)} as domain,"
        f" {literal(metric.meta.unit)} as unit, cast({metric.meta.version} as integer) as version,"
        f" {literal(metric.meta.direction)} as direction, {metric.meta.minimum_sample} as minimum_sample,"
        f" {metric.meta.maturity_days} as maturity_days, {metric.meta.interval.method != 'none'} as has_interval,"
        f" {metric.is_count} as is_count,"
        f" {metric.meta.response.floor if metric.meta.response else 0.0} as response_floor"
        for metric in metrics
    )


def _targets(metrics: Sequence[Metric], types: SqlTypes) -> str:
    """One row per target with the dates it holds between; a typed query without rows when there is none."""
    rows = []
    for metric in metrics:
        for segment in sorted({target.segment for target in metric.meta.targets}, key=str):
            own = sorted((t for t in metric.meta.targets if t.segment == segment), key=lambda target: target.since)
            for target, following in zip(own, [*own[1:], None], strict=True):
                rows.append((metric.name, segment, target.since, following and following.since, target.value))
    selects = [
        f"select {literal(name)} as metric, cast({literal(segment)} as {types.text}) as segment,"
        f" cast({literal(since)} as date) as since, cast({literal(until)} as date) as until,"
        f" cast({value} as {types.double}) as target"
        for name, segment, since, until, value in rows or [("", None, None, None, 0)]
    ]
    return "\nunion all\n".join(selects)


def literal(value: object) -> str:
    """``value`` as a SQL text literal; ``null`` for None."""
    return "null" if value is None else "'" + str(value).replace("'", "''") + "'"

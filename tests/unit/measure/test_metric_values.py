import datetime
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from scipy import stats

from cxmetrics.definitions.people import People
from cxmetrics.definitions.project import Project
from cxmetrics.engines.duckdb.engine import DuckDBEngine
from cxmetrics.engines.sql import Sql, joined, sql
from cxmetrics.errors import CxError
from cxmetrics.measure.answers import answer_sql
from cxmetrics.measure.compiler import Semantics
from cxmetrics.measure.metric_values import MEASURED, metric_values_sql, write_metric_values
from cxmetrics.measure.question import Question
from cxmetrics.published.schema import METRIC_VALUES, published_metrics
from support.facts import built, changed, create_measured, fill, in_memory, with_agents
from support.parsed_project import copy_project

PEOPLE = People()
JANUARY, FEBRUARY, MARCH = (datetime.date(2026, month, 1) for month in (1, 2, 3))


@pytest.fixture(scope="module")
def values(
    tmp_path_factory: pytest.TempPathFactory, cx_project: Project, semantics: Semantics
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The build database with metric values of three months of tickets; tests only read it."""
    engine = built(cx_project, tmp_path_factory.mktemp("values"))
    write_metric_values(with_agents(cx_project), engine, semantics)
    with engine.building() as connection:
        yield connection


def row(connection: duckdb.DuckDBPyConnection, columns: str, **keys: object) -> tuple | None:
    keys = {"metric": "reopen_rate", "grain": "month", "dimension": "all", "dimension_value": "all"} | keys
    where = joined([sql("{name} = ${name}", name=name) for name in keys], " and ")
    query = sql("select {columns} from metrics.metric_values where {where}", columns=Sql(columns), where=where)
    found = connection.execute(query, keys).fetchall()
    assert len(found) <= 1
    return found[0] if found else None


def test_the_columns_are_those_that_are_documented(values: duckdb.DuckDBPyConnection):
    described = values.execute("describe metrics.metric_values").fetchall()
    assert [column[0] for column in described] == list(METRIC_VALUES.columns)
    types = {column[0]: column[1] for column in described}
    assert [types[name] for name in ("period_start", "value", "n", "version", "as_of")] == [
        "DATE", "DOUBLE", "BIGINT", "INTEGER", "TIMESTAMP"
    ]  # fmt: skip


def test_every_metric_has_a_row_for_every_period_whether_or_not_it_has_data(
    values: duckdb.DuckDBPyConnection, cx_project: Project
):
    counted = values.execute(
        "select metric, grain, count(*) from metrics.metric_values where dimension = 'all' group by all"
    ).fetchall()
    # 90 days from Thursday, 1 January: 14 weeks are touched.
    expected = {"day": 90, "week": 14, "month": 3, "quarter": 1, "year": 1, "all": 1}
    # A grain that a metric does not declare has no rows, not even empty ones.
    declared = {(metric.name, grain) for metric in published_metrics(cx_project) for grain in metric.meta.grains}
    assert ("annual_customer_churn_rate", "day") not in declared
    assert set(counted) == {(name, grain, expected[grain]) for name, grain in declared}


def test_a_value_comes_with_n_and_interval(values: duckdb.DuckDBPyConnection, cx_project: Project):
    version = cx_project.metrics()["reopen_rate"].meta.version
    found = row(values, "value, n, ci_low, ci_high, status, unit, version, domain", period_start=JANUARY)
    interval = stats.binomtest(4, 40).proportion_ci(method="wilson")
    assert found == pytest.approx((0.1, 40, interval.low, interval.high, "ok", "share", version, "service"), abs=1e-12)


def test_a_period_without_facts_is_no_data_and_never_zero(values: duckdb.DuckDBPyConnection):
    columns = "value, n, ci_low, ci_high, status, target_status"
    assert row(values, columns, period_start=FEBRUARY) == (None, 0, None, None, "no_data", "none")


def test_a_metric_without_any_fact_is_no_data_in_every_period(values: duckdb.DuckDBPyConnection):
    found = values.execute("select distinct status, value, n from metrics.metric_values where metric = 'service_nps'")
    assert found.fetchall() == [("no_data", None, 0)]


def test_a_period_inside_the_maturity_window_is_immature(values: duckdb.DuckDBPyConnection):
    # Solved on 30 March; seven days later is after the as-of date. Too few tickets, but immature comes first.
    assert row(values, "value, n, status", period_start=MARCH) == (0.0, 1, "immature")


def test_the_day_of_the_as_of_date_is_over(values: duckdb.DuckDBPyConnection):
    # The as-of date is the last second of March; proactive_contact_share waits for nothing after a period.
    for grain, period_start in (("day", datetime.date(2026, 3, 31)), ("month", MARCH), ("quarter", JANUARY)):
        found = row(values, "status", metric="proactive_contact_share", grain=grain, period_start=period_start)
        assert found == ("insufficient_sample",), grain


def test_a_period_that_goes_on_is_immature(values: duckdb.DuckDBPyConnection):
    for grain, period_start in (("week", datetime.date(2026, 3, 30)), ("year", JANUARY)):
        found = row(values, "status", metric="proactive_contact_share", grain=grain, period_start=period_start)
        assert found == ("immature",), grain


def test_all_time_is_never_immature_and_starts_with_the_data(values: duckdb.DuckDBPyConnection):
    assert row(values, "value, n, status", grain="all", period_start=JANUARY) == (4 / 41, 41, "ok")


def test_a_fact_without_the_dimension_counts_as_unknown(values: duckdb.DuckDBPyConnection):
    keys = {"period_start": JANUARY, "dimension": "channel"}
    assert row(values, "n", **keys, dimension_value="unknown") == (20,)
    assert row(values, "n, value", **keys, dimension_value="email") == (20, 0.1)


def test_dimensions_add_up_to_all(values: duckdb.DuckDBPyConnection):
    differing = values.execute(
        """with sliced as (
            select metric, grain, period_start, dimension, sum(n) as n
            from metrics.metric_values where dimension <> 'all' group by all
        )
        select count(*), count(*) filter (sliced.n is distinct from total.n)
        from sliced left join metrics.metric_values as total
            on total.dimension = 'all' and total.metric = sliced.metric and total.grain = sliced.grain
            and total.period_start = sliced.period_start"""
    ).fetchone()
    assert differing[0] > 100
    assert differing[1] == 0


def test_a_day_is_not_sliced(values: duckdb.DuckDBPyConnection):
    query = "select grain, count(distinct dimension) from metrics.metric_values group by all"
    grains = dict(values.execute(query).fetchall())
    assert grains.pop("day") == 1
    assert set(grains) == {"week", "month", "quarter", "year", "all"}
    assert min(grains.values()) > 1


def test_a_dimension_has_rows_only_where_there_is_data(values: duckdb.DuckDBPyConnection):
    found = values.execute(
        "select count(*) from metrics.metric_values"
        " where dimension <> 'all' and (n = 0 and unit <> 'count' or value is null and status <> 'suppressed')"
    )
    assert found.fetchone() == (0,)


def test_few_cases_of_one_agent_are_not_shown_but_counted(values: duckdb.DuckDBPyConnection):
    columns = "value, n, ci_low, ci_high, status, target, target_status"
    keys = {"period_start": JANUARY, "dimension": "agent"}
    hidden = row(values, columns, **keys, dimension_value="few")
    assert hidden[:5] + hidden[6:] == (None, 4, None, None, "suppressed", "none")
    shown = row(values, columns, **keys, dimension_value="many")
    assert (shown[:2], shown[4]) == ((0.0, 36), "ok")
    # Only agents are persons: few tickets of a channel are shown.
    assert values.execute(
        "select distinct dimension from metrics.metric_values where status = 'suppressed'"
    ).fetchall() == [("agent",)]


def test_without_agents_in_the_policy_no_value_is_theirs(tmp_path: Path, cx_project: Project, semantics: Semantics):
    engine = built(cx_project, tmp_path)
    write_metric_values(cx_project, engine, semantics)
    with engine.building() as connection:
        found = connection.execute("select distinct dimension from metrics.metric_values").fetchall()
    assert ("agent",) not in found
    assert ("channel",) in found


@pytest.mark.parametrize(("n", "status"), [(4, "suppressed"), (5, "insufficient_sample")])
def test_five_cases_of_an_agent_are_enough_to_be_shown(cx_project: Project, n: int, status: str):
    with in_memory(cx_project) as connection:
        measured(connection, JANUARY, "agent", "A1", 0.1, n, 0.05, 0.2)
        query = metric_values_sql([cx_project.metrics()["reopen_rate"]], PEOPLE, DuckDBEngine)
        connection.execute(f"create table metrics.metric_values as {query}")
        found = row(connection, "status, value", period_start=JANUARY, dimension="agent", dimension_value="A1")
        assert found == (status, None if status == "suppressed" else 0.1)


def test_a_score_comes_with_its_response_in_the_same_period_and_dimension(values: duckdb.DuckDBPyConnection):
    columns = "value, n, response_rate, low_response"
    assert row(values, columns, metric="service_csat", period_start=JANUARY) == (1, 2, 0.05, True)
    keys = {"metric": "service_csat", "period_start": JANUARY, "dimension": "touchpoint"}
    assert row(values, columns, **keys, dimension_value="support_call") == (1, 2, 0.05, True)
    # Nobody answered on the second of January: no score, and so no response to it.
    day = datetime.date(2026, 1, 2)
    assert row(values, columns, metric="service_csat", grain="day", period_start=day) == (None, 0, None, None)
    assert row(values, columns, metric="reopen_rate", period_start=JANUARY)[2:] == (None, None)


@pytest.mark.parametrize(("rate", "low"), [(0.05, True), (0.1, False), (0.2, False), (None, None)])
def test_a_response_rate_under_the_floor_is_low(
    tmp_path: Path, cx_project: Project, rate: float | None, low: bool | None
):
    response = {"answered": "tickets_reopened", "invited": "tickets_solved", "floor": 0.1}
    metric = changed(cx_project, cx_project.metrics()["reopen_rate"], tmp_path, response=response)
    with in_memory(cx_project) as connection:
        measured(connection, JANUARY, "all", "all", 0.1, 40, 0.05, 0.2, response_rate=rate)
        measured(connection, JANUARY, "agent", "few", 0.1, 4, 0.05, 0.2, response_rate=rate)
        connection.execute(f"create table metrics.metric_values as {metric_values_sql([metric], PEOPLE, DuckDBEngine)}")
        assert row(connection, "response_rate, low_response", period_start=JANUARY) == (rate, low)
        hidden = row(
            connection, "response_rate, low_response", period_start=JANUARY, dimension="agent", dimension_value="few"
        )
        assert hidden == (None, None)


def test_a_metric_kept_by_month_has_no_rows_by_day(values: duckdb.DuckDBPyConnection):
    found = values.execute(
        "select period_start from metrics.metric_values"
        " where metric = 'monthly_customer_churn_rate' and grain in ('day', 'week')"
    )
    assert found.fetchall() == []


def test_a_median_has_the_interval_of_its_own_period(values: duckdb.DuckDBPyConnection):
    found = row(values, "value, n, ci_low, ci_high", metric="backlog_age", grain="month", period_start=JANUARY)
    # Ranks 20 -+ 6.2 of 0..39 are 13 and 28.
    assert found == (19.5, 40, 12.0, 27.0)


def test_building_again_gives_the_same_rows_and_tells_its_progress(
    tmp_path: Path, cx_project: Project, semantics: Semantics
):
    engine = built(cx_project, tmp_path)
    told: list[tuple[int, int]] = []
    rows = []
    # Whether the numbers are synthetic depends on the sources that were read, not on those that were loaded once.
    for sources, is_synthetic in ((["canonical"], False), (["canonical", "demo"], True)):
        write_metric_values(cx_project, engine, semantics, sources, on_step=lambda *step: told.append(step))
        with engine.building() as connection:
            rows.append(connection.execute("from metrics.metric_values").fetchall())
            info = connection.execute("select sources, is_synthetic from metrics.build_info").fetchall()
            tables = connection.execute(
                "select table_name from duckdb_tables() where schema_name = 'metrics'"
            ).fetchall()
        assert info == [(", ".join(sources), is_synthetic)]
        assert (MEASURED.split(".")[1],) not in tables
    assert rows[0] == rows[1]
    assert told[0][0] == 0
    assert told[-1][0] == told[-1][1] == len(told) // 2 - 1


def test_a_table_without_the_column_of_a_block_leaves_the_values_as_they_were(
    tmp_path: Path, cx_project: Project, semantics: Semantics
):
    engine = built(cx_project, tmp_path)
    write_metric_values(cx_project, engine, semantics)
    with engine.building() as connection:
        before = connection.execute("select count(*) from metrics.metric_values").fetchone()
        connection.execute("alter table service.fct_interactions drop column handle_seconds")
    with pytest.raises(CxError) as refused:
        write_metric_values(cx_project, engine, semantics)
    assert refused.value.where.startswith("models/marts/service/fct_interactions.yml:")
    assert "handle_seconds_sum cannot be computed" in refused.value.what
    with engine.building() as connection:
        assert connection.execute("select count(*) from metrics.metric_values").fetchone() == before


def test_a_block_on_a_column_nobody_has_is_named_with_file_line_and_the_nearest_column(
    tmp_path: Path, wrong_project: tuple[Project, Semantics]
):
    project, semantics = wrong_project
    with pytest.raises(CxError) as refused:
        write_metric_values(project, built(project, tmp_path), semantics)
    line = project.blocks()["handle_seconds_sum_of_squares"].line
    assert refused.value.where == f"models/marts/service/fct_interactions.yml:{line}"
    assert (refused.value.got, refused.value.nearest) == ("handel_seconds", "handle_seconds")


def test_null_and_the_text_unknown_are_not_mixed_in_silence(tmp_path: Path, cx_project: Project, semantics: Semantics):
    engine = built(cx_project, tmp_path)
    with engine.building() as connection:
        connection.execute("update service.fct_tickets set channel = 'unknown' where channel = 'email'")
    with pytest.raises(CxError, match="'channel'"):
        write_metric_values(cx_project, engine, semantics)


# value, ci_low and ci_high of one month against the targets below.
JUDGED = [
    ("down", 40, (0.02, 0.01, 0.03), "met"),
    ("down", 40, (0.04, 0.02, 0.06), "unclear"),
    ("down", 40, (0.08, 0.06, 0.10), "missed"),
    ("up", 40, (0.08, 0.06, 0.10), "met"),
    ("up", 40, (0.02, 0.01, 0.03), "missed"),
    ("up", 40, (0.05, 0.05, 0.05), "met"),
    ("up", 40, (0.08, None, 0.10), "unclear"),
    ("up", 40, (0.02, None, 0.03), "missed"),
    ("none", 40, (0.02, 0.01, 0.03), "none"),
    ("down", 29, (0.02, 0.01, 0.03), "unclear"),
]


@pytest.mark.parametrize(("direction", "n", "value", "verdict"), JUDGED)
def test_a_target_is_met_or_missed_only_when_the_whole_interval_says_so(
    tmp_path: Path, cx_project: Project, direction: str, n: int, value: tuple, verdict: str
):
    targets = [{"since": "2025-01-01", "value": 0.05}]
    metric = changed(cx_project, cx_project.metrics()["reopen_rate"], tmp_path, direction=direction, targets=targets)
    with in_memory(cx_project) as connection:
        measured(connection, JANUARY, "all", "all", value[0], n, *value[1:])
        connection.execute(f"create table metrics.metric_values as {metric_values_sql([metric], PEOPLE, DuckDBEngine)}")
        assert row(connection, "target, target_status", period_start=JANUARY) == (0.05, verdict)


def test_a_value_that_never_has_an_interval_is_judged_by_itself(tmp_path: Path, cx_project: Project):
    metric = changed(
        cx_project,
        cx_project.metrics()["reopen_rate"],
        tmp_path,
        interval={"method": "none", "reason": "imported"},
        targets=[{"since": "2025-01-01", "value": 0.05}],
    )
    with in_memory(cx_project) as connection:
        measured(connection, JANUARY, "all", "all", 0.04, 40, None, None)
        connection.execute(f"create table metrics.metric_values as {metric_values_sql([metric], PEOPLE, DuckDBEngine)}")
        assert row(connection, "target_status", period_start=JANUARY) == ("met",)


def test_targets_have_dates_and_segments(tmp_path: Path, cx_project: Project):
    targets = [
        {"since": "2026-02-01", "value": 0.04},
        {"since": "2025-01-01", "value": 0.05},
        {"since": "2026-02-15", "value": 0.01, "segment": "business"},
    ]
    metric = changed(cx_project, cx_project.metrics()["reopen_rate"], tmp_path, targets=targets)
    with in_memory(cx_project) as connection:
        for month in (JANUARY, FEBRUARY, MARCH):
            for name, value in (("all", "all"), ("segment", "business"), ("segment", "consumer"), ("team", "business")):
                measured(connection, month, name, value, 0.1, 40, 0.05, 0.2)
        measured(connection, JANUARY, "segment", "business", 0.1, 40, 0.05, 0.2, grain="all")
        connection.execute(f"create table metrics.metric_values as {metric_values_sql([metric], PEOPLE, DuckDBEngine)}")
        months = (JANUARY, FEBRUARY, MARCH)
        business = {"dimension": "segment", "dimension_value": "business"}
        assert [row(connection, "target", period_start=month)[0] for month in months] == [0.05, 0.04, 0.04]
        # Dated by the start of the period: 15 February is after that of February.
        assert [row(connection, "target", period_start=m, **business)[0] for m in months] == [0.05, 0.04, 0.01]
        assert row(connection, "target", period_start=MARCH, dimension="segment", dimension_value="consumer") == (0.04,)
        assert row(connection, "target", period_start=MARCH, dimension="team", dimension_value="business") == (0.04,)
        assert row(connection, "target", grain="all", period_start=JANUARY) == (0.04,)
        assert row(connection, "target", grain="all", period_start=JANUARY, **business) == (0.01,)


def measured(
    connection: duckdb.DuckDBPyConnection,
    period: datetime.date,
    dimension: str,
    dimension_value: str,
    *numbers: float | None,
    grain: str = "month",
    response_rate: float | None = None,
    metric: str = "reopen_rate",
) -> None:
    create_measured(connection)
    row = [metric, grain, period, dimension, dimension_value, *numbers, response_rate]
    names = ("metric", "grain", "period_start", "dimension", "dimension_value", "value", "n", "ci_low", "ci_high",
             "response_rate")  # fmt: skip
    values = joined(sql("? as {name}", name=name) for name in names)
    connection.execute(sql("insert into {table} by name select {values}", table=MEASURED, values=values), row)


@pytest.mark.parametrize(("days", "immature_from"), [(7, 23), (14, 16), (0, 30), (21, 9)])
def test_a_changed_window_changes_the_status_of_the_periods_it_concerns(
    tmp_path: Path, cx_project: Project, days: int, immature_from: int
):
    """The as-of date is 31 March: with seven days to wait the week of the 16th is over, with fourteen it is not."""
    copy_project(tmp_path / "project")
    settings = tmp_path / "project" / "dbt_project.yml"
    text = settings.read_text(encoding="utf-8")
    assert text.count("repeat_contact_days: 7\n") == 1
    settings.write_text(text.replace("repeat_contact_days: 7\n", f"repeat_contact_days: {days}\n"), encoding="utf-8")
    metric = Project(tmp_path / "project").metrics()["first_contact_resolution_rate"]
    weeks = [datetime.date(2026, 3, day) for day in (2, 9, 16, 23, 30)]
    with in_memory(cx_project) as connection:
        for week in weeks:
            measured(connection, week, "all", "all", 0.8, 40, 0.7, 0.9, grain="week", metric=metric.name)
        connection.execute(f"create table metrics.metric_values as {metric_values_sql([metric], PEOPLE, DuckDBEngine)}")
        found = {
            week.day: row(connection, "status", metric=metric.name, grain="week", period_start=week) for week in weeks
        }
    assert found == {week.day: ("immature" if week.day >= immature_from else "ok",) for week in weeks}


def test_without_a_day_of_data_there_is_no_row(cx_project: Project):
    with duckdb.connect(":memory:") as connection:
        connection.execute("attach ':memory:' as cx; use cx")
        fill(connection, cx_project)
        connection.execute("delete from metrics.dim_dates")
        measured(connection, JANUARY, "all", "all", 0.1, 40, 0.0, 0.2)
        query = metric_values_sql([cx_project.metrics()["reopen_rate"]], PEOPLE, DuckDBEngine)
        assert connection.execute(query).fetchall() == []


def test_a_period_in_which_the_data_begin_is_partial(tmp_path: Path, cx_project: Project, semantics: Semantics):
    """Data from the second of January on: the month and the year have fewer days than their names say."""
    engine = built(cx_project, tmp_path)
    with engine.building() as connection:
        connection.execute("update metrics.build_as_of set starts_on = date '2026-01-02'")
    write_metric_values(cx_project, engine, semantics)
    with engine.building() as connection:
        found = connection.execute(
            "select grain, cast(period_start as varchar), status, target_status from metrics.metric_values"
            " where metric = 'reopen_rate' and dimension = 'all' and n > 0 and grain in ('month', 'year', 'all')"
            " order by all"
        ).fetchall()
        question = Question("month", until=datetime.date(2026, 1, 31))
        metrics = [cx_project.metrics()["reopen_rate"]]
        answer = connection.execute(answer_sql(semantics, metrics, question, cx_project.people, engine)).fetchall()
    assert [row[:3] for row in found] == [
        ("all", "2026-01-01", "ok"),
        ("month", "2026-01-01", "partial"),
        ("month", "2026-03-01", "immature"),
        ("year", "2026-01-01", "immature"),
    ]
    assert found[1][3] == "unclear"
    assert [row[1:3] for row in answer] == [(datetime.date(2026, 1, 1), 0.1)]
    assert "partial" in answer[0]

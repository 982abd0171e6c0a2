"""A firm whose days are not those of UTC and whose weeks do not begin on Monday, from raw files to every answer."""

import json
from pathlib import Path

import duckdb
import pytest

from cxmetrics.definitions.project import Project
from cxmetrics.engines.duckdb.engine import DuckDBEngine
from cxmetrics.measure.compiler import Semantics
from support.firm_calendar import AS_OF, CREATED, OPEN, build, published_numbers_are_those_counted_by_hand
from support.workplace import Workplace


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    return build(Workplace(tmp_path_factory.mktemp("firm_calendar")))


def test_the_published_numbers_are_those_counted_by_hand(built: Workplace):
    with duckdb.connect(str(built.published), read_only=True) as connection:
        published_numbers_are_those_counted_by_hand(lambda sql: connection.execute(sql).fetchall())
        days = connection.execute("""
            select date_day, week_on, date_diff('hour', day_starts_at, day_ends_at) from metrics.dim_dates
        """).fetchall()
    hours = {str(day): length for day, _, length in days}
    assert {day: length for day, length in hours.items() if length != 24} == {"2025-03-09": 23, "2025-11-02": 25}
    assert {week.strftime("%A") for _, week, _ in days} == {"Sunday"}
    assert all(0 <= (day - week).days < 7 for day, week, _ in days)
    assert (days[0][0].isoformat(), days[-1][0].isoformat()) == ("2025-01-31", AS_OF)


@pytest.mark.parametrize("filters", [(), ("--where", "channel = 'email'")])
def test_a_question_gives_the_published_numbers(built: Workplace, filters: tuple[str, ...]):
    for grain, created in CREATED.items():
        found = _asked(built, "ticket_volume", "open_tickets", "--grain", grain, *filters)
        for metric, counted in (("ticket_volume", created), ("open_tickets", OPEN[grain])):
            values = {row["period_start"][5:]: row["value"] for row in found if row["metric"] == metric}
            assert {period: values[period] for period in counted} == counted


@pytest.mark.parametrize("metric", ["ticket_volume", "resolution_time"])
@pytest.mark.parametrize("by", [(), ("--by", "channel")])
def test_a_range_is_widened_to_weeks_of_the_firm(built: Workplace, metric: str, by: tuple[str, ...]):
    """From a Monday to a Sunday: the Sunday before belongs to the first week, and the Saturday after to the last."""
    days = ("--since", "2025-03-03", "--until", "2025-03-09")
    found = _asked(built, metric, "--grain", "week", *days, *by)
    assert [(row["period_start"], row["n"]) for row in found] == [("2025-03-02", 1), ("2025-03-09", 3)]


def test_metricflow_gives_the_same_numbers(built: Workplace):
    """Its own SQL, for days, months and the granularity that the time spine declares."""
    project = Project(built.folder / "project")
    semantics = Semantics.load(built.folder / "target" / "semantic_manifest.json", "duckdb", DuckDBEngine.relation)
    assert project.calendar.week_starts_on == "sunday"
    with duckdb.connect(str(built.published), read_only=True) as connection:
        for grain, name in (("day", "day"), ("month", "month"), ("week", "reporting_week")):
            for metric, counted in (("ticket_volume", CREATED[grain]), ("open_tickets", OPEN[grain])):
                request = semantics._request([metric], name, {}, [], None, None)
                statement = semantics._explain(semantics._engine, request, [metric], ())
                query = f"select metric_time__{name}, {metric} from ({statement})"  # noqa: S608 (MetricFlow wrote it)
                found = {start.strftime("%m-%d"): n or 0 for start, n in connection.execute(query).fetchall()}
                assert {period: found.get(period, 0) for period in counted} == counted


def _asked(built: Workplace, *question: str) -> list[dict]:
    done = built.cx("query", *question, "--json", root=built.folder / "project")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["rows"]


@pytest.mark.parametrize(
    ("variable", "wrong", "said"),
    [
        ("reporting_timezone", "America/NewYork", ("America/NewYork", "America/New_York")),
        ("week_starts_on", "Sunday", ("Sunday", "sunday")),
    ],
)
def test_plain_dbt_refuses_what_is_no_calendar_before_it_builds(tmp_path: Path, variable: str, wrong: str, said):
    done = Workplace(tmp_path).run("dbt", "build", "--vars", json.dumps({variable: wrong}))
    assert done.returncode != 0
    output = " ".join(done.stdout.split())
    assert f"The variable {variable} must be" in output
    assert f"got: {said[0]}" in output
    assert f"Nearest: {said[1]}" in output
    assert "OK created" not in output

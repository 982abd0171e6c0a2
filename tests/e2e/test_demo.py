"""The main job on the demo, from synthetic files to published numbers, and the tools it works with."""

import csv
import io
import json
import shutil

import duckdb
import pytest

from cxmetrics.definitions.project import Project
from support.workplace import ROOT, Workplace, copy_project

METRICS = len(list((ROOT / "metrics").glob("*/*.yml")))


@pytest.fixture
def published(demo: Workplace):
    with duckdb.connect(str(demo.published), read_only=True) as connection:
        yield connection


def test_marts_and_metric_values_are_published_and_nothing_else(published):
    schemas = published.execute("select distinct schema_name from duckdb_tables() order by 1").fetchall()
    assert schemas == [("experience",), ("journey",), ("metrics",), ("service",)]


def test_every_metric_has_a_row_for_every_period_of_the_data(published, demo):
    metrics = Project(ROOT).metrics()
    assert len(metrics) == METRICS
    for grain in ("day", "week", "month", "quarter", "year", "all"):
        periods = "select count(distinct date_trunc(?, date_day)) from metrics.dim_dates"
        (expected,) = (1,) if grain == "all" else published.execute(periods, [grain]).fetchone()
        found = published.execute(
            "select metric, count(*) from metrics.metric_values where grain = ? and dimension = 'all' group by metric",
            [grain],
        ).fetchall()
        assert dict(found) == {name: expected for name, one in metrics.items() if grain in one.meta.grains}, grain


def test_every_value_says_how_sure_it_is(published):
    waiting = [name for name, metric in Project(ROOT).metrics().items() if metric.is_survival]
    silent = published.execute(
        """
        select metric, grain, period_start, dimension_value from metrics.metric_values
        where (status in ('no_data', 'not_pooled', 'suppressed')) != (value is null)
            -- Of a quantile that is not reached it is known what it lies beyond.
            and not (list_contains($waiting, metric) and n > 0 and value is null and ci_low is not null)
          or status = 'not_reached' and not (list_contains($waiting, metric) and value is null)
          -- Zero is a value of a count only.
          or (status in ('no_data', 'not_pooled')) != (n = 0) and (unit != 'count' or status = 'no_data')
          or status = 'suppressed' and dimension != 'agent'
          or ci_low > ci_high
          -- The interval of an NPS is drawn towards zero and, for a handful of answers, beside the value.
          or (unit != 'points' or n >= 30) and not (ci_low <= value and value <= ci_high)
          or low_response != (response_rate < 0.1) or response_rate not between 0 and 1
          or status not in ('ok', 'not_reached', 'insufficient_sample', 'partial', 'immature', 'no_data', 'not_pooled',
            'suppressed')
          or status = 'not_pooled' and dimension != 'all'
          or target_status not in ('met', 'missed', 'unclear', 'none')
        """,
        {"waiting": waiting},
    ).fetchall()
    assert silent == []


def test_what_is_published_about_agents_is_what_the_policy_says(published, demo):
    """The demo keeps the default: no id of an agent in any column of any table, and no value by agent."""
    build = demo.folder / "warehouse" / "build" / "cx.duckdb"
    with duckdb.connect(str(build), read_only=True) as connection:
        agents = {
            agent
            for table in ("int_tickets", "int_interactions", "int_vendor_scores")
            for (agent,) in connection.sql(f"from intermediate.{table} select distinct agent_id").fetchall()
        } - {None}
    assert len(agents) > 10
    columns = published.sql(
        "select schema_name, table_name, column_name from duckdb_columns()"
        " where data_type = 'VARCHAR' and database_name = current_database() and not internal"
    ).fetchall()
    assert len(columns) > 100
    named = [
        f"{schema}.{table}.{column}"
        for schema, table, column in columns
        if agents & {value for (value,) in published.table(f"{schema}.{table}").project(f'"{column}"').fetchall()}
    ]
    assert named == []
    assert published.sql("select 1 from metrics.metric_values where dimension = 'agent' limit 1").fetchall() == []
    assert published.sql("select count(*) from service.dim_agents").fetchall() == [(0,)]


def test_dimensions_of_a_count_add_up_to_all(published):
    unequal = published.execute("""
        with dimensions as (
            select metric, grain, period_start, dimension, sum(n) as n from metrics.metric_values
            -- What caused contacts is known, what did not cause any is not: n there is that of the whole period.
            where dimension != 'all' and not (metric = 'contact_rate' and dimension = 'cause_stage') group by all
        )
        select dimensions.* from dimensions
        inner join metrics.metric_values as whole using (metric, grain, period_start)
        where whole.dimension = 'all' and whole.n != dimensions.n and whole.status != 'not_pooled'
    """).fetchall()
    assert unequal == []


def test_the_demo_is_called_synthetic_wherever_it_is_shown(demo):
    assert "Synthetic data" in (demo.folder / "build.txt").read_text()
    assert "SYNTHETIC" in demo.cx_succeeds("scorecard")
    assert json.loads(demo.cx_succeeds("scorecard", "--json"))["is_synthetic"] is True
    demo.cx_succeeds("docs")
    assert "ynthetic" in (demo.folder / "target" / "site" / "index.html").read_text()


def test_the_scorecard_shows_both_domains(demo):
    shown = demo.cx_succeeds("scorecard")
    assert "Customer service" in shown
    assert "Customer experience" in shown


def test_dbt_and_metricflow_work_without_cx_and_give_the_same_numbers(demo, tmp_path):
    copy_project(tmp_path)
    raw = demo.folder / "demo"
    alone = Workplace(tmp_path, has_data_tests=False)
    alone.cx_succeeds("inputs", "--raw", raw)
    built = alone.run("dbt", "build", "--profiles-dir", ".", root=tmp_path)
    assert built.returncode == 0, built.stdout
    # mf finds dbt's artefacts and profile where they lie by default, in the project.
    validated = alone.run("mf", "validate-configs", root=tmp_path)
    assert validated.returncode == 0, validated.stdout + validated.stderr
    question = ("--metrics", "net_promoter_score", "--group-by", "metric_time__month")
    asked = alone.run("mf", "query", *question, "--csv", tmp_path / "nps.csv", root=tmp_path)
    assert asked.returncode == 0, asked.stdout + asked.stderr

    by_mf = {
        row["metric_time__month"][:10]: float(row["net_promoter_score"])
        for row in csv.DictReader((tmp_path / "nps.csv").open())
        if row["net_promoter_score"]
    }
    answer = demo.cx_succeeds("query", "net_promoter_score", "--grain", "month", "--format", "csv")
    by_cx = {row["period_start"]: float(row["value"]) for row in csv.DictReader(io.StringIO(answer)) if row["value"]}
    with duckdb.connect(str(demo.published), read_only=True) as connection:
        values = dict(
            connection.execute("""
                select period_start::varchar, value from metrics.metric_values
                where metric = 'net_promoter_score' and grain = 'month' and dimension = 'all' and value is not null
            """).fetchall()
        )
    assert len(values) > 12
    assert by_cx == values
    # mf writes the numbers as it pleases; what it writes must be the number.
    assert by_mf == pytest.approx(values, rel=1e-9)


def test_a_build_of_the_past_knows_nothing_of_what_came_later(demo, tmp_path):
    past = Workplace(tmp_path)
    past.cx_succeeds("build", "--raw", demo.folder / "demo", "--as-of", "2025-12-31")
    with duckdb.connect(str(past.published), read_only=True) as connection:
        connection.execute(f"attach '{demo.published}' as today (read_only)")
        assert connection.execute("select as_of::varchar from metrics.build_info").fetchone() == (
            "2025-12-31 23:59:59.999999",
        )
        latest = connection.execute("""
            select max(created_at) <= timestamp '2025-12-31 23:59:59.999999', max(last_solved_at) < '2026-01-01'
            from service.fct_tickets
        """).fetchone()
        assert latest == (True, True)
        # What was mature then has not changed since; left out is what moves by its definition: agents are compared
        # with all tickets of a kind, and the effort of a journey grows until it ends.
        changed = connection.execute("""
            select past.metric, past.period_start, past.value, now.value
            from metrics.metric_values as past
            inner join today.metrics.metric_values as now
              using (metric, grain, period_start, dimension, dimension_value)
            where past.grain = 'month' and past.dimension = 'all' and past.status in ('ok', 'insufficient_sample')
              and past.metric not in ('agent_effort_impact', 'customer_effort_index')
              and abs(past.value - now.value) > 1e-9 * greatest(abs(now.value), 1)  -- threads add in any order
        """).fetchall()
        assert changed == []


def test_a_reader_that_never_lets_go_does_not_fail_while_a_build_publishes(demo, tmp_path):
    here = Workplace(tmp_path, has_data_tests=False)
    shutil.copytree(demo.folder / "warehouse", tmp_path / "warehouse")
    reader = here.run_in_background(
        "python", "-c", READER, here.published, tmp_path / "stop", tmp_path / "answers.json"
    )
    here.cx_succeeds("build", "--raw", demo.folder / "demo")
    (tmp_path / "stop").touch()
    output, _ = reader.communicate(timeout=60)
    assert reader.returncode == 0, output
    answers = json.loads((tmp_path / "answers.json").read_text())
    assert answers["queries"] > 10
    # It opened the file before and after the rename, and once the new file was there it saw the new file.
    assert len(answers["inodes"]) == 2


READER = """
import json, os, pathlib, sys, time
import duckdb
published, stop, out = map(pathlib.Path, sys.argv[1:])
queries, inodes = 0, []
held = duckdb.connect(str(published), read_only=True)
while not stop.exists():
    rows = held.execute("select count(*), max(value) from metrics.metric_values").fetchone()
    assert rows[0] > 0
    # DuckDB shares an open file between connections of one process, so a second process opens it anew.
    code = "import duckdb, sys; c = duckdb.connect(sys.argv[1], read_only=True); " \\
        "assert c.execute('select count(*) from metrics.metric_values').fetchone()[0] > 0"
    assert os.spawnv(os.P_WAIT, sys.executable, [sys.executable, "-c", code, str(published)]) == 0
    inode = os.stat(published).st_ino
    if inode not in inodes:
        inodes.append(inode)
    queries += 1
    time.sleep(0.1)  # the build needs the processor too
out.write_text(json.dumps({"queries": queries, "inodes": inodes}))
"""


def test_tickets_without_their_events_give_no_data_and_not_zero(demo, tmp_path):
    here = Workplace(tmp_path)
    raw = tmp_path / "raw"
    raw.mkdir()
    shutil.copy(demo.folder / "demo" / "tickets.parquet", raw)
    here.cx_succeeds("build", "--raw", raw)
    with duckdb.connect(str(here.published), read_only=True) as connection:
        values = dict(
            connection.execute("""
                select metric, status from metrics.metric_values where grain = 'all' and dimension = 'all'
            """).fetchall()
        )
    known = {metric for metric, status in values.items() if status != "no_data"}
    # That there was a ticket, who opened it, why and where, and its SLA outcome stand on the ticket itself.
    assert known == {
        "avoidable_contact_rate",
        "channel_switch_rate",
        "proactive_contact_share",
        "sla_attainment_rate",
        "ticket_volume",
    }

"""The same numbers on Spark, from files to published views: in one process, and with workers of a cluster."""

import dataclasses
import fcntl
import shutil
import sys
from pathlib import Path

import duckdb
import pytest

from cxmetrics.definitions.project import Project
from cxmetrics.engines.duckdb.engine import DuckDBEngine
from cxmetrics.engines.sql import Sql
from cxmetrics.measure.compiler import Semantics
from cxmetrics.measure.experiments import measured
from cxmetrics.measure.question import Question
from cxmetrics.published.schema import METRIC_VALUES
from support import firm_calendar
from support.guides import Reader, parts_run_by
from support.hostile_texts import all_come_back
from support.programs import run_program
from support.same_rows import compare_with, differences
from support.some_grains import keep_some_grains
from support.spark_place import TARGET, SparkPlace, require_spark
from support.workplace import ROOT, Workplace, copy_project


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, demo: Workplace) -> SparkPlace:
    """The demo, built as the guide says and published with some grains of each metric."""
    require_spark()
    place = SparkPlace(tmp_path_factory.mktemp("spark"), has_unit_tests=True)
    root = place.folder / "project"
    copy_project(root)
    (place.folder / "values.sql").write_text(keep_some_grains(root))
    shutil.copytree(demo.folder / "demo", root / "raw")
    reader = Reader(root, environment=place.environment)
    (part,) = parts_run_by("test_spark.py")
    reader.follow(part.steps)
    return place


def test_two_workers_of_a_cluster_find_the_answers_of_the_log(tmp_path: Path, shared_data: Path):
    """The first, as it needs no demo: that is built by another worker meanwhile."""
    require_spark()
    place = SparkPlace(tmp_path, "local-cluster[2,1,1024]", has_data_tests=False)
    place.cx_succeeds("inputs", *TARGET, "--source", "servicenow", "--raw", shared_data / "servicenow")
    # Plain dbt is enough once the inputs are there.
    sources = '{"sources": ["servicenow"]}'
    selected = ("--select", "+fct_tickets", "--indirect-selection", "cautious")
    done = place.run("dbt", "build", *TARGET, "--vars", sources, *selected)
    assert done.returncode == 0, done.stdout
    with place.connected(published=False) as (connection, _):
        answers = connection.execute("""
            select
              count(*),
              count_if(reopens > 0), sum(reopens),
              sum(reassignments),
              count_if(is_sla_met),
              count_if(is_solved),
              median(resolution_calendar_minutes),
              round(avg(resolution_calendar_minutes), 4)
            from build_service.fct_tickets
        """).fetchone()
    assert answers == (14_893, 190, 231, 16_107, 8_007, 13_807, 2_550, 12_699.6071)


def test_a_calendar_of_a_firm_has_the_numbers_counted_by_hand(tmp_path: Path):
    require_spark()
    place = SparkPlace(tmp_path, has_data_tests=False)
    firm_calendar.build(place, *TARGET)
    with place.connected() as (connection, _):
        firm_calendar.published_numbers_are_those_counted_by_hand(lambda sql: connection.execute(sql).fetchall())


def test_the_demo_on_spark(built: SparkPlace, demo: Workplace, capsys: pytest.CaptureFixture):
    """One test, because its parts would be shared out between workers, and each of them would build the demo."""
    nothing_is_left_running(built)
    names_and_texts_come_back(built)
    every_published_row_is_the_same_as_on_duckdb(built, demo, capsys)
    an_answer_is_that_of_duckdb_also_as_a_parquet_file(built, demo)
    a_second_publication_keeps_the_copy_before_and_no_other(built)


def names_and_texts_come_back(built: SparkPlace):
    with built.connected() as (connection, engine):
        all_come_back(connection, engine)


# A dimension of a metric, or a grain, of which Spark is asked nothing.
LOST = """
    with known as (select metric, dimension, grain, ({values}) as is_asked from metrics.metric_values where n > 0)
    select metric, dimension from known group by all having not bool_or(is_asked)
    union all
    select grain, null from known group by all having not bool_or(is_asked)
"""


def every_published_row_is_the_same_as_on_duckdb(built: SparkPlace, demo: Workplace, capsys: pytest.CaptureFixture):
    with duckdb.connect(str(demo.published), read_only=True) as published, built.connected() as (connection, engine):
        values = Sql((built.folder / "values.sql").read_text())
        lost = published.execute(LOST.format(values=values)).fetchall()
        rows, found = compare_with(published, connection, engine.relation, {METRIC_VALUES.name: values})
        tables = published.execute("select schema_name, table_name from duckdb_tables()").fetchall()
        there = {
            (schema, row[1])
            for schema in ("service", "experience", "journey", "metrics")
            for row in connection.execute(f"show tables in {schema}").fetchall()
        }
        planted = _with_planted_differences(published, connection)
        variants = [_variants(demo, published, DuckDBEngine), _variants(built, connection, engine)]
    with capsys.disabled():
        print(f"\nSpark and DuckDB: {rows:,} rows in {len(tables)} tables compared")  # noqa: T201 (for the log of CI)
    assert found == []
    assert lost == []
    assert rows > 100_000
    assert there == set(tables)
    assert [sentence.split()[0] for sentence in planted] == ["t.created_at", "t.ticket_id", "t"]
    assert len(variants[0]) > 1
    assert differences("experiment", ["variant", "customers", "n", "value", "ci_low", "ci_high"], *variants) == []


def _with_planted_differences(published: duckdb.DuckDBPyConnection, connection) -> list[str]:
    """What the comparison says of tickets that Spark changed by a microsecond, a null and a missing row."""
    tickets = "from service.fct_tickets"
    ours = published.execute(f"select ticket_id, created_at {tickets}").fetchall()
    changed = [
        f"select ticket_id, created_at + interval '0.000001' second {tickets}",
        f"select case when is_solved then ticket_id end, created_at {tickets}",
        f"select ticket_id, created_at {tickets} where is_solved",
    ]
    columns = ["ticket_id", "created_at"]
    return [differences("t", columns, ours, connection.execute(sql).fetchall())[0] for sql in changed]


def _variants(place: Workplace, connection, engine) -> list[tuple]:
    """A median by the variants of the demo's experiment."""
    project = Project.find(ROOT)
    manifest = Path(place.environment["DBT_TARGET_PATH"]) / "semantic_manifest.json"
    semantics = Semantics.load(manifest, engine.dialect, engine.relation)
    metric, name = project.metrics()["backlog_age"], "welcome_call_timing"
    found = measured(connection, semantics, metric, project.blocks(), name, Question(), engine)
    return [(arm.variant, arm.customers, arm.n, *dataclasses.astuple(arm.estimate)) for arm in found]


def an_answer_is_that_of_duckdb_also_as_a_parquet_file(built: SparkPlace, demo: Workplace):
    question = ("query", "reopen_rate", "resolution_time", "first_response_time", "--by", "channel", "--grain", "year")
    answers = []
    for place, target in ((built, TARGET), (demo, ())):
        file = built.folder / f"answer of {place.folder.name}.parquet"
        place.cx_succeeds(*question, "--format", "parquet", "--out", file, *target)
        answers.append(duckdb.connect().execute("from read_parquet(?)", [str(file)]))
        assert list(file.parent.glob(f".{file.name}*")) == []
    ours, theirs = ([(column[0], str(column[1])) for column in answer.description] for answer in answers)
    assert ours == theirs
    rows = [answer.fetchall() for answer in answers]
    assert len(rows[0]) > 20
    assert differences("answer", [name for name, _ in ours], *rows) == []


def a_second_publication_keeps_the_copy_before_and_no_other(built: SparkPlace):
    from cxmetrics.build.publish import publish

    with built.connected() as (connection, engine):
        first = {row[0] for row in connection.execute("show schemas like 'published_*'").fetchall()}
        values = connection.execute("select count(*), sum(n) from metrics.metric_values").fetchall()
    with pytest.MonkeyPatch.context() as patched:
        for name, value in built.environment.items():
            patched.setenv(name, value)
        with engine.reserved():
            publish(Project.find(), engine)
            publish(Project.find(), engine)
            with engine.published() as connection:
                kept = {row[0] for row in connection.execute("show schemas like 'published_*'").fetchall()}
                assert connection.execute("select count(*), sum(n) from metrics.metric_values").fetchall() == values
                comments = connection.execute("describe metrics.metric_values").fetchall()
    assert len(first) == 1
    assert len(kept) == 2
    assert not first & kept
    assert {row[0]: row[2] for row in comments}["n"] == "Size of the sample behind the value."


def refused(place: SparkPlace) -> str:
    """What a command says that ends with 2."""
    done = place.cx("scorecard", *TARGET)
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    return done.stderr


def test_a_wrong_java_home_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    require_spark()
    monkeypatch.setenv("JAVA_HOME", "/nowhere")
    said = refused(SparkPlace(tmp_path))
    assert "Spark needs Java, and JAVA_HOME has none" in said
    assert "/nowhere" in said


def test_without_java_people_are_told_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    require_spark()
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "apt-get install default-jre-headless" in refused(SparkPlace(tmp_path))


def test_a_metastore_that_another_process_holds_is_named(tmp_path: Path):
    require_spark()
    place = SparkPlace(tmp_path)
    lock = tmp_path / "warehouse" / "spark" / "metastore" / "dbex.lck"
    lock.parent.mkdir(parents=True)
    with lock.open("w") as file:
        fcntl.lockf(file, fcntl.LOCK_EX)
        said = refused(place)
    assert f"{lock.parent}: another process holds Spark's metastore" in said
    assert "wait until it has ended" in said


@pytest.mark.parametrize("module", ["pyspark", "dbt.adapters.spark"])
def test_a_missing_module_is_named_with_how_to_get_it(workplace: Workplace, module: str):
    if module != "pyspark":
        pytest.importorskip("pyspark")  # the one that is looked for first
    code = f"import sys; sys.modules[{module!r}] = None; from cxmetrics.cli import main; sys.exit(main())"
    done = run_program(
        [sys.executable, "-c", code, "scorecard", *TARGET],
        env=workplace.environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert f"the target spark needs the Python module {module}, which is not installed" in done.stderr
    assert "pip install 'cxmetrics[spark]'" in done.stderr


def test_a_second_build_in_the_same_warehouse_is_turned_away(tmp_path: Path, demo: Workplace):
    require_spark()
    place = SparkPlace(tmp_path)
    lock = tmp_path / "warehouse" / "spark" / "building.lock"
    lock.parent.mkdir(parents=True)
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        done = place.cx("build", *TARGET, "--raw", demo.folder / "demo")
    assert done.returncode == 2
    assert "another build is at work in this warehouse" in done.stderr


def nothing_is_left_running(built: SparkPlace):
    running = [
        command
        for command in (_command(process) for process in Path("/proc").iterdir() if process.name.isdigit())
        if str(built.folder) in command
    ]
    assert running == []


def _command(process: Path) -> str:
    try:
        return (process / "cmdline").read_text(errors="replace")
    except OSError:
        return ""

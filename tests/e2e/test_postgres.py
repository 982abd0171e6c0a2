"""The same numbers on PostgreSQL, from files to published schemas, on a real server."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from chaos import copy_project
from cxmetrics.build.publish import publish
from cxmetrics.definitions.project import Project
from cxmetrics.engines.quoting import literal, relation
from cxmetrics.engines.sql import Sql, joined, sql
from cxmetrics.errors import BuildFailed
from cxmetrics.published.schema import METRIC_VALUES
from support import firm_calendar
from support.hostile_filters import Asker
from support.postgres_server import Server, new_database, postgres
from support.same_rows import compare_table, compare_with, differences
from support.workplace import ROOT, Workplace

__all__ = ["postgres"]

TARGET = ("--target", "postgres")
SCHEMAS = ["experience", "journey", "metrics", "service"]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, demo: Workplace) -> Iterator[Server]:
    """The demo, built and published. A test that changes what is published puts it back."""
    with new_database(tmp_path_factory.mktemp("postgres")) as server:
        replace(server, has_unit_tests=True).cx_succeeds("build", *TARGET, "--raw", demo.folder / "demo")
        yield server


def test_every_published_row_is_the_same_as_on_duckdb(built: Server, demo: Workplace, capsys: pytest.CaptureFixture):
    with duckdb.connect(str(demo.published), read_only=True) as published, built.connected() as connection:
        rows, found = compare_with(published, connection, relation)
        tables = published.execute("select count(*) from duckdb_tables()").fetchone()[0]
        there = connection.execute("select count(*) from pg_tables where schemaname = any(%s)", [SCHEMAS]).fetchone()[0]
    with capsys.disabled():
        print(f"\nPostgreSQL and DuckDB: {rows:,} rows in {tables} tables compared")  # noqa: T201 (for the log of CI)
    assert found == []
    assert rows > 100_000
    assert there == tables


def test_a_calendar_of_a_firm_has_the_numbers_counted_by_hand(postgres: Server):
    firm_calendar.build(replace(postgres, has_data_tests=False), *TARGET)
    firm_calendar.published_numbers_are_those_counted_by_hand(postgres.query)


PLANTED = {
    "metrics.metric_values.n": "update metrics.metric_values set n = n + 1 where grain = 'all' and dimension = 'all'",
    "metrics.metric_values.value": "update metrics.metric_values set value = value * 1.00000001 where grain = 'year'",
    "service.fct_tickets.created_at": "update service.fct_tickets set created_at = created_at + interval '1 us'",
    "service.fct_tickets.customer_id": "update service.fct_tickets set customer_id = null where is_reopened",
    "experience.fct_orders": "delete from experience.fct_orders where order_id like '%1'",
}


@pytest.mark.parametrize("planted", PLANTED)
def test_a_planted_difference_is_found(built: Server, demo: Workplace, planted: str):
    table = ".".join(planted.split(".")[:2])
    with duckdb.connect(str(demo.published), read_only=True) as published, built.connected() as connection:
        connection.execute("begin")
        assert connection.execute(PLANTED[planted]).rowcount > 0
        _, found = compare_table(table, published, connection, relation, Sql("1 = 1"))
        connection.execute("rollback")
    assert len(found) == 1
    assert found[0].split()[0].startswith(planted.rsplit(".", 1)[0])


def test_rows_are_compared_as_a_multiset_and_floats_by_size():
    assert differences("t", ["a", "b"], [(1, 0.1), (2, None)], [(2, None), (1, 0.1 + 1e-12)]) == []
    assert differences("t", ["a"], [(1,), (1,), (2,)], [(1,), (2,), (2,)]) != []
    assert differences("t", ["a"], [(1,)], [(True,)]) != []
    assert differences("t", ["a"], [(None,)], [(0.0,)]) != []


def test_answers_are_those_of_duckdb(built: Server, demo: Workplace):
    questions = [
        ("query", "reopen_rate", "resolution_time", "--by", "channel", "--grain", "quarter", "--format", "csv"),
        ("query", "first_response_time", "--where", "priority in ('high', 'urgent')", "--format", "csv"),
        ("query", "backlog_age", "contact_rate", "--experiment", "welcome_call_timing", "--format", "csv"),
    ]
    for question in questions:
        ours, theirs = (place.cx_succeeds(*question, *target) for place, target in ((built, TARGET), (demo, ())))
        rows = [
            [tuple(_number(cell) for cell in line.split(",")) for line in text.splitlines()] for text in (ours, theirs)
        ]
        assert len(rows[0]) > 1
        assert differences("answer", ours.splitlines()[0].split(","), *rows) == []
    ours = json.loads(built.cx_succeeds("scorecard", "--json", *TARGET))
    theirs = json.loads(demo.cx_succeeds("scorecard", "--json"))
    assert [line["metric"] for line in ours["domains"]["service"]] == [
        line["metric"] for line in theirs["domains"]["service"]
    ]
    assert ours["as_of"] == theirs["as_of"]
    assert ours["is_synthetic"] is True


@pytest.mark.parametrize("way", ["own login", "the builder's"])
def test_a_filter_of_a_stranger_can_do_nothing_but_limit_an_answer(
    built: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], way: str
):
    """As on DuckDB (tests/e2e/test_filters.py), for roles with the grants of the guide for operators."""
    before = published_state(built)
    with built.administrator() as connection:
        connection.execute(f"grant {built.reader} to {built.builder}")
    asker = Asker(built, TARGET, tmp_path, monkeypatch, capsys)
    if way == "own login":
        assert list(asker.accepted()) == []
        assert list(asker.misread()) == []
    else:
        for name in ("USER", "PASSWORD"):
            monkeypatch.delenv(f"CX_POSTGRES_READER_{name}")
    assert '"ok"' in asker.ask("reopen_rate", "--format", "json", "--where", "channel = 'email'")[1]
    assert list(asker.smuggled()) == []
    assert published_state(built) == before


def _number(cell: str) -> object:
    try:
        return float(cell)
    except ValueError:
        return cell


def test_an_answer_can_be_a_parquet_file(built: Server):
    file = built.folder / "answer.parquet"
    built.cx_succeeds("query", "reopen_rate", "--grain", "month", "--format", "parquet", "--out", file, *TARGET)
    types = duckdb.execute("select * from read_parquet(?)", [str(file)]).description
    assert [str(column[1]) for column in types][:4] == ["VARCHAR", "DATE", "DOUBLE", "BIGINT"]


def test_the_site_is_made_from_what_was_published(built: Server):
    built.cx_succeeds("docs", *TARGET)
    assert "ynthetic" in (built.folder / "target" / "site" / "index.html").read_text()


RELATIONS = """
    select nspname, bool_or(has_table_privilege(pg_class.oid, 'select')),
        bool_and(has_table_privilege(pg_class.oid, 'select')),
        bool_or(has_table_privilege(pg_class.oid, 'insert, update, delete, truncate, references, trigger'))
    from pg_class inner join pg_namespace on pg_namespace.oid = relnamespace
    where relkind in ('r', 'v', 'm') and nspname !~ '^(pg_|information_schema)' group by nspname order by nspname
"""


def test_readers_see_published_schemas_and_nothing_else(built: Server):
    from psycopg.errors import InsufficientPrivilege

    with built.connected(user=built.asker) as connection:
        privileges = connection.execute(RELATIONS).fetchall()
        everything = {name for name, *_ in privileges}
        assert {"build_metrics", "raw_canonical", "quarantine", "staging", "intermediate", "seeds"} <= everything
        assert [row for row in privileges if row[0] in SCHEMAS] == [(name, True, True, False) for name in SCHEMAS]
        assert not [row for row in privileges if row[0] not in SCHEMAS and (row[1] or row[3])]
        assert connection.execute("select count(*) > 0 from metrics.metric_values").fetchone() == (True,)
        for statement in (
            "select 1 from raw_canonical.customers",
            "select 1 from build_service.fct_tickets",
            "delete from metrics.metric_values",
            "create schema mine",
        ):
            with pytest.raises(InsufficientPrivilege):
                connection.execute(statement)


def test_tables_and_columns_carry_their_descriptions(built: Server):
    said = {
        tuple(names): text
        for *names, text in built.query("""
            select relname, coalesce(attname, ''), description
            from pg_description inner join pg_class on objoid = pg_class.oid and classoid = 'pg_class'::regclass
            inner join pg_namespace on pg_namespace.oid = relnamespace and nspname !~ '^(pg_|build_)'
            left join pg_attribute on attrelid = pg_class.oid and attnum = objsubid and objsubid > 0
        """)
    }
    assert said["metric_values", "n"] == METRIC_VALUES.columns["n"].description
    for model in (model for model in Project(ROOT).models().values() if model.schema in SCHEMAS):
        assert said[model.name, ""] == " ".join(model.description.split())
        for column in model.columns:
            assert said.get((model.name, column.name), "") == column.description


def test_tables_that_are_there_already_give_the_same_numbers(built: Server, demo: Workplace, postgres: Server):
    with built.connected() as origin, postgres.connected() as copy:
        copy.execute("create schema crm")
        # Filled from the files and not from raw tables: those hold hashes, and a hash of them is another.
        for file in (demo.folder / "demo").glob("*.parquet"):
            _fill_table(origin, copy, file, postgres.folder / f"{file.stem}.csv")
        # A column more, and a zone: both are what warehouses have.
        copy.execute("alter table crm.tickets add column synced_at timestamptz default now()")
        copy.execute(
            "alter table crm.tickets alter column created_at type timestamptz using created_at at time zone 'UTC'"
        )
    said = replace(postgres, has_data_tests=False).cx_succeeds("build", *TARGET, "--raw-schema", "crm")
    assert "crm.tickets: column 'synced_at' is not declared and was ignored" in said
    with duckdb.connect(str(demo.published), read_only=True) as published, postgres.connected() as connection:
        _, found = compare_with(published, connection, relation)
        names = connection.execute("select distinct _cx_file from raw_canonical.tickets").fetchall()
    assert names == [("crm.tickets",)]
    # A table does not say that it is synthetic.
    assert [sentence for sentence in found if "is_synthetic" not in sentence] == []


def _fill_table(origin, copy, file: Path, beside: Path) -> None:
    table = file.stem
    columns = origin.execute(
        "select attname, format_type(atttypid, null) from pg_attribute where attnum > 0 and attname !~ '^_cx'"
        " and attrelid = to_regclass(%s) order by attnum",
        [f"raw_canonical.{table}"],
    ).fetchall()
    copy.execute(f"create table crm.{table} ({', '.join(f'{name} {kind}' for name, kind in columns)})")
    names = joined(name for name, _ in columns)
    select = sql("select {names} from read_parquet({file})", names=names, file=literal(str(file)))
    duckdb.sql(select).write_csv(str(beside), header=False)
    with beside.open("rb") as rows, copy.cursor().copy(f"copy crm.{table} from stdin (format csv)") as into:
        into.write(rows.read())


# What a server does at a step of a build: part of a statement, and the program that sent it.
STEPS = {
    "inputs": ("raw_canonical", "cxmetrics"),
    "dbt build": ("build_", "dbt"),
    "metric values": ("build_metrics.measured_values", "cxmetrics"),
    "publication": ("cx_fresh_", "cxmetrics"),
}


def published_state(server: Server) -> list[tuple]:
    """Every published table with its identity, and all metric values in one number."""
    query = sql(
        """
        select schemaname, tablename, to_regclass(format('%I.%I', schemaname, tablename))::oid::bigint from pg_tables
        where schemaname in ({schemas})
        union all
        select 'values', count(*)::text, sum(hashtext(measured::text)) from metrics.metric_values as measured
        order by 1, 2
        """,
        schemas=joined(map(literal, SCHEMAS)),
    )
    return server.query(query)


def test_a_build_that_is_killed_at_any_step_leaves_what_was_published(built: Server, demo: Workplace, tmp_path: Path):
    few_metrics = tmp_path / "project"
    copy_project(few_metrics, is_whole=False)
    built = replace(built, has_data_tests=False)
    before = published_state(built)
    raw = ("--raw", demo.folder / "demo")
    for step, (statement, program) in STEPS.items():
        # A build of the past would publish other numbers.
        build = built.run_in_background("cx", "build", *TARGET, *raw, "--as-of", "2025-12-31", root=few_metrics)
        with built.connected() as connection:
            while not connection.execute(
                "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
                " and state <> 'idle' and query like %s and application_name = %s",
                [f"%{statement}%", program],
            ).fetchone()[0]:
                assert build.poll() is None, f"the build ended before {step}: {build.stdout.read()}"
                time.sleep(0.002)
        build.kill()
        build.communicate(timeout=60)
        assert published_state(built) == before, step
    built.cx_succeeds("build", *TARGET, *raw)
    assert published_state(built) != before
    # Two builds of one input may differ in the last bit of a sum, whose order the server chooses.
    with duckdb.connect(str(demo.published), read_only=True) as published, built.connected() as connection:
        _, found = compare_with(published, connection, relation)
    assert found == []
    assert built.query("select nspname from pg_namespace where nspname like 'cx\\_%'") == []


def test_a_reader_with_a_query_under_way_neither_waits_nor_makes_a_publication_wait(built: Server):
    project = Project(ROOT)
    with built.connected() as reader:
        reader.execute("begin")
        read = reader.execute("select count(*) from metrics.metric_values").fetchone()
        publish(project, built.engine(project))
        # Its transaction holds the table of before; by name it finds the new one.
        assert reader.execute("select count(*) from metrics.metric_values").fetchone() == read
        held = built.query("select nspname from pg_namespace where nspname like 'cx\\_replaced\\_%'")
        assert len(held) == 1
        reader.execute("commit")
    publish(project, built.engine(project))
    assert built.query("select nspname from pg_namespace where nspname like 'cx\\_%'") == []


def test_what_others_made_is_never_replaced_or_dropped(built: Server):
    from cxmetrics.engines.postgres.publication import MARK

    project = Project(ROOT)
    engine, before = built.engine(project), published_state(built)
    with built.connected() as connection:
        connection.execute("create schema mine; create view mine.my_view as select * from metrics.metric_values")
        with pytest.raises(BuildFailed, match=r"my_view"):
            publish(project, engine)
        connection.execute("drop schema mine cascade")
        connection.execute("comment on schema service is 'mine'")
        with pytest.raises(BuildFailed, match="has a schema service that cxmetrics did not make"):
            publish(project, engine)
        connection.execute(f"comment on schema service is '{MARK}'")
    assert published_state(built) == before


def test_a_second_build_of_one_database_is_told_to_wait(built: Server, demo: Workplace):
    with built.engine(Project(ROOT)).reserved():
        done = built.cx("build", *TARGET, "--raw", demo.folder / "demo")
    assert done.returncode == 2
    assert "another build is at work in this database" in done.stderr

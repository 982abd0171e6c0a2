"""What people read when PostgreSQL cannot be used: one sentence, what to do, exit 2, and no password."""

import sys
from pathlib import Path

import duckdb
import pytest

from support.postgres_server import Server, new_database, postgres, require_server
from support.programs import run_program
from support.workplace import Workplace

__all__ = ["postgres"]

TARGET = ("--target", "postgres")


def refused(place: Workplace, monkeypatch: pytest.MonkeyPatch, *command: str | Path, **settings: str) -> str:
    """What is said when a command ends with 2 under other CX_POSTGRES_* settings."""
    for name, value in settings.items():
        monkeypatch.setenv(f"CX_POSTGRES_{name}", value)
    done = place.cx(*command, *TARGET)
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert settings.get("PASSWORD", "no password") not in done.stderr
    return done.stderr


def test_without_a_server_people_are_told_to_start_one(workplace: Workplace, monkeypatch: pytest.MonkeyPatch):
    pytest.importorskip("psycopg")
    said = refused(workplace, monkeypatch, "scorecard", HOST="localhost", PORT="1")
    assert "postgresql://localhost:1/cx: cannot connect to PostgreSQL" in said
    assert "next:    start the server, or set CX_POSTGRES_HOST and CX_POSTGRES_PORT" in said


def test_a_host_that_is_not_there_is_named(workplace: Workplace, monkeypatch: pytest.MonkeyPatch):
    pytest.importorskip("psycopg")
    assert "correct CX_POSTGRES_HOST" in refused(workplace, monkeypatch, "scorecard", HOST="nowhere.invalid")


def test_a_wrong_password_is_not_shown(workplace: Workplace, monkeypatch: pytest.MonkeyPatch):
    require_server()
    said = refused(workplace, monkeypatch, "scorecard", PASSWORD="hunter2-is-wrong")  # noqa: S106 (nobody's)
    assert "password authentication failed" in said
    assert "CX_POSTGRES_PASSWORD" in said


def test_an_unknown_database_is_named(workplace: Workplace, monkeypatch: pytest.MonkeyPatch):
    require_server()
    said = refused(workplace, monkeypatch, "scorecard", DATABASE="cx_nowhere")
    assert 'database "cx_nowhere" does not exist' in said
    assert "create it on the server, or set CX_POSTGRES_DATABASE" in said


def test_a_role_that_may_not_create_schemas_is_told_what_to_grant(
    postgres: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    (tmp_path / "tickets.csv").write_text("ticket_id,created_at\n1,2026-01-01\n")
    asker = {"DATABASE": postgres.database, "USER": postgres.asker, "PASSWORD": postgres.password}
    said = refused(Workplace(tmp_path), monkeypatch, "inputs", "--raw", tmp_path, **asker)
    assert f"the role {postgres.asker} may not create schemas in the database {postgres.database}" in said
    assert f'grant create on database "{postgres.database}" to "{postgres.asker}"' in said


@pytest.mark.parametrize("command", ["scorecard", "docs"])
def test_before_the_first_build_the_next_step_is_a_build(
    postgres: Server, monkeypatch: pytest.MonkeyPatch, command: str
):
    said = refused(postgres, monkeypatch, command)
    assert "nothing has been published yet" in said
    assert "cx build --target postgres" in said


@pytest.mark.parametrize("module", ["psycopg", "dbt.adapters.postgres"])
def test_a_missing_driver_is_named_with_how_to_get_it(workplace: Workplace, module: str):
    if module != "psycopg":
        pytest.importorskip("psycopg")  # the one that is looked for first
    code = f"import sys; sys.modules[{module!r}] = None; from cxmetrics.cli import main; sys.exit(main())"
    done = run_program(
        [sys.executable, "-c", code, "build", *TARGET, "--raw", str(workplace.folder)],
        env=workplace.environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert f"the target postgres needs the Python module {module}, which is not installed" in done.stderr
    assert "pip install 'cxmetrics[postgres]'" in done.stderr


def test_a_schema_that_is_not_there_is_answered_with_the_tables_it_should_hold(
    postgres: Server, monkeypatch: pytest.MonkeyPatch
):
    said = refused(postgres, monkeypatch, "inputs", "--raw-schema", "crm")
    assert "no table of source canonical is in the schema crm" in said
    assert "survey_responses" in said


def test_a_column_whose_type_cannot_be_stored_is_named(postgres: Server, monkeypatch: pytest.MonkeyPatch):
    with postgres.connected() as connection:
        connection.execute("create schema crm; create table crm.tickets (ticket_id int, created_at text)")
    said = refused(postgres, monkeypatch, "inputs", "--raw-schema", "crm")
    assert "the column created_at of crm.tickets cannot be stored as timestamp" in said
    assert "got:     text" in said


def test_a_text_postgresql_cannot_store_is_hashed_before_it_gets_there(postgres: Server, tmp_path: Path):
    duckdb.execute(f"copy (select chr(0) as ticket_id, now() as created_at) to '{tmp_path}/tickets.parquet'")
    postgres.cx_succeeds("inputs", "--raw", tmp_path, *TARGET)
    here = Workplace(postgres.folder)
    here.cx_succeeds("inputs", "--raw", tmp_path)
    with duckdb.connect(str(postgres.folder / "warehouse" / "build" / "cx.duckdb")) as connection:
        hashed = connection.execute("select ticket_id from raw_canonical.tickets").fetchall()
    assert len(hashed[0][0]) > 1
    assert postgres.query("select ticket_id from raw_canonical.tickets") == hashed


def test_rejected_rows_are_masked_as_on_duckdb_and_block_the_build(postgres: Server, tmp_path: Path):
    header = "response_id,survey_type,score,scale_min,scale_max,responded_at,touchpoint\n"
    rows = [f"r{number},nps,{number % 11},0,10,2024-01-01,relationship" for number in range(40)]
    strange = ["Zoë Łuków-Ω7 50%,nope,1,0,10,2024-01-01,relationship", "x,nps,many,0,10,2024-01-01,relationship"]
    strange.append("y,nps,\0\x1b7,0,10,2024-01-01,relationship")
    (tmp_path / "survey_responses.csv").write_text(header + "\n".join([*rows, *strange]) + "\n")
    (tmp_path / "tickets.csv").write_text("ticket_id,created_at\nZoë Ł1,2026-01-01\nZoë Ł1,2026-01-02\n")
    query = (
        "select table_name, row_key, rule, column_name, masked_value, file_name, file_row from quarantine.rejected_rows"
    )
    here = Workplace(postgres.folder)
    said = [place.cx("inputs", "--raw", tmp_path, *target) for place, target in ((postgres, TARGET), (here, ()))]
    assert [done.returncode for done in said] == [3, 3]
    with duckdb.connect(str(postgres.folder / "warehouse" / "build" / "cx.duckdb")) as connection:
        ours = sorted(connection.execute(query).fetchall(), key=str)
    assert sorted(postgres.query(query), key=str) == ours
    assert ("tickets", "1", "superseded", "ticket_id", "tickets.csv", 1) in [(*row[:4], *row[5:]) for row in ours]
    assert len(ours) >= 3
    assert said[0].stdout == said[1].stdout


def test_the_log_of_servicenow_gives_its_own_answers(tmp_path_factory: pytest.TempPathFactory, shared_data: Path):
    with new_database(tmp_path_factory.mktemp("servicenow")) as server:
        server.cx_succeeds("build", "--source", "servicenow", "--raw", shared_data / "servicenow", *TARGET)
        answers = server.query("""
            select count(*), count(*) filter (where reopens > 0), sum(reopens)::bigint, sum(reassignments)::bigint,
                count(*) filter (where is_sla_met), count(*) filter (where is_solved),
                percentile_cont(0.5) within group (order by resolution_calendar_minutes),
                round(avg(resolution_calendar_minutes)::numeric, 4)::float8
            from service.fct_tickets
        """)
        states = server.query("""
            select status, value, n, count(*) > 100 from metrics.metric_values
            where metric = 'first_response_time' and dimension = 'all' group by 1, 2, 3
        """)
    assert answers == [(14_893, 190, 231, 16_107, 8_007, 13_807, 2_550, 12_699.6071)]
    assert states == [("no_data", None, 0, True)]

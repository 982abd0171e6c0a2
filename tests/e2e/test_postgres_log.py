"""What PostgreSQL itself can tell of a build: its log of every statement, and its statistics of them."""

from __future__ import annotations

import pytest

pytest.importorskip("psycopg")

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg

from cxmetrics.engines.file_reader import pads
from support.canaries import CANARIES, found_in_text, planted_copy
from support.postgres_cluster import Cluster, own_cluster
from support.postgres_server import new_database
from support.workplace import Workplace

TARGET = ("--target", "postgres")
# All that a server can be told to write down about statements.
TALKATIVE = {
    "log_min_duration_statement": "0",
    "log_statement": "all",
    "log_parameter_max_length": "-1",
    "log_parameter_max_length_on_error": "-1",
    "log_error_verbosity": "verbose",
    "log_min_error_statement": "debug1",
    "track_activity_query_size": "1MB",
    "shared_preload_libraries": "pg_stat_statements,auto_explain",
    "auto_explain.log_min_duration": "0",
    "auto_explain.log_verbose": "on",
    "auto_explain.log_nested_statements": "on",
    "pg_stat_statements.track": "all",
    "pg_stat_statements.track_utility": "on",
}
ROWS = 60


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with own_cluster(TALKATIVE) as cluster:
        yield cluster


def statements(cluster: Cluster) -> str:
    """The texts that ``pg_stat_statements`` keeps, as every administrator of the server reads them."""
    login = {"host": "127.0.0.1", "port": cluster.port, "user": "cx_administrator", "password": cluster.password}
    with psycopg.connect(**login, dbname="postgres", autocommit=True) as connection:
        connection.execute("create extension if not exists pg_stat_statements")
        return "\n".join(text for (text,) in connection.execute("select query from pg_stat_statements").fetchall())


def secrets_in(said: str) -> list[str]:
    """The forms in which the key of the hashes, or a canary, stands in a text."""
    salt = os.environ["CX_SALT"]
    inner, outer = pads(salt.encode())
    forms = {"salt": salt, "salt in hex": salt.encode().hex()}
    forms |= {name: pad.hex() for name, pad in (("inner pad", inner), ("outer pad", outer))}
    forms |= {f"{name} escaped": str(pad)[2:-1] for name, pad in (("inner pad", inner), ("outer pad", outer))}
    found = [name for name, form in forms.items() if form.lower() in said.lower()]
    return [*found, *found_in_text(said.encode())]


def test_what_is_looked_for_would_be_found(cluster: Cluster):
    login = {"host": "127.0.0.1", "port": cluster.port, "user": "cx_administrator", "password": cluster.password}
    before = len(cluster.logged())
    with psycopg.connect(**login, dbname="postgres", autocommit=True) as connection:
        connection.execute("select %s::bytea, 'Mustermann'", [pads(os.environ["CX_SALT"].encode())[0]])
    assert secrets_in(cluster.logged()[before:]) == ["inner pad", "mustermann"]


def test_neither_the_key_nor_a_canary_is_in_the_servers_log(
    cluster: Cluster, demo: Workplace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for name, value in cluster.environment.items():
        monkeypatch.setenv(name, value)
    raw = tmp_path / "raw"
    raw.mkdir()
    for file in (demo.folder / "demo").glob("*.parquet"):
        planted_copy(file, raw)
    with new_database(tmp_path) as server:
        before = len(cluster.logged())
        server.cx_succeeds("build", *TARGET, "--raw", raw)
        of_files = cluster.logged()[before:]
        assert server.query("select count(*) > 0 from quarantine.rejected_rows") == [(True,)]
        with server.connected() as connection:
            connection.execute("create schema crm; create table crm.tickets (ticket_id text, created_at timestamp,"
                               " customer_id text, team text, contact_reason text)")  # fmt: skip
            # What COPY sends is in no log.
            with connection.cursor().copy("copy crm.tickets from stdin") as copy:
                for number, canary in enumerate([*CANARIES] * ROWS):
                    copy.write_row((f"{canary} {number}", "2024-01-01", canary, canary, canary))
        before = len(cluster.logged())
        server.cx_succeeds("inputs", *TARGET, "--raw-schema", "crm")
        of_tables = cluster.logged()[before:]
    for said, program in ((of_files, "dbt"), (of_tables, "cx_key")):
        assert program in said and "raw_canonical" in said
        assert secrets_in(said) == []
    kept = statements(cluster)
    assert "raw_canonical" in kept
    assert secrets_in(kept) == []

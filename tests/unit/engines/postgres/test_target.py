"""What a target of profiles.yml says of PostgreSQL, without a server."""

from __future__ import annotations

from dataclasses import fields

import pytest

from cxmetrics.definitions.project import Project
from cxmetrics.engines.postgres.target import connection_arguments
from cxmetrics.engines.profile import read_output
from cxmetrics.engines.registry import engine_for
from cxmetrics.errors import CxError
from support.copied_project import SmallProject
from support.parsed_project import ROOT
from support.postgres_server import need_driver

PROFILE = "small: {target: prod, outputs: {prod: {type: postgres, host: db, user: u, schema: main, %s: require}}}\n"


@pytest.mark.parametrize(
    ("wrong", "nearest"), [("sslmod", "sslmode"), ("ssl_mode", "sslmode"), ("raeder", "reader"), ("hots", "host")]
)
def test_a_key_that_nobody_reads_is_refused_with_the_nearest(
    small: SmallProject, monkeypatch: pytest.MonkeyPatch, wrong: str, nearest: str
):
    need_driver()
    monkeypatch.delenv("DBT_PROFILES_DIR", raising=False)
    small.write("profiles.yml", PROFILE % wrong)
    with pytest.raises(CxError, match="has no such key") as caught:
        engine_for(small.project)
    assert (caught.value.got, caught.value.nearest, caught.value.file) == (wrong, nearest, "profiles.yml")


def test_every_key_of_dbt_is_known():
    need_driver()
    from dbt.adapters.postgres.connections import PostgresCredentials

    keys = {*(field.name for field in fields(PostgresCredentials)), *PostgresCredentials._ALIASES}
    assert connection_arguments({"type": "postgres", "threads": 4, "reader": "r", **dict.fromkeys(keys, "x")})


@pytest.mark.parametrize("host", ["db.example", "10.0.0.1", "localhost.example", "::2", "192.168.0.1"])
def test_a_connection_over_a_network_is_encrypted(monkeypatch: pytest.MonkeyPatch, host: str):
    assert connection_arguments({"host": host})["sslmode"] == "require"
    assert connection_arguments({"host": host, "sslmode": "verify-full"})["sslmode"] == "verify-full"
    assert shipped(monkeypatch, host)["sslmode"] == "require"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1", "/var/run/postgresql"])
def test_one_on_this_machine_needs_no_encryption(monkeypatch: pytest.MonkeyPatch, host: str):
    assert "sslmode" not in connection_arguments({"host": host})
    assert shipped(monkeypatch, host)["sslmode"] == "prefer"


def test_without_a_host_it_is_a_socket_of_this_machine():
    assert connection_arguments({"dbname": "cx"}) == {"dbname": "cx"}


def test_the_environment_may_ask_for_more(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CX_POSTGRES_SSLMODE", "verify-full")
    assert shipped(monkeypatch, "localhost")["sslmode"] == "verify-full"


def shipped(monkeypatch: pytest.MonkeyPatch, host: str) -> dict[str, object]:
    """The project's own target for this host; dbt reads the same lines."""
    monkeypatch.setenv("DBT_PROFILES_DIR", str(ROOT))
    monkeypatch.setenv("CX_POSTGRES_HOST", host)
    return read_output(Project(ROOT), "postgres", ["postgres"])[1]

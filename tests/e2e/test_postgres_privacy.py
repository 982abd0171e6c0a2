"""Nothing of a person is in what the server is asked, so nothing is in its log."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from cxmetrics.definitions.project import Project
from cxmetrics.engines.file_reader import pads
from cxmetrics.inputs.run import load_inputs
from cxmetrics.inputs.stored import RawSchema
from support.canaries import CANARIES, found_in_text, raw_with_canaries
from support.postgres_server import Server, postgres
from support.workplace import ROOT, Workplace

__all__ = ["postgres"]


@pytest.mark.parametrize("reads", ["files", "tables"])
def test_no_canary_is_in_what_postgresql_is_asked(
    demo: Workplace, tmp_path: Path, postgres: Server, monkeypatch: pytest.MonkeyPatch, reads: str
):
    """What ``log_min_duration_statement = 0`` would write into the server's log: statements, and their parameters."""
    import psycopg

    raw: Path | RawSchema = raw_with_canaries(demo, tmp_path)
    if reads == "tables":
        with postgres.connected() as connection:
            connection.execute("create schema crm; create table crm.tickets (ticket_id text, created_at timestamp,"
                               " customer_id text, team text)")  # fmt: skip
            for canary in CANARIES:
                connection.execute("insert into crm.tickets values (%s, '2024-01-01', %s, %s)", [canary] * 3)
        raw = RawSchema("crm")
    asked: list[str] = []
    execute = psycopg.Cursor.execute

    def noted(cursor: Any, query: Any, parameters: Any = None, **others: Any) -> Any:
        asked.append(f"{query} {parameters}")
        return execute(cursor, query, parameters, **others)

    monkeypatch.setattr(psycopg.Cursor, "execute", noted)
    copy = psycopg.Cursor.copy
    monkeypatch.setattr(
        psycopg.Cursor, "copy", lambda *given, **named: asked.append(str(given[1])) or copy(*given, **named)
    )
    monkeypatch.setenv("CX_WAREHOUSE", str(tmp_path / "warehouse"))
    result = load_inputs(Project(ROOT), postgres.engine(Project(ROOT)), ["canonical"], raw)
    assert sum(table.raw for table in result.tables) >= len(CANARIES)
    assert any("insert into" in query or "copy" in query for query in asked)
    said = "\n".join(asked)
    assert list(found_in_text(said.encode())) == []
    salt = os.environ["CX_SALT"]
    assert salt not in said and not any(
        pad in said for pad in (str(pads(salt.encode())[0]), pads(salt.encode())[0].hex())
    )

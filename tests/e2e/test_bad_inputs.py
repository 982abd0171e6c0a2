"""Every kind of bad input through ``cx inputs``: what is said, the exit code, and where each row went."""

from __future__ import annotations

import shutil
import sys
from collections import Counter
from pathlib import Path

import duckdb
import pytest

from cxmetrics.cli import main
from cxmetrics.engines.sql import sql
from support.bad_input_case import Case
from support.bad_inputs import CASES, GUIDE, ROOT, guide_with, table

DECLARATION = "models/staging/canonical/_canonical__sources.yml"

# Great Expectations imports pyspark where that is installed, and pyspark takes a main module without a file, such as a
# worker of pytest-xdist, for its own doctests and ends the process.
if not hasattr(sys.modules["__main__"], "__file__"):
    sys.modules["__main__"].__file__ = __file__


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of the canonical source alone, with a warehouse of its own."""
    root = tmp_path / "project"
    (root / DECLARATION).parent.mkdir(parents=True)
    for name in ("dbt_project.yml", DECLARATION):
        shutil.copy(ROOT / name, root / name)
    shutil.copytree(ROOT / "seeds", root / "seeds")
    monkeypatch.setenv("CX_WAREHOUSE", str(tmp_path / "warehouse"))
    monkeypatch.setenv("DBT_PROJECT_DIR", str(root))
    monkeypatch.setenv("DBT_PROFILES_DIR", str(ROOT))
    return root


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.kind.replace(" ", "_"))
def test_a_bad_input_is_answered_and_none_of_its_rows_is_lost(
    case: Case, project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    raw = tmp_path / "raw"
    raw.mkdir()
    case.give(raw)
    if case.change:
        file = project / DECLARATION
        text = file.read_text()
        assert text.count(case.change[0]) == 1
        file.write_text(text.replace(*case.change))
    code = main(["inputs", "--source", "canonical", "--raw", str(raw)])
    output = "".join(capsys.readouterr())
    assert case.said in output
    assert code == case.exit_code, output
    assert "Traceback" not in output
    build = tmp_path / "warehouse" / "build" / "cx.duckdb"
    if case.raw is None:
        assert not build.exists() or not _tables(build)
        return
    with duckdb.connect(str(build), read_only=True) as connection:
        raw_rows = connection.execute("select sum(raw_rows) from quarantine.loads").fetchone()[0]
        rejected = connection.execute(
            "select rule, count(*) from quarantine.rejected_rows where file_name is not null group by 1"
        ).fetchall()
        accepted = sum(_accepted(connection, name) for (name,) in _loaded(connection))
        rows = connection.execute(
            "select count(distinct (table_name, row_key)) from quarantine.rejected_rows"
        ).fetchone()[0]
    assert raw_rows == case.raw
    assert Counter(dict(rejected)) == Counter(case.rejected)
    assert (accepted, accepted + rows) == (case.accepted, case.raw)


def _tables(build: Path) -> list[tuple[str]]:
    with duckdb.connect(str(build), read_only=True) as connection:
        return connection.execute("select table_name from duckdb_tables()").fetchall()


def _loaded(connection: duckdb.DuckDBPyConnection) -> list[tuple[str]]:
    return connection.execute("select table_name from duckdb_tables() where schema_name = 'raw_canonical'").fetchall()


def _accepted(connection: duckdb.DuckDBPyConnection, name: str) -> int:
    query = sql(
        "select count(*) from raw_canonical.{name} as r where not exists (select 1 from quarantine.rejected_rows as q"
        " where q.table_name = '{name}' and q.row_key = cast(r._cx_row as varchar))",
        name=name,
    )
    return connection.execute(query).fetchone()[0]


def test_the_guide_shows_every_kind():
    assert len(CASES) >= 40
    assert len({case.kind for case in CASES}) == len(CASES)
    assert guide_with(table()) == GUIDE.read_text(encoding="utf-8"), (
        "run: PYTHONPATH=tests python tests/support/bad_inputs.py"
    )

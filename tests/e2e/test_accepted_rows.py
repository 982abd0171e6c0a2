"""Every number rests on the accepted rows alone, whatever is done to the raw rows.

All that models outside staging read is the staging views: when those hold the same rows, every metric is the same.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxmetrics.definitions.project import Project
from cxmetrics.demo.generate import Demo, make_demo
from cxmetrics.engines.duckdb.engine import DuckDBEngine
from cxmetrics.engines.quoting import literal
from cxmetrics.engines.sql import Sql, joined, sql
from cxmetrics.inputs.run import load_inputs
from cxmetrics.inputs.validation_result import ValidationResult
from support.workplace import ROOT, Workplace

BOUNDED = settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
SOURCE = "canonical"
# What one value of a column becomes, by its type: something that looks like a value, so that only rules can tell.
DAMAGE = {
    "VARCHAR": ("null", "'Q1'"),
    "TIMESTAMP": ("null", "timestamp '2999-01-01 00:00:00'", "timestamp '1970-01-01 00:00:00'"),
    "DATE": ("null", "date '2999-01-01'"),
    "DOUBLE": ("null", "-1e6"),
    "BIGINT": ("null", "-1000000"),
    "INTEGER": ("null", "-1000000"),
    "BOOLEAN": ("null",),
}


class Guarded:
    """The build database of the demo, with inputs of its own."""

    def __init__(self, engine: DuckDBEngine, raw: Path):
        self.engine, self.raw = engine, raw

    def load(self, raw: Path) -> ValidationResult:
        return load_inputs(self.engine.project, self.engine, [SOURCE], raw)

    def staged(self) -> dict[str, tuple]:
        """What models read: rows and their content, whatever their order, by staging view."""
        with self.engine.building() as connection:
            views = connection.execute(
                "select view_name from duckdb_views() where schema_name = 'staging' and view_name like 'stg_%'"
            ).fetchall()
            return {
                view: connection.execute(
                    sql("select count(*), sum(hash(r)) from staging.{view} as r", view=view)
                ).fetchone()
                for (view,) in views
            }

    def accepted(self, raw: Path, folder: Path) -> Path:
        """Files of the rows of ``raw`` that were accepted, in their order."""
        folder.mkdir()
        shutil.copy(self.raw / "demo.json", folder)
        # The project's own connections read and write no such file.
        with duckdb.connect(str(self.engine.build_file)) as connection:
            for file in raw.glob("*.parquet"):
                # Of the files and not of the raw tables: those hold hashes, and a hash of them is another.
                copy = sql(
                    "copy (select raw.* exclude (file_row_number)"
                    " from read_parquet({file}, file_row_number = true) as raw"
                    " where not exists (select 1 from quarantine.rejected_rows as rejected"
                    " where rejected.source_name = {source} and rejected.table_name = {table}"
                    " and rejected.row_key = cast(raw.file_row_number + 1 as varchar)) order by file_row_number)"
                    " to {copy} (format parquet)",
                    file=literal(str(file)),
                    source=literal(SOURCE),
                    table=literal(file.stem),
                    copy=literal(str(folder / file.name)),
                )
                connection.execute(copy)
        return folder


@pytest.fixture
def guarded(demo: Workplace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Guarded]:
    monkeypatch.setenv("CX_WAREHOUSE", str(tmp_path / "warehouse"))
    engine = DuckDBEngine(Project(ROOT))
    engine.build_file.parent.mkdir(parents=True)
    shutil.copy(demo.folder / "warehouse" / "build" / "cx.duckdb", engine.build_file)
    make_demo(Demo(customers=60), tmp_path / "raw")
    return Guarded(engine, tmp_path / "raw")


def damaged(raw: Path, folder: Path, seed: int, share: float) -> Path:
    """The files with a share of the rows damaged in one column, and as many repeated."""
    folder.mkdir()
    shutil.copy(raw / "demo.json", folder)
    with duckdb.connect() as connection:
        for file in raw.glob("*.parquet"):
            connection.execute(f"create or replace view given as from read_parquet('{file}', file_row_number = true)")
            columns = connection.execute("select column_name, column_type from (describe given)").fetchall()[:-1]
            numbers = {"seed": seed, "limit": 1000 * share, "columns": len(columns)}
            values = []
            for index, (name, data_type) in enumerate(columns):
                choices = DAMAGE[data_type]
                value = sql(
                    "case when hash(file_row_number, {seed}) % 1000 < {limit}"
                    " and hash(file_row_number, {seed}, 1) % {columns} = {index}"
                    " then case hash(file_row_number, {seed}, 2) % {choices} {cases} end else {name} end as {name}",
                    index=index,
                    name=name,
                    choices=len(choices),
                    cases=joined([sql("when {n} then {c}", n=n, c=Sql(c)) for n, c in enumerate(choices)], " "),
                    **numbers,
                )
                values.append(value)
            copy = sql(
                "copy (select {values} from given union all select {names} from given"
                " where hash(file_row_number, {seed}, 3) % 1000 < {limit}) to {file} (format parquet)",
                values=joined(values),
                names=joined(name for name, _ in columns),
                file=literal(str(folder / file.name)),
                **numbers,
            )
            connection.execute(copy)
    return folder


@BOUNDED
@given(seed=st.integers(0, 10**6), share=st.sampled_from([0.002, 0.02, 0.2]))
def test_models_read_what_they_would_read_of_the_accepted_rows_alone(
    guarded: Guarded, tmp_path_factory: pytest.TempPathFactory, seed: int, share: float
):
    folder = tmp_path_factory.mktemp("raw")
    raw = damaged(guarded.raw, folder / "damaged", seed, share)
    result = guarded.load(raw)
    staged = guarded.staged()
    assert sum(table.rejected for table in result.tables) > 0
    assert all(table.accepted + table.superseded + table.rejected == table.raw for table in result.tables)
    alone = guarded.load(guarded.accepted(raw, folder / "accepted"))
    assert [(table.table, table.rules) for table in alone.tables if table.rejected] == []
    assert sum(table.raw for table in alone.tables) == sum(table.accepted for table in result.tables)
    assert guarded.staged() == staged


def test_a_rejected_row_that_models_read_would_be_noticed(guarded: Guarded):
    guarded.load(guarded.raw)
    staged = guarded.staged()
    with guarded.engine.building() as connection:
        connection.execute(f"insert into raw_{SOURCE}.orders from raw_{SOURCE}.orders limit 1")
    changed = guarded.staged()
    assert [view for view in staged if staged[view] != changed[view]] == [f"stg_{SOURCE}__orders"]


def test_models_read_raw_tables_through_staging_only(demo: Workplace):
    manifest = json.loads((demo.folder / "target" / "manifest.json").read_text())
    models = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    assert len(models) > 50
    for model in models:
        if model["path"].startswith("staging/"):
            continue
        parents = model["depends_on"]["nodes"]
        # The tables of the quarantine say what was found, not what is counted.
        raw = [parent for parent in parents if parent.startswith("source.") and ".quarantine." not in parent]
        assert raw == [], model["name"]
        views = [
            parent.split(".")[-1]
            for parent in parents
            if "staging/" in manifest["nodes"].get(parent, {"path": ""})["path"]
        ]
        assert all(view.startswith("stg_") for view in views), model["name"]

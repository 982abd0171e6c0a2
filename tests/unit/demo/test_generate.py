"""What is written, where, and that it is the same every time."""

import hashlib
import json
from pathlib import Path

import duckdb
import pytest

from cxmetrics.demo import generate
from cxmetrics.demo.entities import COLUMNS
from cxmetrics.demo.generate import AS_OF, Demo, make_demo
from cxmetrics.demo.manifest import MANIFEST
from cxmetrics.errors import CxError


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def described(folder: Path, entity: str) -> list[tuple[str, str]]:
    rows = duckdb.read_parquet(str(folder / f"{entity}.parquet"))
    return [(name, str(data_type).lower()) for name, data_type in zip(rows.columns, rows.types, strict=True)]


def test_one_thread_and_two_threads_write_the_same_bytes(small: Demo, small_folder: Path, tmp_path: Path):
    make_demo(small, tmp_path / "again", threads=1)
    assert contents(tmp_path / "again") == contents(small_folder)


def test_another_seed_writes_other_bytes(small_folder: Path, tmp_path: Path):
    make_demo(Demo(customers=300, seed=8), tmp_path / "other")
    other = contents(tmp_path / "other")
    assert [name for name, written in contents(small_folder).items() if written == other[name]] == []


def test_the_folder_holds_every_entity_and_says_that_it_is_synthetic(small_folder: Path):
    assert set(contents(small_folder)) == {f"{entity}.parquet" for entity in COLUMNS} | {MANIFEST}
    said = json.loads((small_folder / MANIFEST).read_text())
    assert said.pop("files") == {
        name: hashlib.sha256(content).hexdigest()
        for name, content in contents(small_folder).items()
        if name != MANIFEST
    }
    assert said == {
        "synthetic": True,
        "customers": 300,
        "seed": 7,
        "months": 24,
        "as_of": "2026-06-30T23:59:59",
    }


@pytest.mark.parametrize("entity", COLUMNS)
def test_an_entity_has_the_canonical_columns_in_order_and_with_their_types(entity: str, small_folder: Path):
    assert described(small_folder, entity) == list(COLUMNS[entity].items())


def test_the_reported_rows_are_the_rows_in_the_files(tmp_path: Path):
    rows = make_demo(Demo(customers=5), tmp_path / "few")
    assert rows == {entity: len(duckdb.read_parquet(str(tmp_path / "few" / f"{entity}.parquet"))) for entity in COLUMNS}


@pytest.mark.parametrize(("customers", "months"), [(1, 1), (1, 24), (3, 60), (20, 2)])
def test_the_smallest_demos_work_and_keep_their_types(customers: int, months: int, tmp_path: Path):
    make_demo(Demo(customers=customers, months=months), tmp_path / "tiny")
    for entity, columns in COLUMNS.items():
        assert described(tmp_path / "tiny", entity) == list(columns.items())
    touchpoints = duckdb.read_parquet(str(tmp_path / "tiny" / "touchpoint_events.parquet"))
    assert touchpoints.max("occurred_at").fetchone() == (AS_OF,)


@pytest.mark.parametrize(
    ("name", "value", "next_step"),
    [
        ("customers", 0, "cx demo --customers 1"),
        ("customers", 100_001, "cx demo --customers 100000"),
        ("months", 61, "cx demo --months 60"),
        ("seed", -1, "cx demo --seed 0"),
    ],
)
def test_a_number_that_makes_no_sense_is_refused_with_the_nearest_that_does(name: str, value: int, next_step: str):
    with pytest.raises(CxError, match=f"--{name} must be between") as refused:
        Demo(**{name: value})
    assert (refused.value.got, refused.value.next_step, refused.value.exit_code) == (value, next_step, 2)


def test_a_folder_with_somebodys_data_is_refused_and_left_alone(tmp_path: Path):
    (tmp_path / "tickets.parquet").write_text("mine")
    with pytest.raises(CxError, match="perhaps somebody's data") as refused:
        make_demo(Demo(customers=1), tmp_path)
    assert refused.value.next_step == "remove the folder, or cx demo --out DIR with a new one"
    assert contents(tmp_path) == {"tickets.parquet": b"mine"}


@pytest.mark.parametrize("manifest", ['{"synthetic": false}', "[]", "not json"])
def test_a_manifest_that_does_not_say_synthetic_does_not_open_the_folder(manifest: str, tmp_path: Path):
    (tmp_path / MANIFEST).write_text(manifest)
    with pytest.raises(CxError, match="perhaps somebody's data"):
        make_demo(Demo(customers=1), tmp_path)


def test_a_manifest_does_not_make_somebodys_files_a_demo(tmp_path: Path):
    make_demo(Demo(customers=1), tmp_path / "demo")
    for name, content in (("tickets.parquet", b"mine"), (MANIFEST, b'{"synthetic": true}')):
        before = (tmp_path / "demo" / name).read_bytes()
        (tmp_path / "demo" / name).write_bytes(content)
        with pytest.raises(CxError, match="not as cx demo wrote it"):
            make_demo(Demo(customers=1), tmp_path / "demo")
        assert (tmp_path / "demo" / name).read_bytes() == content
        (tmp_path / "demo" / name).write_bytes(before)


def test_a_demo_with_a_foreign_file_beside_it_is_refused(tmp_path: Path):
    make_demo(Demo(customers=1), tmp_path / "demo")
    (tmp_path / "demo" / "notes.txt").write_text("mine")
    with pytest.raises(CxError, match=r"holds notes\.txt"):
        make_demo(Demo(customers=2), tmp_path / "demo")
    assert (tmp_path / "demo" / "notes.txt").read_text() == "mine"


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path):
    (tmp_path / "demo").write_text("mine")
    with pytest.raises(CxError, match="a file, not a folder"):
        make_demo(Demo(customers=1), tmp_path / "demo")


def test_an_earlier_demo_is_replaced_as_a_whole(tmp_path: Path):
    make_demo(Demo(customers=1), tmp_path / "demo")
    make_demo(Demo(customers=2), tmp_path / "demo")
    assert json.loads((tmp_path / "demo" / MANIFEST).read_text())["customers"] == 2
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]


def test_an_interrupted_run_leaves_the_earlier_demo_and_nothing_else(tmp_path: Path):
    make_demo(Demo(customers=1), tmp_path / "demo")
    before = contents(tmp_path / "demo")

    def interrupt(step: str, done: int, total: int) -> None:
        if step == "writing orders.parquet":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_demo(Demo(customers=2), tmp_path / "demo", report=interrupt)
    assert contents(tmp_path / "demo") == before
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]


def test_a_replacement_that_fails_brings_the_earlier_demo_back(tmp_path: Path):
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / MANIFEST).write_text("earlier")
    with pytest.raises(FileNotFoundError):
        generate._replace(tmp_path / "demo", tmp_path / "missing", tmp_path / "before")
    assert contents(tmp_path / "demo") == {MANIFEST: b"earlier"}


def test_every_step_is_reported_once(tmp_path: Path):
    seen = []
    make_demo(Demo(customers=1), tmp_path / "demo", report=lambda step, done, total: seen.append((done, total)))
    assert seen == [(done, len(seen)) for done in range(len(seen))]

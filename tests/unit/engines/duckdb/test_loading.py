"""A load into an open DuckDB database."""

import hmac
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from cxmetrics.engines.duckdb.loading import DuckDBLoading
from cxmetrics.engines.file_reader import FileReader
from cxmetrics.engines.interface import first_row
from cxmetrics.engines.sql import sql
from cxmetrics.errors import BuildFailed

NAME = 'thi"ngs'


@pytest.fixture
def loading() -> Iterator[DuckDBLoading]:
    with duckdb.connect() as connection:
        yield DuckDBLoading(connection)


def test_rows_are_stored_in_the_order_of_the_columns_and_counted(loading: DuckDBLoading):
    loading.create_table("raw", NAME, {"id": "bigint", "te xt": "varchar"})
    assert loading.append("raw", NAME, "select range, 'x' from range(3)") == 3
    assert loading.insert("raw", NAME, f"from {loading.relation('raw', NAME)} select id + 10, 'y'") == 3
    assert first_row(loading, f"from {loading.relation('raw', NAME)} select count(*), max(id)") == (6, 12)


def test_a_table_takes_the_place_of_one_with_its_name(loading: DuckDBLoading):
    for columns in ({"id": "bigint"}, {"other": "varchar"}):
        loading.create_table("raw", NAME, columns)
        assert loading.stored("raw")[NAME].columns == {name: kind.upper() for name, kind in columns.items()}
    assert loading.stored("nowhere") == {}


def test_what_is_stored_is_named_by_sql_that_finds_it(loading: DuckDBLoading):
    loading.create_table("raw", NAME, {"id": "bigint"})
    loading.execute(f"create view raw.seen as from {loading.relation('raw', NAME)} select 'x' as text")
    found = loading.stored("raw")
    assert {name: dict(table.columns) for name, table in found.items()} == {
        "seen": {"text": "VARCHAR"},
        NAME: {"id": "BIGINT"},
    }
    assert first_row(loading, f"from {found[NAME].relation} select count(*)") == (0,)


def test_a_disk_without_room_is_no_complaint_about_the_file(monkeypatch: pytest.MonkeyPatch, loading: DuckDBLoading):
    def full(_: str) -> None:
        raise duckdb.IOException("No space left on device")

    monkeypatch.setattr(loading, "execute", full)
    with pytest.raises(BuildFailed, match="make room"):
        loading.append("raw", NAME, "select 1")


def test_texts_are_masked_to_forty_characters(loading: DuckDBLoading):
    masked = loading.masked(loading.literal("Zoë Łuków, +49 170\t'\\" + "x" * 50))
    assert first_row(loading, f"select {masked}") == ("aaa aaaaa, +99 999 '\\" + "a" * 19,)


@pytest.mark.parametrize("key", [b"short", b"k" * 64, b"longer than a block of SHA-256" * 3])
def test_hashes_are_hmac_sha_256_with_the_key_of_the_load(loading: DuckDBLoading, key: bytes):
    loading.begin(FileReader(key))
    hashed = f"select {loading.hashed(loading.literal('Erika ü'))}"
    assert first_row(loading, hashed) == (hmac.new(key, "Erika ü".encode(), "sha256").hexdigest(),)
    loading.forget_key()
    with pytest.raises(duckdb.CatalogException, match="cx_key"):
        loading.execute(hashed)


def test_the_key_is_in_no_plan_and_no_profile(loading: DuckDBLoading, tmp_path: Path):
    key = b"a key that is not to be seen"
    loading.begin(FileReader(key))
    query = sql("select {hashed} from (values ('Erika')) as given(text)", hashed=loading.hashed("text"))
    profile = tmp_path / "profile.json"
    loading.execute("pragma enable_profiling = 'json'")
    loading.execute(f"set profiling_output = '{profile}'")
    loading.execute(query).fetchall()
    plan = loading.execute(f"explain analyze {query}").fetchall()
    # The end of a key that was filled up to a block of SHA-256, as DuckDB shows bytes.
    for said in (profile.read_text(), str(plan)):
        assert "sha256" in said
        assert "6666" not in said and "x5C" not in said


def test_patterns_are_of_the_whole_text(loading: DuckDBLoading):
    text = loading.literal("Erika")
    for pattern, holds in (("E[a-z]+", True), ("E[a-z]", False), ("x|Erika", True), ("it's|\\w+", True)):
        assert first_row(loading, f"select {loading.matches(text, pattern)}") == (holds,)

"""Small files that would take a machine down are refused, quickly and in words."""

from __future__ import annotations

import gzip
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
import zstandard

from cxmetrics.errors import CxError
from cxmetrics.inputs.limits import UNPACKED_FREELY, Limits, limits_of
from support.raw_inputs import HEADER, Inputs
from support.workplace import ROOT

ROWS = "".join(f"{number},2024-01-01,open,1\n" for number in range(50))
# What a bomb takes without limits is minutes. Whoever waits for a pipe waits for ever.
PATIENCE_SECONDS = 60


@pytest.fixture(autouse=True)
def patience() -> Iterator[None]:
    def stop(*_: object) -> None:
        raise AssertionError(f"no answer in {PATIENCE_SECONDS} seconds")

    signal.signal(signal.SIGALRM, stop)
    signal.alarm(PATIENCE_SECONDS)
    yield
    signal.alarm(0)


def limit(shop: Inputs, **limits: int) -> None:
    """Declare limits of the project."""
    said = ", ".join(f"{name}: {value}" for name, value in limits.items())
    text = f"name: shop\nvars:\n  sources: [shop]\n  input_limits: {{{said}}}\n"
    (shop.project.root / "dbt_project.yml").write_text(text)
    shop.project.__dict__.pop("settings", None)


def refused(shop: Inputs, file: Path | None = None) -> CxError:
    """What is said; nothing is loaded."""
    with pytest.raises(CxError) as caught:
        shop.load()
    if file is not None:
        assert caught.value.file == str(file)
    return caught.value


def zeros(megabytes: int) -> Iterator[bytes]:
    yield HEADER.encode()
    yield from (b"\0" * 1_000_000 for _ in range(megabytes))


def test_a_gzip_bomb_is_refused(shop: Inputs):
    bomb = shop.raw / "tickets.csv.gz"
    with gzip.open(bomb, "wb") as stream:
        stream.writelines(zeros(200))
    assert bomb.stat().st_size < 250_000
    error = refused(shop, bomb)
    assert f"unpack to more than {UNPACKED_FREELY:,}" in error.what
    assert "unpacked_ratio allows 200 times its size" in error.what
    assert "raise unpacked_ratio below vars: input_limits: in dbt_project.yml" in str(error)


def test_a_zstd_bomb_is_refused(shop: Inputs):
    bomb = shop.raw / "tickets.csv.zst"
    stream = zstandard.ZstdCompressor(level=19).compressobj()
    with bomb.open("wb") as file:
        file.writelines(stream.compress(part) for part in zeros(200))
        file.write(stream.flush())
    assert bomb.stat().st_size < 30_000
    assert "unpacked_ratio" in refused(shop, bomb).what


def test_what_unpacks_as_text_does_is_read(shop: Inputs):
    shop.give("tickets.csv.gz", HEADER + ROWS)
    assert shop.table("tickets").raw == 50
    limit(shop, unpacked_bytes=100)
    assert "unpacked_bytes allows no more" in refused(shop).what


def test_a_parquet_file_of_rows_that_cost_nothing_is_refused(shop: Inputs):
    bomb = shop.raw / "tickets.parquet"
    rows = duckdb.sql(
        "select 'a' as ticket_id, timestamp '2024-01-01' as created_at, 'open' as status, 1.0 as minutes"
        " from range(20_000_000)"
    )
    rows.write_parquet(str(bomb), row_group_size=2_000_000)
    assert bomb.stat().st_size < 100_000
    assert "unpacked_ratio allows 200 times its size" in refused(shop, bomb).what
    limit(shop, rows=1_000)
    assert "20,000,000 rows, and rows allows 1,000" in refused(shop, bomb).what


def test_a_header_of_very_many_columns_is_refused(shop: Inputs):
    names = ",".join(f"column_{number}" for number in range(70_000))
    file = shop.give("tickets.csv", f"ticket_id,created_at,{names}\n")
    assert "70,002 columns, and columns allows 1,000" in refused(shop, file).what
    file.unlink()
    columns = ", ".join(f"1 as column_{number}" for number in range(1_001))
    duckdb.execute(f"copy (select 'a' as ticket_id, {columns}) to '{shop.raw}/tickets.parquet'")
    assert "1,002 columns, and columns allows 1,000" in refused(shop, shop.raw / "tickets.parquet").what


def test_a_header_without_an_end_is_refused(shop: Inputs):
    file = shop.give("tickets.csv", "ticket_id," + "x" * 2_000_000 + "\n")
    error = refused(shop, file)
    assert (error.line, "line_bytes" in error.what) == (1, True)


def test_a_line_may_be_as_long_as_is_said(shop: Inputs):
    shop.give("tickets.csv", HEADER + ROWS + "x" * 5_000 + ",2024-01-01,open,1\n")
    assert shop.table("tickets").rejected == 0
    limit(shop, line_bytes=4_000)
    table = shop.table("tickets")
    assert (table.raw, table.rules) == (51, (("line_that_is_too_long", 1),))
    assert shop.query("select file_line from quarantine.rejected_rows") == [(52,)]


def test_rows_and_lines_that_are_none_are_counted_up_to_the_limit(shop: Inputs):
    shop.give("tickets.csv", HEADER + ROWS + "only\n" * 7)
    limit(shop, rows=40)
    assert "50 rows, and rows allows 40" in refused(shop).what
    limit(shop, bad_lines=6)
    assert "more than the 6 lines that bad_lines allows are no rows" in refused(shop).what
    limit(shop, bad_lines=7)
    assert shop.table("tickets").rejected == 7


def test_very_many_lines_that_are_none_are_refused_before_each_is_kept(shop: Inputs):
    bad = ["only\n", "1,2,3,4,5,6\n", 'a,"b"x,open,1\n']
    for number, line in enumerate(bad):
        file = shop.give("tickets.csv", HEADER + ROWS + line * (3_000_000 // (number + 1)))
        assert "more than the 20,000 lines that bad_lines allows" in refused(shop, file).what


def test_a_line_without_an_end_is_refused_and_not_lost(shop: Inputs):
    file = shop.give("tickets.csv", HEADER + ROWS + "x" * 40_000_000 + ",2024-01-01,open,1\n" + ROWS)
    assert "a line is longer than 16,000,000 bytes, and line_bytes allows 2,000,000" in refused(shop, file).what


def test_a_value_of_very_many_lines_is_taken_for_a_quote_that_is_never_closed(shop: Inputs):
    # It may be closed at the end: else, all rows behind it would count as one line that is too long.
    file = shop.give("tickets.csv", HEADER + ROWS + '"' + "only\n" * 2_000_000 + '",2024-01-01,open,1\n' + ROWS)
    error = refused(shop, file)
    assert ("a quote is opened" in error.what, error.line) == (True, 52)


def test_a_quote_that_is_never_closed_in_a_large_file_is_refused(shop: Inputs):
    rows = "".join(f"{number},2024-01-01,open,1\n" for number in range(2_000_000))
    file = shop.give("tickets.csv", HEADER + ROWS + "only\n" + '"' + rows)
    error = refused(shop, file)
    assert ("a quote is opened" in error.what, error.line) == (True, 53)


def test_notes_are_counted_after_the_first(shop: Inputs):
    limit(shop, notes=3)
    for letter in "abcdefgh":
        shop.give(f"tickets/{letter}.csv", f"{HEADER.strip()},extra_{letter}\n")
    for name in "12345":
        shop.give(f"{name}.csv", "x\n")
    result = shop.load()
    assert len(result.tables[0].drift) == 4
    assert result.tables[0].drift[-1] == "and 5 more of this kind"
    assert [note.split()[0] for note in result.notes] == ["9.csv", "9.csv", "9.csv", "and"]


def test_a_folder_of_very_many_files_is_refused(shop: Inputs):
    limit(shop, files=2)
    for name in "abc":
        shop.give(f"tickets/{name}.csv", HEADER)
    assert "3 files of the table tickets, and files allows 2" in refused(shop).what


@pytest.mark.parametrize("name", ["tickets.csv", "tickets.csv.gz", "tickets.parquet", "tickets/new.csv"])
def test_a_pipe_is_refused_and_not_opened(shop: Inputs, name: str):
    (shop.raw / "tickets").mkdir()
    os.mkfifo(shop.raw / name)
    shown = {"tickets/new.csv": "tickets/(file 1).csv"}.get(name, name)
    assert "no regular file" in refused(shop, shop.raw / shown).what


def test_other_things_than_files_are_refused_too(shop: Inputs):
    with socket.socket(socket.AF_UNIX) as listening:
        # The address of a socket is short.
        os.chdir(shop.raw)
        listening.bind("tickets.csv")
        assert "no regular file" in refused(shop).what
    os.chdir(ROOT)
    (shop.raw / "tickets.csv").unlink()
    (shop.raw / "tickets.csv").symlink_to("/dev/zero")
    assert "nothing outside it is read" in str(refused(shop)) or "no regular file" in str(refused(shop))


def test_a_pipe_in_the_place_of_the_demos_manifest_is_not_opened(shop: Inputs):
    shop.give("tickets.csv", HEADER + ROWS)
    os.mkfifo(shop.raw / "demo.json")
    assert not shop.load().is_synthetic


def test_duckdb_takes_so_much_memory_and_no_more(shop: Inputs):
    limit(shop, memory_megabytes=100)
    # One value that does not fit, however much lies on the disk.
    rows = duckdb.sql(
        "select repeat('x', 60_000_000) || range as ticket_id, timestamp '2024-01-01' as created_at from range(4)"
    )
    rows.write_parquet(str(shop.raw / "tickets.parquet"), compression="uncompressed")
    error = refused(shop, shop.raw / "tickets.parquet")
    assert "more memory than memory_megabytes allows" in error.what


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("{unpackt_ratio: 5}", "unknown key"),
        ("{rows: 0}", "bad value for"),
        ("{rows: many}", "bad value for"),
        ("[1]", "holds keys and values"),
    ],
)
def test_limits_are_declared_and_checked(shop: Inputs, said: str, problem: str):
    file = shop.project.root / "dbt_project.yml"
    file.write_text(f"name: shop\nvars:\n  input_limits: {said}\n")
    with pytest.raises(CxError) as caught:
        limits_of(shop.project)
    assert problem in caught.value.what
    assert (caught.value.file, caught.value.line) == ("dbt_project.yml", 3)


def test_the_guide_names_every_limit_and_its_default():
    guide = (ROOT / "docs" / "guides" / "inputs.md").read_text()
    for name, field in Limits.model_fields.items():
        assert f"| `{name}` | {field.default:,} | {field.description} |" in guide

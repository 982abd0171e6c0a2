"""Compressed files are whole or refused, and read alike whatever compressed them."""

from __future__ import annotations

import gzip
import random
from pathlib import Path

import duckdb
import pytest
import zstandard

from cxmetrics.errors import CxError
from cxmetrics.inputs.archives import opened, require_whole
from cxmetrics.inputs.limits import Limits
from support.raw_inputs import DECLARATION, Inputs

LINES = b"a,b\n" + b"".join(b"%d,x\n" % number for number in range(5_000))
SKIPPABLE = (0x184D2A50).to_bytes(4, "little") + (5).to_bytes(4, "little") + b"notes"


def zstd(content: bytes) -> bytes:
    return zstandard.ZstdCompressor(write_checksum=True).compress(content)


@pytest.mark.parametrize("kind", ["gz", "zst"])
def test_an_archive_is_whole_at_its_full_length_alone(tmp_path: Path, kind: str):
    draw = random.Random(1)  # noqa: S311 (to be drawn again)
    text = "".join(f"{draw.random()}\n" for _ in range(20_000))
    (tmp_path / "whole.csv").write_text(text)
    archive = tmp_path / f"some.csv.{kind}"
    if kind == "gz":
        archive.write_bytes(gzip.compress(text.encode()))
    else:
        relation = duckdb.read_csv(str(tmp_path / "whole.csv"), header=False)
        relation.write_csv(str(archive), compression="zstd")
    content = archive.read_bytes()
    require_whole(archive, Limits())
    for length in [0, 1, 4, 5, 9, len(content) - 1, *(draw.randrange(1, len(content)) for _ in range(50))]:
        archive.write_bytes(content[:length])
        if kind == "gz" and length == 0:
            continue  # Nothing, compressed by nobody: the file is said to be empty.
        with pytest.raises(CxError, match="the file cannot be read"):
            require_whole(archive, Limits())


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "it is no zstd archive"),
        (b"a,b\n1,2\n", "it is no zstd archive"),
        (zstd(LINES)[:-1], "the zstd archive breaks off"),
        (zstd(LINES) + zstd(LINES)[:-3], "the zstd archive breaks off"),
        (zstd(LINES) + SKIPPABLE[:-1], "the zstd archive breaks off"),
        (zstd(LINES) + b"more", "the zstd archive is damaged"),
        # The last byte is the checksum's: the blocks alone look as they should.
        (zstd(LINES)[:-1] + bytes([zstd(LINES)[-1] ^ 1]), "the zstd archive is damaged"),
    ],
)
def test_what_is_wrong_with_a_zstd_archive_is_said(tmp_path: Path, content: bytes, said: str):
    archive = tmp_path / "some.csv.zst"
    archive.write_bytes(content)
    with pytest.raises(CxError) as caught:
        require_whole(archive, Limits())
    assert caught.value.what == f"the file cannot be read: {said}"


def test_a_window_that_nobody_has_the_memory_for_is_said(tmp_path: Path):
    wide = zstandard.ZstdCompressionParameters(window_log=30)
    stream = zstandard.ZstdCompressor(compression_params=wide).compressobj()
    archive = tmp_path / "some.csv.zst"
    archive.write_bytes(stream.compress(LINES) + stream.flush())
    with pytest.raises(CxError, match="the zstd archive needs too much memory"):
        require_whole(archive, Limits())


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", LINES),
        ("a.csv.gz", gzip.compress(LINES[:100]) + gzip.compress(LINES[100:])),
        ("a.csv.zst", zstd(LINES)),
        ("a.csv.zst", SKIPPABLE + zstd(LINES[:100]) + SKIPPABLE + zstd(LINES[100:])),
    ],
)
def test_the_lines_of_a_file_are_the_same_however_it_is_compressed(tmp_path: Path, name: str, content: bytes):
    file = tmp_path / name
    file.write_bytes(content)
    require_whole(file, Limits())
    with opened(file) as stream:
        assert list(stream) == LINES.splitlines(keepends=True)
    assert stream.closed


@pytest.mark.parametrize("kind", ["gz", "zst"])
def test_encoding_line_endings_and_lines_of_bad_rows_are_known_of_compressed_files(shop: Inputs, kind: str):
    shop.declare(DECLARATION.replace("key: [ticket_id]", "key: [ticket_id]\n              encoding: latin-1"))
    text = "ticket_id,created_at,status\r\nZo\u00eb,2024-01-01,open\n2,2024-01-01,lost\r3\n4\0,2024-01-01,open\n"
    compressed = {"gz": gzip.compress, "zst": zstd}[kind](text.encode("latin-1"))
    (shop.raw / f"tickets.csv.{kind}").write_bytes(compressed)
    table = shop.table("tickets")
    assert (table.raw, table.rejected) == (4, 2)
    assert shop.query("select ticket_id from raw_shop.tickets order by 1") == [("2",), ("4\ufffd",), ("Zo\u00eb",)]
    assert shop.query("select rule, file_line from quarantine.rejected_rows order by file_line") == [
        ("expect_column_values_to_be_in_set", 3),
        ("line_with_too_few_columns", 4),
    ]

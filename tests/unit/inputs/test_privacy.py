"""What may be personal is hashed or dropped while it is read."""

from __future__ import annotations

import hashlib

import duckdb
import pytest

from cxmetrics.engines.duckdb.loading import DuckDBLoading
from cxmetrics.inputs.declaration import RawColumn
from cxmetrics.inputs.privacy import guarded, is_salt_known
from support.raw_inputs import DECLARATION, HEADER, Inputs


@pytest.mark.parametrize(
    ("value", "is_kept"),
    [
        ("T0000001-004-I", True),
        ("INC0012345", True),
        ("12345678", True),
        ("second_line", True),
        ("tier2", True),
        ("9f8e7d6c-1234-4abc-8def-0123456789ab", True),
        ("Erika", False),
        ("erika mustermann", False),
        ("123456789", False),
        ("+491705550142", False),
        ("0170-5550142", False),
        ("4111-1111-1111", False),
        ("a@b.de", False),
        ("Main 12", False),
        ("i_was_charged_twice_and_would_like_it_back", False),
    ],
)
def test_what_looks_like_an_id_or_a_label_is_kept(shop: Inputs, value: str, is_kept: bool):
    guard = "{name: status, data_type: string, config: {meta: {cx: {personal: hash, keep: id_or_label}}}}"
    shop.declare(DECLARATION.replace("{name: status, data_type: string}", guard))
    shop.give("tickets.csv", HEADER + f'1,2024-01-01,"{value}",1\n')
    shop.load()
    ((stored,),) = shop.query("select status from raw_shop.tickets")
    assert (stored == value) is is_kept
    assert is_kept or stored.startswith("hashed_")


def stored(column: RawColumn, text: str | None) -> str | None:
    """What is stored of a text."""
    quoted = DuckDBLoading.literal(text)
    row = duckdb.execute(f"select {guarded(column, f'cast({quoted} as varchar)', DuckDBLoading)}").fetchone()
    assert row is not None
    return row[0]


def test_a_text_is_kept_hashed_or_dropped_as_its_column_says(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CX_SALT", "it's a \\ secret")
    digits = hashlib.sha256(b"it's a \\ secretErika").hexdigest()[:18]
    assert stored(RawColumn("name", "string"), "Erika") == "Erika"
    assert stored(RawColumn("name", "string", personal="none"), "Erika") == "Erika"
    assert stored(RawColumn("name", "string", personal="drop"), "Erika") is None
    assert stored(RawColumn("name", "string", personal="hash"), "Erika") == f"hashed_{digits}"
    assert stored(RawColumn("name", "string", personal="hash"), None) is None
    assert stored(RawColumn("name", "string", personal="hash", keep="E[a-z]+"), "Erika") == "Erika"
    # A pattern is of the whole text.
    assert stored(RawColumn("name", "string", personal="hash", keep="E[a-z]"), "Erika") == f"hashed_{digits}"


def test_the_salt_that_everybody_knows_is_told_of(shop: Inputs, monkeypatch: pytest.MonkeyPatch):
    guard = "{name: status, data_type: string, config: {meta: {cx: {personal: hash, keep: id_or_label}}}}"
    shop.declare(DECLARATION.replace("{name: status, data_type: string}", guard))
    shop.give("tickets.csv", HEADER + "1,2024-01-01,Erika,1\n2,2024-01-01,open,1\n")
    monkeypatch.delenv("CX_SALT", raising=False)
    assert is_salt_known()
    result = shop.load()
    assert any("CX_SALT is not set" in note for note in result.notes)
    assert result.tables[0].drift == ("values of unexpected form were stored as hashes: status (1)",)
    monkeypatch.setenv("CX_SALT", "another")
    assert not is_salt_known()
    assert not any("CX_SALT" in note for note in shop.load().notes)

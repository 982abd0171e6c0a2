"""What quarantine and notes show of a value: its form, and nothing that tells whose it is."""

from __future__ import annotations

import sys
import unicodedata

import duckdb
import pytest

from cxmetrics.engines.duckdb.loading import DuckDBLoading
from cxmetrics.engines.quoting import literal
from cxmetrics.inputs.files import masked
from support.masked_texts import MASKED


@pytest.mark.parametrize(("text", "expected"), MASKED.items())
def test_a_text_is_masked_alike_by_python_and_by_sql(text: str, expected: str):
    assert masked(text) == expected
    assert duckdb.execute(f"select {DuckDBLoading.masked(literal(text))}").fetchone() == (expected,)


def test_no_character_of_unicode_but_signs_of_ascii_is_kept():
    kept = {
        character
        for character in map(chr, range(sys.maxunicode + 1))
        if masked(character) == character and unicodedata.category(character) != "Cs"
    }
    assert kept == {chr(code) for code in range(ord(" "), ord("~") + 1) if not chr(code).isalnum()} | {"a", "9"}

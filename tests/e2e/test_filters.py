"""Filters of strangers on DuckDB; tests/e2e/test_postgres.py asks the same of PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.hostile_filters import Asker
from support.workplace import Workplace


@pytest.fixture
def asker(
    demo: Workplace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Asker:
    return Asker(demo, (), tmp_path, monkeypatch, capsys)


def test_what_is_no_filter_is_refused_wherever_one_is_taken(asker: Asker):
    assert list(asker.accepted()) == []


def test_a_hostile_value_is_a_text_that_no_row_has(asker: Asker):
    assert list(asker.misread()) == []
    assert '"ok"' in asker.ask("reopen_rate", "--format", "json", "--where", "channel = 'email'")[1]


def test_sql_that_got_past_the_reader_of_filters_would_still_write_and_read_nothing(asker: Asker):
    assert list(asker.smuggled()) == []

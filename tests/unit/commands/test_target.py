"""Where raw data are: files or a schema, not both."""

from __future__ import annotations

from pathlib import Path

import pytest

from cxmetrics.commands.target import raw_data
from cxmetrics.errors import CxError


def test_raw_data_come_from_a_folder_or_from_a_schema():
    assert raw_data(None, None) == Path("raw")
    assert raw_data(Path("other"), None) == Path("other")
    assert getattr(raw_data(None, "raw_shop"), "name", None) == "raw_shop"


def test_both_at_once_are_refused():
    with pytest.raises(CxError, match="not both") as refused:
        raw_data(Path("other"), "raw_shop")
    assert refused.value.next_step == "--raw DIR or --raw-schema NAME"

from pathlib import Path

import pytest

from cxmetrics.commands.target import raw_data
from cxmetrics.errors import CxError
from cxmetrics.inputs.stored import RawSchema


def test_raw_data_are_files_in_raw_unless_a_place_is_named():
    assert raw_data(None, None) == Path("raw")
    assert raw_data(Path("there"), None) == Path("there")
    assert raw_data(None, "landing") == RawSchema("landing")


def test_raw_data_come_from_one_place():
    with pytest.raises(CxError, match="files or from a schema"):
        raw_data(Path("there"), "landing")

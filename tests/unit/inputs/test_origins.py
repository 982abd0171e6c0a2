"""Where rows come from: files, which may change while they are read, or tables."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from cxmetrics.engines.file_reader import FileReader
from cxmetrics.errors import CxError
from cxmetrics.inputs import reading
from cxmetrics.inputs.declaration import read_source
from cxmetrics.inputs.limits import Limits
from cxmetrics.inputs.origins import FileOrigin, SchemaOrigin
from cxmetrics.inputs.stored import RawSchema
from support.raw_inputs import HEADER, Inputs

GOOD = "".join(f"t{number},2024-01-01 10:00,open,{number}\n" for number in range(10))


def test_files_are_called_synthetic_when_they_are_what_the_demo_wrote(shop: Inputs):
    path = shop.give("tickets.csv", HEADER + GOOD)
    assert not shop.load().is_synthetic
    made = hashlib.sha256(path.read_bytes()).hexdigest()
    shop.give("demo.json", json.dumps({"synthetic": True, "seed": 1, "files": {path.name: made}}))
    assert shop.load().is_synthetic
    assert shop.query("select distinct is_synthetic from quarantine.loads") == [(True,)]
    shop.give("tickets.csv", HEADER + GOOD + "real,2024-01-01 10:00,open,1\n")
    assert not shop.load().is_synthetic


@pytest.mark.parametrize(
    "manifest", ['{"synthetic": true}', '{"synthetic": true, "files": ["tickets.csv"]}', "[]", "x" * 200_000, "no json"]
)
def test_a_manifest_that_names_no_file_calls_nothing_synthetic(shop: Inputs, manifest: str):
    shop.give("tickets.csv", HEADER + GOOD)
    shop.give("demo.json", manifest)
    assert not shop.load().is_synthetic


def test_a_file_that_changes_while_it_is_read_is_not_loaded(shop: Inputs, monkeypatch: pytest.MonkeyPatch):
    path = shop.give("tickets.csv", HEADER + "1,2024-01-01 10:00,open,5\n")
    select_rows = reading.select_rows

    def written_to(*arguments: Any) -> str:
        with path.open("a") as file:
            file.write("2,2024-01-01,open,1\n")
        return select_rows(*arguments)

    monkeypatch.setattr(reading, "select_rows", written_to)
    with pytest.raises(CxError) as caught:
        shop.load()
    assert (caught.value.what, caught.value.file) == ("1 rows were counted and 2 loaded", str(path))


def test_files_are_found_before_anything_is_loaded_and_tables_when_there_is_a_load(shop: Inputs):
    source = read_source(shop.project, "shop")
    means = (FileReader(), Limits(), shop.raw)
    with pytest.raises(CxError, match="no file of source shop"):
        FileOrigin([source], shop.raw, *means)
    shop.give("tickets.csv", HEADER + GOOD)
    shop.give("ticket.csv", HEADER)
    files, tables = FileOrigin([source], shop.raw, *means), SchemaOrigin([source], RawSchema("crm"))
    assert files.notes == ["ticket.csv belongs to no table and was not read; is it tickets.csv?"]
    assert (tables.notes, tables.synthetic) == ([], {"shop": False})
    with shop.engine.loading() as loading:
        assert [(given.table.name, given.parts) for _, given in files.tables(loading)] == [
            ("tickets", 1),
            ("agents", 0),
        ]
        with pytest.raises(CxError, match="no table of source shop is in the schema crm"):
            tables.tables(loading)

"""What Python writes is declared to dbt as it is written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from cxmetrics.published.dbt_source import FILE, source_text
from cxmetrics.published.schema import WRITTEN_TABLES
from support.parsed_project import ROOT, parse


def test_the_declaration_is_that_of_the_tables():
    assert (ROOT / FILE).read_text(encoding="utf-8") == source_text(), "make reference"


def test_dbt_knows_every_table_and_column_and_what_shows_them(
    made_once: Callable[[str, Callable[[Path], None]], Path],
):
    manifest = json.loads((made_once("dbt_parse", parse) / "manifest.json").read_text(encoding="utf-8"))
    for table in WRITTEN_TABLES:
        node = manifest["sources"][f"source.cxmetrics.cx.{table.name.split('.')[1]}"]
        assert f"{node['schema']}.{node['identifier']}" == table.name
        assert {name: column["data_type"] for name, column in node["columns"].items()} == {
            name: column.data_type for name, column in table.columns.items()
        }
        assert all(column["description"] for column in node["columns"].values())
    shown_by = {
        exposure["name"]
        for exposure in manifest["exposures"].values()
        if "source.cxmetrics.cx.metric_values" in exposure["depends_on"]["nodes"]
    }
    assert {"scorecard", "documentation_site"} <= shown_by

"""The tables that Python writes, declared to dbt as a source, so that lineage, exposures and BI tools see them.

``python -m cxmetrics.published.dbt_source FILE`` writes the declaration, as ``make reference`` does.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import yaml

from cxmetrics.published.schema import WRITTEN_TABLES, WrittenTable

FILE = Path("models", "build", "_cx__sources.yml")
_OPENING = """# Written by `make reference` from src/cxmetrics/published/schema.py.
# These tables are no models: cx build computes them after dbt, with these columns and types, and publishes them with
# the marts.
"""


def source_text() -> str:
    """The text of ``FILE``."""
    source = {
        "name": "cx",
        "schema": "metrics",
        "description": "What cx build computes from the marts and publishes beside them.",
        "tables": [_table(table) for table in WRITTEN_TABLES],
    }
    return _OPENING + yaml.safe_dump({"sources": [source]}, sort_keys=False, width=120, allow_unicode=True)


def _table(table: WrittenTable) -> dict[str, Any]:
    return {
        "name": table.name.split(".")[1],
        "description": table.description,
        "columns": [
            {"name": name, "data_type": column.data_type, "description": column.description}
            for name, column in table.columns.items()
        ],
    }


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(source_text(), encoding="utf-8")

"""One project with one source and its raw files."""

from __future__ import annotations

import gzip
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from cxmetrics.definitions.project import Project
from cxmetrics.engines.file_reader import FileReader
from cxmetrics.engines.registry import engine_for
from cxmetrics.engines.sql import Sql, sql
from cxmetrics.inputs.declaration import ROW, read_source
from cxmetrics.inputs.files import find_files
from cxmetrics.inputs.limits import Limits
from cxmetrics.inputs.reading import select_rows
from cxmetrics.inputs.run import load_inputs
from cxmetrics.inputs.validation_result import TableResult, ValidationResult

# Great Expectations imports pyspark where that is installed, and pyspark takes a main module without a file, such as a
# worker of pytest-xdist, for its own doctests and ends the process.
if not hasattr(sys.modules["__main__"], "__file__"):
    sys.modules["__main__"].__file__ = __file__

DECLARATION = """
sources:
  - name: shop
    schema: raw_shop
    tables:
      - name: tickets
        config:
          meta:
            cx:
              key: [ticket_id]
              required: [created_at]
              max_rejected_share: 0.5
              expectations:
                - {expectation: expect_column_values_to_be_in_set, column: status, value_set: [open, solved]}
                - {expectation: expect_column_values_to_be_between, column: minutes, min_value: 0}
        columns:
          - {name: ticket_id, data_type: string}
          - {name: created_at, data_type: timestamp}
          - {name: status, data_type: string}
          - {name: minutes, data_type: double}
      - name: agents
        columns:
          - {name: agent_id, data_type: string}
          - {name: is_active, data_type: boolean}
"""

HEADER = "ticket_id,created_at,status,minutes\n"
REJECTED = "select table_name, row_key, rule, column_name from quarantine.rejected_rows order by all"

# A second table, whose rows belong to tickets.
EVENTS = """
      - name: events
        config:
          meta:
            cx:
              max_rejected_share: 1
              references: [{column: ticket_id, to: tickets, SETTINGS}]
        columns:
          - {name: ticket_id, data_type: string}
          - {name: at, data_type: timestamp}
"""
ORDER = "severity: reject, time: at, not_before: created_at, tolerated_seconds: 60"


class Inputs:
    """One project and raw folder; loads and looks at what came out."""

    def __init__(self, project: Project, raw: Path, source: str):
        self.project = project
        self.raw = raw
        self.source = source
        self.engine = engine_for(project)
        raw.mkdir(exist_ok=True)

    def declare(self, declaration: str) -> None:
        """Replace the declaration of the source."""
        folder = self.project.root / "models" / "staging" / self.source
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"_{self.source}__sources.yml").write_text(textwrap.dedent(declaration).lstrip(), encoding="utf-8")

    def give(self, name: str, text: str) -> Path:
        """A raw file; compressed when its name ends so."""
        path = self.raw / name
        path.parent.mkdir(parents=True, exist_ok=True)
        content = textwrap.dedent(text).lstrip().encode()
        path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
        return path

    def load(self) -> ValidationResult:
        return load_inputs(self.project, self.engine, [self.source], self.raw)

    def read(self, columns: str) -> list[tuple[Any, ...]]:
        """Columns of the files of the first table as they are read, before any check."""
        source = read_source(self.project, self.source)
        files = find_files(source, self.raw, FileReader(), Limits(), self.raw.parent)[0]
        rows = select_rows(files.table, files.files[0], 1)
        query = sql("select {columns} from ({rows}) order by {row}", columns=Sql(columns), rows=rows, row=ROW)
        with FileReader().connected() as connection:
            return connection.execute(query).fetchall()

    def table(self, name: str) -> TableResult:
        """Load, and what was found about one table."""
        return next(table for table in self.load().tables if table.table == name)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with self.engine.building() as connection:
            return connection.execute(sql).fetchall()


def declare_events(shop: Inputs, settings: str = ORDER, happened: str = "") -> None:
    """Tickets and events; ``settings`` of the reference, and the columns of tickets that hold what has happened."""
    tickets = DECLARATION.replace("key: [ticket_id]", f"key: [ticket_id]\n              happened: [{happened}]")
    shop.declare(tickets.rstrip() + EVENTS.replace("SETTINGS", settings))


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Inputs:
    """A project with this one source, a raw folder and a warehouse of its own."""
    monkeypatch.setenv("CX_WAREHOUSE", str(tmp_path / "warehouse"))
    root = tmp_path / "project"
    root.mkdir()
    (root / "dbt_project.yml").write_text("name: shop\nvars: {sources: [shop]}\n", encoding="utf-8")
    inputs = Inputs(Project(root), tmp_path / "raw", "shop")
    inputs.declare(DECLARATION)
    return inputs

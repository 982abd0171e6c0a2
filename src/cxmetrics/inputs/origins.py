"""Where the rows of sources come from: files of a folder, or tables of a schema of the warehouse."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol, TypeVar

import duckdb

from cxmetrics.demo.manifest import made_by_demo
from cxmetrics.engines.file_reader import FileReader
from cxmetrics.engines.interface import Loading
from cxmetrics.errors import CxError
from cxmetrics.inputs import reading
from cxmetrics.inputs.declaration import RawSource, RawTable
from cxmetrics.inputs.files import (
    RawFile,
    TableFiles,
    files_of_no_table,
    find_files,
    named,
    source_folder,
    unreadable,
)
from cxmetrics.inputs.limits import Limits
from cxmetrics.inputs.quarantine import Quarantine
from cxmetrics.inputs.stored import RawSchema, TableRows, find_tables, select_stored
from cxmetrics.inputs.text_files import line_numbers


class _Given(Protocol):
    """What is given of one table: its files, or the stored table."""

    @property
    def table(self) -> RawTable: ...

    @property
    def drift(self) -> tuple[str, ...]: ...

    @property
    def doubts(self) -> tuple[str, ...]: ...

    @property
    def parts(self) -> int: ...

    @property
    def bad_lines(self) -> int: ...


Given = TypeVar("Given", bound=_Given)


class Origin(Protocol[Given]):
    """Where rows come from. ``synthetic`` says by source whether ``cx demo`` made any of its data: a label, on which
    nothing depends that is checked."""

    synthetic: dict[str, bool]
    notes: list[str]

    def tables(self, loading: Loading) -> list[tuple[RawSource, Given]]:
        """What is given of every declared table."""

    def load(self, loading: Loading, source: RawSource, given: Given, types: Mapping[str, str]) -> int:
        """Load a table's rows into ``raw_<source>``; how many they are."""

    def locate(self, quarantine: Quarantine, source: RawSource, given: Given) -> None:
        """Reject what is no row, and say where rejected rows stand."""


class FileOrigin:
    """Sources whose rows lie in files. Raises CxError when one cannot be read, before anything is loaded."""

    def __init__(self, sources: list[RawSource], raw: Path, reader: FileReader, limits: Limits, copies: Path):
        folders = {source.name: source_folder(raw, source.name) for source in sources}
        self._found = [
            (source, files)
            for source in sources
            for files in find_files(source, folders[source.name], reader, limits, copies)
        ]
        self.synthetic: dict[str, bool] = {}
        self.notes: list[str] = []
        for folder in dict.fromkeys(folders.values()):
            made = made_by_demo(folder)
            self.notes += files_of_no_table(sources, folder, limits)
            for source in (source for source in sources if folders[source.name] == folder):
                paths = [file.path for found, files in self._found if found is source for file in files.files]
                self.synthetic[source.name] = any(map(made, paths))

    def tables(self, loading: Loading) -> list[tuple[RawSource, TableFiles]]:
        return self._found

    def load(self, loading: Loading, source: RawSource, files: TableFiles, types: Mapping[str, str]) -> int:
        rows = 0
        for file in files.files:
            select = reading.select_rows(files.table, file, rows + 1)
            with named(file.path, file.location):
                try:
                    loaded = loading.append(source.schema, files.table.name, select)
                except duckdb.Error as error:
                    raise unreadable(file.path, error) from error
            if file.is_text and loaded != file.scan.rows:
                problem = f"{file.scan.rows:,} rows were counted and {loaded:,} loaded"
                raise CxError(
                    problem, file=file.location, next_step="run the command again when nothing writes to the file"
                )
            rows += loaded
        return rows

    def locate(self, quarantine: Quarantine, source: RawSource, files: TableFiles) -> None:
        for file in files.files:
            _keep_lines(quarantine, source, files.table, file)


class SchemaOrigin:
    """Sources whose rows are in tables of the warehouse. Nothing says of a table that it is synthetic."""

    def __init__(self, sources: list[RawSource], schema: RawSchema):
        self._sources = sources
        self._schema = schema
        self.synthetic = {source.name: False for source in sources}
        self.notes: list[str] = []

    def tables(self, loading: Loading) -> list[tuple[RawSource, TableRows]]:
        stored = loading.stored(self._schema.name)
        return [(source, rows) for source in self._sources for rows in find_tables(source, self._schema, stored)]

    def load(self, loading: Loading, source: RawSource, rows: TableRows, types: Mapping[str, str]) -> int:
        if rows.stored is None:
            return 0
        return loading.insert(source.schema, rows.table.name, select_stored(rows, rows.stored, loading, types))

    def locate(self, quarantine: Quarantine, source: RawSource, rows: TableRows) -> None:
        """A stored table has no lines."""


def _keep_lines(quarantine: Quarantine, source: RawSource, table: RawTable, file: RawFile) -> None:
    """Reject the lines that are no rows, and find the lines on which rejected rows stand."""
    if not file.is_text:
        return
    bad = file.scan.bad_lines
    rows = quarantine.rejected_rows_of(source, table, file.name)
    if not bad and not rows:
        return
    # Rows are numbered from 1 after the header, without the lines that are no rows.
    lines, lines_of_bad = line_numbers(file.readable, file.delimiter or ",", rows, bad, file.line_bytes, file.headers)
    quarantine.locate(source, table, file.name, lines)
    quarantine.reject_lines(source, table, file.name, [(line, lines_of_bad.get(line.start)) for line in bad])

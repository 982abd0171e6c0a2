"""The steps of ``cx inputs`` in their order: declarations, files and headers, load, check, quarantine.

Everything is written in one transaction. An error leaves the tables and the quarantine of the run before; a blocked run
is kept, so that its rejected rows can be read.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from cxmetrics.engines import Engine, Loading
from cxmetrics.errors import CxError
from cxmetrics.inputs import reading
from cxmetrics.inputs.declaration import FILE, ROW, UNCASTABLE, Column, Source, read_source
from cxmetrics.inputs.expectations import Checker, Outcome
from cxmetrics.inputs.files import TableFiles, find_files, is_invented, source_folder, unreadable
from cxmetrics.inputs.quarantine import Quarantine
from cxmetrics.inputs.stored import RawSchema, TableRows, find_tables, select_stored
from cxmetrics.inputs.verdict import TableVerdict, Verdict, blocked_reason
from cxmetrics.progress import Report
from cxmetrics.project import Project

# How data types are declared and how the warehouse calls them, where the two differ.
WAREHOUSE_TYPES = {"string": "varchar", "double": "double precision"}
ADDED = {FILE: "varchar", ROW: "bigint", UNCASTABLE: "varchar"}


def run_inputs(
    project: Project, engine: Engine, sources: Iterable[str], raw: Path | RawSchema, report: Report | None = None
) -> Verdict:
    """Load and check the files of ``sources``, or their tables in a schema. ``report(step, done, total)`` is told about
    progress.

    Raises CxError (exit 2) for a wrong declaration, folder or file, and InputsBlocked (exit 3) when a table is over its
    limit of rejected rows or fails a blocking expectation.
    """
    verdict = load_inputs(project, engine, sources, raw, report)
    verdict.raise_if_blocked()
    return verdict


def load_inputs(
    project: Project, engine: Engine, sources: Iterable[str], raw: Path | RawSchema, report: Report | None = None
) -> Verdict:
    """Like ``run_inputs``, but a blocked run is returned like any other. Raises CxError."""
    clock = _Clock()
    declared = [read_source(project, name) for name in dict.fromkeys(sources)]
    if not declared:
        raise CxError("no source is named", allowed=project.source_names, next_step="cx inputs --source NAME")
    origin = _InSchema(declared, raw) if isinstance(raw, RawSchema) else _InFiles(declared, raw)
    clock.stop("files")
    run_id = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    run = _Run(engine, run_id, origin.invented, clock, report)
    tables = run.through(origin)
    return Verdict(
        run_id=run_id,
        sources=tuple(source.name for source in declared),
        is_invented=any(run.invented.values()),
        tables=tuple(tables),
        database=engine.build_place,
        seconds=clock.seconds,
    )


@dataclass
class _Clock:
    """Wall time by phase."""

    started: float = field(default_factory=time.perf_counter)
    seconds: dict[str, float] = field(default_factory=dict)

    def stop(self, phase: str) -> None:
        now = time.perf_counter()
        self.seconds[phase] = round(self.seconds.get(phase, 0.0) + now - self.started, 3)
        self.started = now


class _InFiles:
    """Sources whose rows lie in files. Raises CxError when one cannot be read, before anything is loaded."""

    def __init__(self, sources: list[Source], raw: Path):
        folders = {source.name: source_folder(raw, source.name) for source in sources}
        self.invented = {name: is_invented(folder) for name, folder in folders.items()}
        self._found = [(source, files) for source in sources for files in find_files(source, folders[source.name])]

    def tables(self, loading: Loading) -> list[tuple[Source, TableFiles]]:
        return self._found

    def load(self, loading: Loading, source: Source, files: TableFiles, types: Mapping[str, str]) -> int:
        """Load a table's files into ``raw_<source>``; how many rows they hold."""
        rows = 0
        for file in files.files:
            select = reading.select_rows(files.table, file, rows + 1)
            try:
                rows += loading.append(source.schema, files.table.name, select)
            except duckdb.Error as error:
                raise unreadable(file.path, error) from error
        return rows


class _InSchema:
    """Sources whose rows are in tables of the warehouse. Nothing says of a table that it is invented."""

    def __init__(self, sources: list[Source], schema: RawSchema):
        self._sources = sources
        self._schema = schema
        self.invented = {source.name: False for source in sources}

    def tables(self, loading: Loading) -> list[tuple[Source, TableRows]]:
        stored = loading.stored(self._schema.name)
        return [(source, rows) for source in self._sources for rows in find_tables(source, self._schema, stored)]

    def load(self, loading: Loading, source: Source, rows: TableRows, types: Mapping[str, str]) -> int:
        """Copy a table's rows into ``raw_<source>``; how many they are."""
        if rows.stored is None:
            return 0
        return loading.insert(source.schema, rows.table.name, select_stored(rows, rows.stored, loading, types))


@dataclass
class _Run:
    """One run on one engine: loads and checks every table inside one transaction."""

    engine: Engine
    run_id: str
    invented: dict[str, bool]
    clock: _Clock
    report: Report | None

    def through(self, origin: _InFiles | _InSchema) -> list[TableVerdict]:
        with self.engine.loading() as loading:
            found = origin.tables(loading)
            raw_rows = []
            for index, (source, given) in enumerate(found):
                self._say(f"loading {given.table.name}", index, 2 * len(found))
                types = {column.name: _warehouse_type(column) for column in given.table.columns} | ADDED
                loading.create_table(source.schema, given.table.name, types)
                raw_rows.append(origin.load(loading, source, given, types))
            self.clock.stop("load")
            # Importing in a thread while files load was measured: on two cores it gains nothing.
            self._say("starting Great Expectations", len(found), 2 * len(found))
            checker = Checker(loading)
            self.clock.stop("import")
            quarantine = Quarantine(loading, self.run_id)
            for source in {source.name: source for source, _ in found}.values():
                quarantine.forget(source)
            tables = []
            for index, ((source, given), rows) in enumerate(zip(found, raw_rows, strict=True)):
                self._say(f"checking {given.table.name}", len(found) + index, 2 * len(found))
                outcomes = checker.check(source, given.table) if rows else []
                self.clock.stop("check")
                tables.append(self._conclude(quarantine, source, given, rows, outcomes))
                self.clock.stop("quarantine")
        self.clock.stop("commit")
        return tables

    def _conclude(
        self, quarantine: Quarantine, source: Source, given: TableFiles | TableRows, raw: int, outcomes: list[Outcome]
    ) -> TableVerdict:
        """Write what was found about one table, and decide about it."""
        table = given.table
        unexpected = [(outcome, quarantine.record(source, table, outcome, raw)) for outcome in outcomes]
        rejections = quarantine.rejections(source, table)
        reasons = [blocked_reason(rejections.rows, raw, table.max_rejected_share, rejections.by_rule)]
        reasons += [_failed(outcome, rows) for outcome, rows in unexpected if _is(outcome, "block")]
        blocked = "; ".join(reason for reason in reasons if reason)
        quarantine.load(
            source,
            table,
            files=given.parts,
            raw=raw,
            rejected=rejections.rows,
            is_invented=self.invented[source.name],
            is_blocked=bool(blocked),
        )
        return TableVerdict(
            source=source.name,
            table=table.name,
            files=given.parts,
            raw=raw,
            rejected=rejections.rows,
            rules=rejections.by_rule,
            drift=given.drift,
            warnings=tuple(_failed(outcome, rows) for outcome, rows in unexpected if _is(outcome, "warn")),
            blocked=blocked or None,
        )

    def _say(self, step: str, done: int, total: int) -> None:
        if self.report is not None:
            self.report(step, done, total)


def _warehouse_type(column: Column) -> str:
    return WAREHOUSE_TYPES.get(column.data_type, column.data_type)


def _is(outcome: Outcome, severity: str) -> bool:
    return outcome.expectation.severity == severity and not outcome.is_success


def _failed(outcome: Outcome, rows: int | None) -> str:
    """One sentence about an expectation that failed."""
    expectation = outcome.expectation
    about = f" of {', '.join(expectation.columns)}" if expectation.columns else ""
    how_many = "" if rows is None else f" for {rows:,} row{'s' * (rows != 1)}"
    return f"{expectation.rule}{about} failed{how_many} ({expectation.file}:{expectation.line})"

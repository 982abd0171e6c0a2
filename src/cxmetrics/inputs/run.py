"""The steps of ``cx inputs`` in their order: declarations, files and headers, load, check, quarantine.

Everything is written in one transaction. An error leaves the tables and the quarantine of the run before; a blocked run
is kept, so that its rejected rows can be read.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Generic

from cxmetrics.definitions.project import Project
from cxmetrics.engines.file_reader import FileReader
from cxmetrics.engines.interface import Engine, Loading
from cxmetrics.engines.sql import Sql
from cxmetrics.errors import CxError
from cxmetrics.inputs.causes import causes
from cxmetrics.inputs.declaration import (
    FILE,
    ROW,
    UNCASTABLE,
    InputExpectation,
    RawColumn,
    RawSource,
    RawTable,
    read_source,
)
from cxmetrics.inputs.expectations import Checker, Outcome
from cxmetrics.inputs.limits import limits_of
from cxmetrics.inputs.near_labels import unknown_labels
from cxmetrics.inputs.origins import FileOrigin, Given, Origin, SchemaOrigin
from cxmetrics.inputs.privacy import hashed_values, hashes
from cxmetrics.inputs.private_folder import private_folder
from cxmetrics.inputs.quarantine import Quarantine
from cxmetrics.inputs.salt import Salt, salt_of
from cxmetrics.inputs.stored import RawSchema
from cxmetrics.inputs.validation_result import TableResult, ValidationResult, blocked_reason
from cxmetrics.inputs.volume import unusual_volume
from cxmetrics.progress import Report

# How data types are declared and how the warehouse calls them, where the two differ.
WAREHOUSE_TYPES = {"string": "varchar", "double": Sql("double precision")}
VOLUME_RULE = "newest_day_like_its_weekday"
ADDED = {FILE: "varchar", ROW: "bigint", UNCASTABLE: "varchar"}


def run_inputs(
    project: Project,
    engine: Engine,
    sources: Iterable[str],
    raw: Path | RawSchema,
    report: Report | None = None,
    as_of: datetime | None = None,
) -> ValidationResult:
    """Load and check the files of ``sources``, or their tables in a schema. ``report(step, done, total)`` is told about
    progress. What has happened is not in the future: not after now, or the moment ``as_of`` (UTC) where that is later.

    Raises CxError (exit 2) for a wrong declaration, folder or file, and InputsBlocked (exit 3) when a table is over its
    limit of rejected rows or fails a blocking expectation.
    """
    result = load_inputs(project, engine, sources, raw, report, as_of=as_of)
    result.raise_if_blocked()
    return result


def load_inputs(
    project: Project,
    engine: Engine,
    sources: Iterable[str],
    raw: Path | RawSchema,
    report: Report | None = None,
    pages: Path | None = None,
    as_of: datetime | None = None,
) -> ValidationResult:
    """Like ``run_inputs``, but a blocked run is returned like any other. Great Expectations writes its own pages into
    the folder ``pages``. Raises CxError."""
    clock = _Clock()
    declared = [read_source(project, name) for name in dict.fromkeys(sources)]
    if not declared:
        raise CxError("no source is named", allowed=project.source_names, next_step="cx inputs --source NAME")
    limits = limits_of(project)
    salt = salt_of(project.root) if any(map(hashes, declared)) else None
    with private_folder(project.warehouse) as folder:
        reader = FileReader(salt.key if salt else None, limits.memory_megabytes * 1_000_000, folder)
        now = max(filter(None, (datetime.now(UTC).replace(tzinfo=None), as_of)))
        run = partial(
            _Run, engine, declared, reader=reader, salt=salt, clock=clock, report=report, pages=pages, now=now
        )
        if isinstance(raw, RawSchema):
            return run(SchemaOrigin(declared, raw)).through()
        return run(FileOrigin(declared, raw, reader, limits, folder)).through()


@dataclass
class _Clock:
    """Wall time by phase."""

    started: float = field(default_factory=time.perf_counter)
    seconds: dict[str, float] = field(default_factory=dict)

    def stop(self, phase: str) -> None:
        now = time.perf_counter()
        self.seconds[phase] = round(self.seconds.get(phase, 0.0) + now - self.started, 3)
        self.started = now


@dataclass
class _Run(Generic[Given]):
    """One run on one engine: loads and checks every table inside one transaction. ``now`` is the UTC time after which
    nothing has happened yet."""

    engine: Engine
    sources: list[RawSource]
    origin: Origin[Given]
    reader: FileReader
    salt: Salt | None
    clock: _Clock
    report: Report | None
    pages: Path | None
    now: datetime
    run_id: str = field(default_factory=lambda: datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ"))

    def through(self) -> ValidationResult:
        self.clock.stop("files")
        tables = self._tables()
        notes = [*self.origin.notes]
        if self.salt is not None and self.salt.made:
            notes.append(
                f"the salt of the hashes was made just now: {self.salt.made}; keep a copy in a safe place, because"
                " another salt changes every hashed id"
            )
        return ValidationResult(
            run_id=self.run_id,
            sources=tuple(source.name for source in self.sources),
            is_synthetic=any(self.origin.synthetic.values()),
            tables=tuple(tables),
            notes=tuple(notes),
            database=self.engine.build_location,
            seconds=self.clock.seconds,
        )

    def _tables(self) -> list[TableResult]:
        with self.engine.loading() as loading:
            loading.begin(self.reader)
            found = self.origin.tables(loading)
            loaded = [self._load(loading, source, given, index, found) for index, (source, given) in enumerate(found)]
            loading.forget_key()
            loading.close_files()
            self.clock.stop("load")
            # Importing in a thread while files load was measured: on two cores it gains nothing.
            self._say("starting Great Expectations", len(found), 2 * len(found))
            checker = Checker(loading, self.pages)
            self.clock.stop("import")
            quarantine = Quarantine(loading, self.run_id)
            for source in {source.name: source for source, _ in found}.values():
                quarantine.forget(source)
            tables = []
            for index, ((source, given), rows) in enumerate(zip(found, loaded, strict=True)):
                self._say(f"checking {given.table.name}", len(found) + index, 2 * len(found))
                others = frozenset(other.table.name for owner, other in found if owner is source and other.parts)
                outcomes = checker.check(source, given.table, others, self.now) if rows else []
                self.clock.stop("check")
                tables.append(self._conclude(loading, quarantine, source, given, rows, outcomes))
                self.clock.stop("quarantine")
        self.clock.stop("commit")
        checker.write_pages()
        return tables

    def _load(self, loading: Loading, source: RawSource, given: Given, index: int, found: Sequence[object]) -> int:
        """Load one table; how many rows it has."""
        self._say(f"loading {given.table.name}", index, 2 * len(found))
        types = {column.name: _warehouse_type(column) for column in given.table.columns} | ADDED
        loading.create_table(source.schema, given.table.name, types)
        return self.origin.load(loading, source, given, types)

    def _conclude(
        self,
        loading: Loading,
        quarantine: Quarantine,
        source: RawSource,
        given: Given,
        rows: int,
        outcomes: list[Outcome],
    ) -> TableResult:
        """Write what was found about one table, and decide about it."""
        table, raw = given.table, rows + given.bad_lines
        unexpected = [(outcome, quarantine.record(source, table, outcome, rows)) for outcome in outcomes]
        quarantine.settle(source, table)
        self.origin.locate(quarantine, source, given)
        rejections = quarantine.rejections(source, table)
        counted = raw - rejections.superseded
        reasons = [blocked_reason(rejections.rows, counted, table.max_rejected_share, rejections.by_rule)]
        # A rule that says what to do about its rows says it where they are lost, and not only when somebody asks.
        helpful = [(outcome, rows) for outcome, rows in unexpected if outcome.expectation.help]
        helped = [_failed(outcome, rows) for outcome, rows in helpful if _is(outcome, "reject")]
        if rows and self.salt is not None:
            helped += unknown_labels(loading, source, table, self.salt.key)
        unread = causes(loading, source, table) if rows else []
        if any(reasons):
            # The cause comes before what follows from it.
            reasons = [*unread, *helped, *reasons]
        reasons += [_failed(outcome, rows) for outcome, rows in unexpected if _is(outcome, "block")]
        blocked = "; ".join(reason for reason in reasons if reason)
        warnings = [_failed(outcome, rows) for outcome, rows in unexpected if _is(outcome, "warn")]
        warnings = [*unread, *given.doubts, *warnings, *helped]
        hashed = hashed_values(loading, source, table) if rows else []
        quarantine.load(
            source,
            table,
            files=given.parts,
            raw=raw,
            rejected=rejections.rows,
            superseded=rejections.superseded,
            is_synthetic=self.origin.synthetic[source.name],
            is_blocked=bool(blocked),
        )
        return TableResult(
            source=source.name,
            table=table.name,
            files=given.parts,
            raw=raw,
            rejected=rejections.rows,
            rules=rejections.by_rule,
            drift=(*given.drift, *hashed),
            warnings=(*warnings, *_volume_warnings(loading, quarantine, source, table, rows)),
            blocked=blocked or None,
            superseded=rejections.superseded,
        )

    def _say(self, step: str, done: int, total: int) -> None:
        if self.report is not None:
            self.report(step, done, total)


def _warehouse_type(column: RawColumn) -> str:
    return WAREHOUSE_TYPES.get(column.data_type, column.data_type)


def _is(outcome: Outcome, severity: str) -> bool:
    return outcome.expectation.severity == severity and not outcome.is_success


def _failed(outcome: Outcome, rows: int | None) -> str:
    """One sentence about an expectation that failed."""
    expectation = outcome.expectation
    about = f" of {', '.join(expectation.columns)}" if expectation.columns else ""
    how_many = "" if rows is None else f" for {rows:,} row{'s' * (rows != 1)}"
    advice = f": {expectation.help}" if expectation.help else ""
    return f"{expectation.rule}{about} failed{how_many} ({expectation.file}:{expectation.line}){advice}"


def _volume_warnings(
    loading: Loading, quarantine: Quarantine, source: RawSource, table: RawTable, rows: int
) -> tuple[str, ...]:
    """A sentence when the newest day is unusual; the result of the check is kept either way."""
    if not rows or not table.happened:
        return ()
    started = time.perf_counter()
    unusual = unusual_volume(loading, source, table)
    check = InputExpectation(VOLUME_RULE, {}, "warn", VOLUME_RULE, table.happened[:1], table.file, table.line)
    seconds = time.perf_counter() - started
    quarantine.record(source, table, Outcome(check, unusual is None, None, seconds), rows)
    return (unusual,) if unusual else ()

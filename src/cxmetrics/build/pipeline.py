"""The whole way from raw files to published numbers: what ``cx build`` does, step by step."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cxmetrics.build.dbt_process import Transform
from cxmetrics.engines.registry import engine_for
from cxmetrics.errors import CxError
from cxmetrics.progress import Report

if TYPE_CHECKING:
    from cxmetrics.checks.finding import Finding
    from cxmetrics.definitions.calendar import Calendar
    from cxmetrics.definitions.project import Project
    from cxmetrics.engines.interface import Engine
    from cxmetrics.inputs.stored import RawSchema
    from cxmetrics.inputs.validation_result import ValidationResult
    from cxmetrics.measure.compiler import Semantics
    from cxmetrics.published.not_counted import NotCounted

# As macros/as_of_literal.sql reads the variable.
AS_OF_FORM = re.compile(r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?)?")


AS_OF_EXAMPLES = ("2026-06-30", "2026-06-30 17:00:00")


@dataclass
class Built:
    """What a build made; ``seconds`` by step, ``nodes`` dbt's results by status."""

    validation: ValidationResult
    nodes: dict[str, int] = field(default_factory=dict)
    values: int = 0
    published: str | None = None
    notes: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    not_counted: list[NotCounted] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "inputs": self.validation.as_dict(),
            "dbt": self.nodes,
            "metric_values": self.values,
            "published": self.published,
            "notes": self.notes,
            "not_counted": [row.as_dict() for row in self.not_counted],
            "seconds": {step: round(seconds, 3) for step, seconds in self.seconds.items()},
        }


def build(
    project: Project,
    *,
    sources: Sequence[str],
    raw: Path | RawSchema,
    as_of: str | None = None,
    target: str | None = None,
    full_refresh: bool = False,
    allow_missing: bool = False,
    report: Report = lambda step, done, total: None,
) -> Built:
    """Inputs, dbt, metric values, publication. What was published before stays until all of it has succeeded.

    Raises CxError (definitions, arguments), InputsBlocked or BuildFailed.
    """
    # Wrong definitions are cheap to find and would otherwise show at the end of the build, or not at all.
    require_buildable(project)
    if as_of is not None and not AS_OF_FORM.fullmatch(as_of):
        raise CxError("--as-of takes a date or a UTC timestamp", got=as_of, allowed=AS_OF_EXAMPLES)
    engine = engine_for(project, target)
    variables: dict[str, Any] = {"sources": list(sources)}
    if as_of is not None:
        variables["as_of"] = as_of
    with engine.reserved() as notes:
        built = _build(project, engine, sources, raw, variables, full_refresh, report, moment(as_of, project.calendar))
        _publish(project, engine, built, allow_missing)
        built.notes[:0] = notes
        return built


def _build(
    project: Project,
    engine: Engine,
    sources: Sequence[str],
    raw: Path | RawSchema,
    variables: dict[str, Any],
    full_refresh: bool,
    report: Report,
    as_of: datetime | None,
) -> Built:
    seconds: dict[str, float] = {}
    started = time.monotonic()

    def lap(step: str) -> None:
        seconds[step] = time.monotonic() - started - sum(seconds.values())

    parsed: Future[None] = Future()
    with ThreadPoolExecutor(max_workers=1) as threads, Transform(project.root, engine.target, variables) as transform:
        from cxmetrics.inputs.run import run_inputs

        built = Built(run_inputs(project, engine, sources, raw, report, as_of), seconds=seconds)
        lap("inputs")
        # MetricFlow is imported and compiles its SQL while dbt is at work in its own process.
        compiled = threads.submit(_compiled, project, engine, parsed)
        try:
            outcome = transform.build(
                full_refresh=full_refresh, on_parsed=lambda: parsed.set_result(None), report=report
            )
        finally:
            parsed.cancel()
        built.nodes = outcome["counts"]
        lap("dbt build")
        semantics = compiled.result()
    from cxmetrics.build.not_counted import name_nearest
    from cxmetrics.measure.metric_values import write_metric_values

    built.not_counted = name_nearest(project, engine)
    built.values = write_metric_values(
        project, engine, semantics, sources, on_step=lambda done, steps: report("metric values", done, steps)
    )
    lap("metric values")
    return built


def _publish(project: Project, engine: Engine, built: Built, allow_missing: bool) -> None:
    from cxmetrics.build.publish import coverage_notes, publish

    started = time.monotonic()
    built.notes = publish(project, engine, allow_missing=allow_missing) + coverage_notes(project, engine)
    built.published = engine.published_location
    built.seconds["publish"] = time.monotonic() - started


def moment(as_of: str | None, calendar: Calendar) -> datetime | None:
    """What ``--as-of`` says (UTC), as macros/as_of_literal.sql takes it: a date is its end. Raises CxError for no
    moment."""
    if as_of is None:
        return None
    try:
        said = datetime.fromisoformat(as_of)
    except ValueError as error:
        raise CxError(f"--as-of is no moment: {error}", got=as_of, allowed=AS_OF_EXAMPLES) from error
    if len(as_of) > len("2026-06-30"):
        return said
    return calendar.starts_at(said.date() + timedelta(days=1)) - timedelta(microseconds=1)


def require_buildable(project: Project) -> None:
    """Raises CxError for the first definition that cannot be read or would read what does not exist."""
    from cxmetrics.checks import BUILD_CHECKS, run

    findings = run(project, BUILD_CHECKS)
    if findings:
        raise _first_of(findings)


def _first_of(findings: list[Finding]) -> CxError:
    first = findings[0]
    more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
    return CxError(
        first.sentence + more,
        file=first.file,
        line=first.line,
        got=first.got,
        allowed=first.allowed,
        next_step=f"{first.help}; cx check lists every finding",
    )


def _compiled(project: Project, engine: Engine, parsed: Future[None]) -> Semantics:
    """MetricFlow's view of the project, with the SQL of all metric values. Raises CancelledError when dbt failed."""
    from cxmetrics.measure.compiler import Semantics
    from cxmetrics.measure.metric_values import compile_questions

    parsed.result()
    semantics = Semantics.load(project.semantic_manifest_path, engine.dialect, calendar=project.calendar)
    compile_questions(project, engine, semantics)
    semantics.remember()
    return semantics

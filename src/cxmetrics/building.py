"""The whole way from raw files to published numbers: what ``cx build`` does, step by step."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cxmetrics.engines import engine_for
from cxmetrics.errors import CxError
from cxmetrics.progress import Report
from cxmetrics.transform import Transform

if TYPE_CHECKING:
    from cxmetrics.checks.finding import Finding
    from cxmetrics.inputs.verdict import Verdict
    from cxmetrics.project import Project

# As macros/as_of_literal.sql reads the variable.
AS_OF = re.compile(r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?)?")


@dataclass
class Built:
    """What a build made; ``seconds`` by step, ``nodes`` dbt's results by status."""

    verdict: Verdict
    nodes: dict[str, int] = field(default_factory=dict)
    values: int = 0
    published: Path | None = None
    seconds: dict[str, float] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "inputs": self.verdict.as_dict(),
            "dbt": self.nodes,
            "metric_values": self.values,
            "published": str(self.published),
            "seconds": {step: round(seconds, 3) for step, seconds in self.seconds.items()},
        }


def build(
    project: Project,
    *,
    sources: Sequence[str],
    raw: Path,
    as_of: str | None = None,
    target: str = "duckdb",
    full_refresh: bool = False,
    report: Report = lambda step, done, total: None,
) -> Built:
    """Inputs, dbt, metric values, publication. What was published before stays until all of it has succeeded.

    Raises CxError (definitions, arguments), InputsBlocked or BuildFailed.
    """
    # Wrong definitions are cheap to find and would otherwise show at the end of the build, or not at all.
    require_buildable(project)
    if as_of is not None and not AS_OF.fullmatch(as_of):
        raise CxError("--as-of takes a UTC date or timestamp", got=as_of, allowed=["2026-06-30", "2026-06-30 17:00:00"])
    engine = engine_for(project, target)
    variables: dict[str, Any] = {"sources": list(sources)}
    if as_of is not None:
        variables["as_of"] = as_of
    seconds: dict[str, float] = {}
    started = time.monotonic()

    def lap(step: str) -> None:
        seconds[step] = time.monotonic() - started - sum(seconds.values())

    with Transform(project.root, target, variables) as transform:
        from cxmetrics.inputs.run import run_inputs

        built = Built(run_inputs(project, engine, sources, raw, report), seconds=seconds)
        lap("inputs")
        # MetricFlow takes seconds to import; it does so while dbt is at work in its own process.
        preparing = threading.Thread(target=_import_metricflow)
        preparing.start()
        built.nodes = transform.build(full_refresh=full_refresh, report=report)["counts"]
        lap("dbt build")
        preparing.join()
    from cxmetrics.publish import publish
    from cxmetrics.semantic import Semantics
    from cxmetrics.values import write_metric_values

    semantics = Semantics.load(project.semantic_manifest_path)
    built.values = write_metric_values(
        project, engine, semantics, on_step=lambda done, steps: report("metric values", done, steps)
    )
    lap("metric values")
    built.published = publish(project, engine)
    lap("publish")
    return built


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
        next_step=f"{first.remedy}; cx check lists every finding",
    )


def _import_metricflow() -> None:
    import cxmetrics.semantic  # noqa: F401

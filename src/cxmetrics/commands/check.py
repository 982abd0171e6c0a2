"""``cx check``: what is wrong with the definitions, and what they say in full."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer

from cxmetrics.commands import values
from cxmetrics.errors import EXIT_FINDINGS, CxError
from cxmetrics.terminal import say

if TYPE_CHECKING:
    from cxmetrics.checks.finding import Finding
    from cxmetrics.definitions.project import Project


def check(
    metrics: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="METRIC",
            help="With --expand: which metrics. Default: all.",
            show_default=False,
            autocompletion=values.metric_names,
        ),
    ] = None,
    expand: Annotated[
        bool, typer.Option("--expand", help="Print metric files with everything that they leave out.")
    ] = False,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON Schema of a metric file.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Check the definitions of metrics, models and sources."""
    from cxmetrics.definitions.project import Project

    if schema:
        from cxmetrics.definitions.reference import schema_text

        say(schema_text())
    elif expand:
        _expand(Project.find(), metrics or [])
    elif metrics:
        raise CxError("the checks look at everything at once", next_step=f"cx check --expand {' '.join(metrics)}")
    else:
        _check(Project.find(), json)


def _expand(project: Project, names: list[str]) -> None:
    from cxmetrics.definitions.expanded import expanded

    metrics = project.metrics()
    for name in names:
        if name not in metrics:
            raise CxError("there is no such metric", got=name, allowed=metrics)
    say("---\n".join(expanded(metrics[name]) for name in names or metrics))


def _check(project: Project, json: bool) -> None:
    from cxmetrics.checks import CHECKS, run

    findings = run(project)
    metrics = len(project.read_metrics().metrics)
    if json:
        _print_json(findings, metrics, len(CHECKS))
    else:
        for _, of_file in groupby(findings, key=lambda finding: finding.file):
            say("\n".join(map(str, of_file)) + "\n\n")
        count = "no findings" if not findings else "1 finding" if len(findings) == 1 else f"{len(findings)} findings"
        say(f"{metrics} metrics, {len(CHECKS)} checks: {count}\n")
    if findings:
        raise typer.Exit(EXIT_FINDINGS)


def _print_json(findings: list[Finding], metrics: int, checks: int) -> None:
    import json

    report = {"metrics": metrics, "checks": checks, "findings": [finding.as_dict() for finding in findings]}
    say(json.dumps(report, indent=2) + "\n")

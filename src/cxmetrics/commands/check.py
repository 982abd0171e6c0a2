"""``cx check``: what is wrong with the definitions."""

from __future__ import annotations

import sys
from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer

from cxmetrics.errors import EXIT_FINDINGS

if TYPE_CHECKING:
    from cxmetrics.checks.finding import Finding


def check(json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False) -> None:
    """Check the definitions of metrics, models and sources."""
    from cxmetrics.checks import CHECKS, run
    from cxmetrics.definitions.project import Project

    project = Project.find()
    findings = run(project)
    metrics = len(project.read_metrics()[0])
    if json:
        _print_json(findings, metrics, len(CHECKS))
    else:
        for _, of_file in groupby(findings, key=lambda finding: finding.file):
            sys.stdout.write("\n".join(map(str, of_file)) + "\n\n")
        count = "no findings" if not findings else "1 finding" if len(findings) == 1 else f"{len(findings)} findings"
        sys.stdout.write(f"{metrics} metrics, {len(CHECKS)} checks: {count}\n")
    if findings:
        raise typer.Exit(EXIT_FINDINGS)


def _print_json(findings: list[Finding], metrics: int, checks: int) -> None:
    import json

    report = {"metrics": metrics, "checks": checks, "findings": [finding.as_dict() for finding in findings]}
    sys.stdout.write(json.dumps(report, indent=2) + "\n")

"""``cx golden``: the numbers that metrics must give for a few rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cxmetrics.commands import values
from cxmetrics.errors import EXIT_FINDINGS, CxError
from cxmetrics.terminal import say

if TYPE_CHECKING:
    from cxmetrics.definitions.metric import Metric
    from cxmetrics.definitions.project import Project
    from cxmetrics.measure.compiler import Semantics


def golden(
    metrics: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="METRIC",
            help="Whose cases to run. Default: all.",
            show_default=False,
            autocompletion=values.metric_names,
        ),
    ] = None,
    fill: Annotated[
        bool,
        typer.Option(
            "--fill", help="Write the ends of intervals, and response rates, into the case; never value and n."
        ),
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the differences as JSON.")] = False,
) -> None:
    """Run golden cases: what metrics give for a few rows, against the numbers that stand beside them."""
    from cxmetrics.build.parsing import parsed_manifest
    from cxmetrics.definitions.project import Project
    from cxmetrics.measure.compiler import Semantics

    project = Project.find()
    chosen = _chosen(project, metrics or [])
    if fill and not metrics:
        raise CxError("--fill writes into the cases of the metrics that are named", next_step="cx golden METRIC --fill")
    semantics = Semantics.load(parsed_manifest(project), calendar=project.calendar)
    if fill:
        for metric in chosen:
            _fill(project, semantics, metric)
        return
    found = [difference for metric in chosen for difference in _differences(project, semantics, metric)]
    if json:
        _print_json(len(chosen), found)
    else:
        _print(len(chosen), found)
    if found:
        raise typer.Exit(EXIT_FINDINGS)


def _chosen(project: Project, names: list[str]) -> list[Metric]:
    published = project.metrics()
    for name in names:
        if name not in published:
            raise CxError("there is no such metric", got=name, allowed=published)
    return [published[name] for name in dict.fromkeys(names or published)]


def _differences(project: Project, semantics: Semantics, metric: Metric) -> list[str]:
    """What differs, a sentence each; a case that cannot be run is a difference too."""
    from cxmetrics.definitions.golden_case import case_path, read_case
    from cxmetrics.measure.golden import failures

    try:
        return failures(project, semantics, read_case(project, case_path(project, metric)))
    except CxError as error:
        return [str(error)]


def _fill(project: Project, semantics: Semantics, metric: Metric) -> None:
    from cxmetrics.definitions.golden_case import case_path, read_case
    from cxmetrics.measure.golden_fill import filled

    case = read_case(project, case_path(project, metric))
    text = filled(project, semantics, case)
    with case.source.path.open("w", encoding="utf-8", newline="") as file:
        file.write(text)
    say(f"filled {case.source.name}\n")


def _print(cases: int, found: list[str]) -> None:
    for difference in found:
        say(f"{difference}\n")
    count = "no differences" if not found else "1 difference" if len(found) == 1 else f"{len(found)} differences"
    say(f"{cases} golden {'case' if cases == 1 else 'cases'}: {count}\n")


def _print_json(cases: int, found: list[str]) -> None:
    import json

    say(json.dumps({"cases": cases, "differences": found}, indent=2) + "\n")

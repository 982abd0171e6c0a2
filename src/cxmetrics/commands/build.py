"""``cx build``: raw files in, published numbers out."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from cxmetrics.commands.target import Raw, RawSchemaName, SourceNames, Target, raw_data

if TYPE_CHECKING:
    from cxmetrics.build.pipeline import Built


def build(
    source: SourceNames = None,
    raw: Raw = None,
    raw_schema: RawSchemaName = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            help="The UTC date (its end) or timestamp the build describes. Default: the latest event in the data.",
            show_default=False,
        ),
    ] = None,
    target: Target = None,
    full_refresh: Annotated[bool, typer.Option("--full-refresh", help="Passed on to dbt build.")] = False,
    allow_missing: Annotated[
        bool, typer.Option("--allow-missing", help="Publish although metrics that had data before have none now.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print what was built as JSON.")] = False,
) -> None:
    """Check the inputs, run dbt build, compute the metric values and publish them."""
    from cxmetrics.build import pipeline as building
    from cxmetrics.definitions.project import Project
    from cxmetrics.progress import progress_bar

    project = Project.find()
    with progress_bar() as report:
        built = building.build(
            project,
            sources=source or project.vars.get("sources") or [],
            raw=raw_data(raw, raw_schema),
            as_of=as_of,
            target=target,
            full_refresh=full_refresh,
            allow_missing=allow_missing,
            report=report,
        )
    if json:
        _print_json(built)
    else:
        _print(built)


def _print(built: Built) -> None:
    from cxmetrics.commands.inputs import print_verdict

    print_verdict(built.verdict)
    nodes = ", ".join(f"{count} {status}" for status, count in sorted(built.nodes.items()))
    seconds = ", ".join(f"{step} {taken:.1f}" for step, taken in built.seconds.items())
    sys.stdout.write(
        f"\ndbt build: {nodes}\n"
        f"metric values: {built.values:,} rows\n"
        f"seconds: {seconds}; {sum(built.seconds.values()):.1f} in all\n"
        f"Published: {built.published}\n"
        + "".join(f"note: {note}\n" for note in built.notes)
        + "Next: cx scorecard, cx query METRIC, cx docs\n"
    )


def _print_json(built: Built) -> None:
    import json

    sys.stdout.write(json.dumps(built.as_dict(), indent=2) + "\n")

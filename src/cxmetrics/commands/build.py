"""``cx build``: raw files in, published numbers out."""

from __future__ import annotations

from typing import Annotated

import typer

from cxmetrics.commands.target import Raw, RawSchemaName, SourceNames, Target, raw_data
from cxmetrics.terminal import say


def build(
    source: SourceNames = None,
    raw: Raw = None,
    raw_schema: RawSchemaName = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            help="The local date (its end) or UTC timestamp it describes. Default: the latest event in the data.",
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
    from cxmetrics.reports.build import built_text
    from cxmetrics.reports.printing import as_json

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
    say(as_json(built.as_dict()) if json else built_text(built))

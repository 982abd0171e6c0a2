"""``cx inputs``: loads and checks raw files, keeps what is rejected, prints the result."""

from __future__ import annotations

from typing import Annotated

import typer

from cxmetrics.commands.target import Raw, RawSchemaName, SourceNames, Target, raw_data
from cxmetrics.errors import EXIT_INPUTS_BLOCKED, EXIT_OK
from cxmetrics.terminal import from_here, say


def inputs(
    source: SourceNames = None,
    raw: Raw = None,
    raw_schema: RawSchemaName = None,
    target: Target = None,
    explain: Annotated[
        str | None,
        typer.Option(metavar="ROW", help="Load nothing; say why a row was rejected: table:number or file:line."),
    ] = None,
    data_docs: Annotated[
        bool, typer.Option("--data-docs", help="Write Great Expectations' own pages into target/data-docs.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Load raw files and check them; rejected rows go to quarantine."""
    from dataclasses import replace

    from cxmetrics.definitions.project import Project
    from cxmetrics.engines.registry import engine_for
    from cxmetrics.inputs.explain import explain as explained
    from cxmetrics.inputs.run import load_inputs
    from cxmetrics.progress import progress_bar
    from cxmetrics.reports.inputs import explanations_text, validation_text
    from cxmetrics.reports.printing import as_json

    project = Project.find()
    engine = engine_for(project, target)
    sources = source or project.vars.get("sources") or []
    if explain is not None:
        found = explained(project, engine, sources, explain)
        say(as_json([one.as_dict() for one in found]) if json else explanations_text(found))
        return
    given = raw_data(raw, raw_schema)
    pages = project.data_docs if data_docs else None
    with engine.reserved() as fixed, progress_bar() as report:
        result = load_inputs(project, engine, sources, given, report, pages)
    result = replace(result, notes=(*fixed, *result.notes))
    if json:
        say(as_json(result.as_dict()))
        raise typer.Exit(EXIT_INPUTS_BLOCKED if result.blocked else EXIT_OK)
    say(validation_text(result))
    if pages is not None:
        say(f"Data Docs: {from_here(pages / 'index.html')}\n")
    result.raise_if_blocked()

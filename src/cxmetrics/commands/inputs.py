"""``cx inputs``: loads and checks raw files, keeps what is rejected, prints the verdict."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from cxmetrics.commands.target import Raw, RawSchemaName, SourceNames, Target, raw_data
from cxmetrics.errors import EXIT_INPUTS_BLOCKED

if TYPE_CHECKING:
    from rich.console import Console

    from cxmetrics.definitions.project import Project
    from cxmetrics.engines.interface import Engine
    from cxmetrics.inputs.validation_result import ValidationResult


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
    json: Annotated[bool, typer.Option("--json", help="Print the verdict as JSON.")] = False,
) -> None:
    """Load raw files and check them; rejected rows go to quarantine."""
    from dataclasses import replace

    from cxmetrics.definitions.project import Project
    from cxmetrics.engines.registry import engine_for
    from cxmetrics.inputs.run import load_inputs
    from cxmetrics.progress import progress_bar

    project = Project.find()
    engine = engine_for(project, target)
    sources = source or project.vars.get("sources") or []
    if explain is not None:
        _explain(project, engine, sources, explain, as_json=json)
        return
    given = raw_data(raw, raw_schema)
    pages = project.data_docs if data_docs else None
    with engine.reserved() as mended, progress_bar() as report:
        verdict = load_inputs(project, engine, sources, given, report, pages)
    verdict = replace(verdict, notes=(*mended, *verdict.notes))
    if json:
        _print_json(verdict)
        raise typer.Exit(EXIT_INPUTS_BLOCKED if verdict.blocked else 0)
    print_verdict(verdict)
    if pages is not None:
        sys.stdout.write(f"Data Docs: {pages / 'index.html'}\n")
    verdict.raise_if_blocked()


def _explain(project: Project, engine: Engine, sources: list[str], row: str, *, as_json: bool) -> None:
    import json

    from cxmetrics.inputs.explain import explain

    explanations = explain(project, engine, sources, row)
    if as_json:
        sys.stdout.write(json.dumps([explanation.as_dict() for explanation in explanations], indent=2) + "\n")
        return
    for explanation in explanations:
        name = f"{explanation.source}.{explanation.table} row {explanation.row}"
        if not explanation.reasons:
            sys.stdout.write(f"{name}: accepted\n")
            continue
        sys.stdout.write(f"{name} ({explanation.place}): rejected\n")
        for reason in explanation.reasons:
            about = f" of {reason.column}" if reason.column else ""
            got = f"\n    got:      {reason.masked_value} (masked)" if reason.masked_value else ""
            sys.stdout.write(
                f"  {reason.rule}{about}{got}\n    asked:    {reason.meaning}\n    declared: {reason.declared}\n"
            )


def print_verdict(verdict: ValidationResult) -> None:
    """The verdict as tables, notes and a last sentence, on stdout."""
    from rich.console import Console

    console = Console(soft_wrap=True, highlight=False, markup=False)
    if not console.is_terminal:
        console.width = 120
    for source in verdict.sources:
        _print_source(console, verdict, source)
    for table in verdict.tables:
        for note in table.drift:
            console.print(f"note: {table.table}: {note}")
        for warning in table.warnings:
            console.print(f"warning: {table.table}: {warning}")
    for note in verdict.notes:
        console.print(f"note: {note}")
    raw, rejected = sum(table.raw for table in verdict.tables), sum(table.rejected for table in verdict.tables)
    console.print(f"{raw - rejected:,} of {raw:,} rows accepted, {rejected:,} rejected.")
    if verdict.is_invented:
        console.print("Invented data: nobody in it exists.")


def _print_source(console: Console, verdict: ValidationResult, source: str) -> None:
    from rich.table import Table

    grid = Table(box=None, pad_edge=False)
    grid.add_column(source)
    for heading in ("files", "raw", "accepted", "rejected"):
        grid.add_column(heading, justify="right")
    grid.add_column("most rejected by")
    tables = [table for table in verdict.tables if table.source == source]
    for table in tables:
        if table.files:
            counts = (f"{number:,}" for number in (table.files, table.raw, table.accepted, table.rejected))
            grid.add_row(table.table, *counts, table.top_rule or "")
    console.print(grid)
    absent = [table.table for table in tables if not table.files]
    if absent:
        console.print(f"no files: {', '.join(absent)}")
    console.print()


def _print_json(verdict: ValidationResult) -> None:
    import json

    sys.stdout.write(json.dumps(verdict.as_dict(), indent=2) + "\n")

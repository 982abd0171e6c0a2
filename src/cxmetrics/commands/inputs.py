"""``cx inputs``: loads and checks raw files, keeps what is rejected, prints the verdict."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from cxmetrics.commands.target import Raw, RawSchemaName, Target, raw_data
from cxmetrics.errors import EXIT_INPUTS_BLOCKED

if TYPE_CHECKING:
    from rich.console import Console

    from cxmetrics.inputs.verdict import Verdict


def inputs(
    source: Annotated[
        list[str] | None,
        typer.Option(
            help="A source to read; repeatable. Default: vars.sources in dbt_project.yml.", show_default=False
        ),
    ] = None,
    raw: Raw = None,
    raw_schema: RawSchemaName = None,
    target: Target = None,
    json: Annotated[bool, typer.Option("--json", help="Print the verdict as JSON.")] = False,
) -> None:
    """Load raw files and check them; rejected rows go to quarantine."""
    from cxmetrics.engines import engine_for
    from cxmetrics.inputs.run import load_inputs
    from cxmetrics.progress import progress_bar
    from cxmetrics.project import Project

    project = Project.find()
    engine = engine_for(project, target)
    given = raw_data(raw, raw_schema)
    with engine.reserved(), progress_bar() as report:
        verdict = load_inputs(project, engine, source or project.vars.get("sources") or [], given, report)
    if json:
        _print_json(verdict)
        raise typer.Exit(EXIT_INPUTS_BLOCKED if verdict.blocked else 0)
    print_verdict(verdict)
    verdict.raise_if_blocked()


def print_verdict(verdict: Verdict) -> None:
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


def _print_source(console: Console, verdict: Verdict, source: str) -> None:
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


def _print_json(verdict: Verdict) -> None:
    import json

    sys.stdout.write(json.dumps(verdict.as_dict(), indent=2) + "\n")

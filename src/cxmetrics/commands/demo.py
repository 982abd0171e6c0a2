"""``cx demo``: makes the synthetic demo data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cxmetrics.commands import values
from cxmetrics.terminal import one_line, say

if TYPE_CHECKING:
    from cxmetrics.demo.generate import Demo


def demo(
    customers: Annotated[int, typer.Option(help="How many customers to generate, 1 to 100,000.")] = 5_000,
    seed: Annotated[int, typer.Option(help="Equal seeds give equal files, on every machine.")] = 1,
    out: Annotated[
        Path | None,
        typer.Option(help="The folder to write to. Default: demo in the warehouse folder.", show_default=False),
    ] = None,
    months: Annotated[int, typer.Option(help="Months of data up to the end of June 2026, 1 to 60.")] = 24,
    plant: Annotated[
        str | None,
        typer.Option(
            help="The journey stage at which the experience fails although service is good, or none.",
            show_default=False,
            autocompletion=values.planted,
        ),
    ] = None,
    effect: Annotated[
        float | None,
        typer.Option(
            help="The share of customers whom a contact of the planted stage makes leave. Default: 0.1.",
            show_default=False,
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print what was made as JSON.")] = False,
) -> None:
    """Make synthetic customers, tickets and surveys to try everything with."""
    from cxmetrics.demo.generate import Demo, make_demo
    from cxmetrics.progress import progress_bar

    wanted = Demo(customers=customers, seed=seed, months=months, plant=plant, effect=effect)
    folder = _default_folder() if out is None else out
    with progress_bar() as report:
        rows = make_demo(wanted, folder, report=report)
    if json:
        _print_json(wanted, folder, rows)
    else:
        _print_table(wanted, folder, rows)


def _default_folder() -> Path:
    from cxmetrics.definitions.project import Project

    return Project.find().warehouse / "demo"


def _print_json(made: Demo, folder: Path, rows: dict[str, int]) -> None:
    import json

    say(json.dumps({**made.manifest(), "out": str(folder), "rows": rows}, indent=2) + "\n")


def _print_table(made: Demo, folder: Path, rows: dict[str, int]) -> None:
    from cxmetrics.demo.generate import AS_OF
    from cxmetrics.reports.printing import rendered
    from cxmetrics.reports.tables import Column, fitted

    counts = [[entity, f"{count:,}"] for entity, count in rows.items()]
    table = fitted([Column("entity"), Column("rows", is_number=True)], counts, "--json", is_roomy=False)
    shown = one_line(folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder)
    say(
        rendered(*table),
        f"Synthetic data: {made.customers:,} customers, {made.months} months to {AS_OF:%Y-%m-%d}, seed {made.seed}. "
        f"Nobody in them exists.\n{_planted(made)}Written to {shown}\nNext: cx build --raw {shown}\n",
    )


def _planted(made: Demo) -> str:
    if made.plant is None:
        return ""
    if not made.planted_effect:
        return "Planted: nothing; no stage makes customers leave.\n"
    return f"Planted: friction at {made.plant}, after which {made.planted_effect:.0%} of the customers leave.\n"

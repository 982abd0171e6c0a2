"""``cx publish``: what was published, and the way back to an earlier publication."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from cxmetrics.commands.target import Target
from cxmetrics.errors import CxError

if TYPE_CHECKING:
    from cxmetrics.engines.interface import Published


def publish(
    listed: Annotated[bool, typer.Option("--list", help="Show what is published and what is kept.")] = False,
    rollback: Annotated[
        bool, typer.Option("--rollback", help="Publish the publication before the current one again.")
    ] = False,
    to: Annotated[
        str | None,
        typer.Option(help="With --rollback: the publication to go to, as --list names it.", show_default=False),
    ] = None,
    target: Target = None,
    json: Annotated[bool, typer.Option("--json", help="Print what was done or found as JSON.")] = False,
) -> None:
    """List what was published, or go back to an earlier publication. cx build publishes."""
    from cxmetrics.build import publish as publication
    from cxmetrics.definitions.project import Project
    from cxmetrics.engines.registry import engine_for

    if listed == rollback or (to is not None and not rollback):
        raise CxError(
            "cx publish lists publications or goes back to one",
            allowed=["--list", "--rollback", "--rollback --to NAME"],
            next_step="cx build publishes a new one",
        )
    engine = engine_for(Project.find(), target)
    if rollback:
        current, before = publication.roll_back(engine, to)
        _print_json({"current": asdict(current), "before": before and asdict(before)}) if json else _tell(
            current, before
        )
        return
    found = publication.publications(engine)
    _print_json([asdict(one) for one in found]) if json else _print(found)


def _tell(current: Published, before: Published | None) -> None:
    instead = f"Instead of: {_sentence(before)}\n" if before else ""
    sys.stdout.write(f"Published again: {_sentence(current)}\n{instead}{current.place}\n")
    if before:
        sys.stdout.write(f"Next: cx scorecard; cx publish --rollback --to {before.name} goes back\n")


def _sentence(one: Published) -> str:
    invented = ", invented data" if one.is_invented else ""
    return f"{one.name}, as of {one.as_of}, sources {one.sources}{invented}"


def _print(found: list[Published]) -> None:
    from cxmetrics.reports import printing

    if not found:
        sys.stdout.write("Nothing has been published yet.\nNext: cx build\n")
        return
    shown = printing.table(["publication", "state", "as_of", "sources"], [])
    for one in found:
        shown.add_row(one.name, one.state, one.as_of, one.sources + (" (invented)" if one.is_invented else ""))
    sys.stdout.write(printing.rendered(shown))
    if any(one.state != "current" for one in found):
        sys.stdout.write("Next: cx publish --rollback, or --rollback --to NAME\n")


def _print_json(data: object) -> None:
    import json

    sys.stdout.write(json.dumps(data, indent=2) + "\n")

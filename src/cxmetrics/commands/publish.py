"""``cx publish``: what was published, and the way back to an earlier publication."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from cxmetrics.commands.target import Target
from cxmetrics.errors import CxError
from cxmetrics.terminal import say


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
    from cxmetrics.reports.printing import as_json
    from cxmetrics.reports.publications import listed as all_listed
    from cxmetrics.reports.publications import rolled_back

    if listed == rollback or (to is not None and not rollback):
        raise CxError(
            "cx publish lists publications or goes back to one",
            allowed=["--list", "--rollback", "--rollback --to NAME"],
            next_step="cx build publishes a new one",
        )
    engine = engine_for(Project.find(), target)
    if rollback:
        current, before = publication.roll_back(engine, to)
        told = {"current": asdict(current), "before": before and asdict(before)}
        say(as_json(told) if json else rolled_back(current, before))
    else:
        found = publication.publications(engine)
        say(as_json([asdict(one) for one in found]) if json else all_listed(found))

"""``cx scorecard``: service and experience side by side."""

from __future__ import annotations

from typing import Annotated

import typer

from cxmetrics.commands import values
from cxmetrics.commands.target import Target
from cxmetrics.errors import CxError
from cxmetrics.terminal import say


def scorecard(
    grain: Annotated[
        str,
        typer.Option(
            help="The length of a period: day, week, month, quarter, year or all.", autocompletion=values.grains
        ),
    ] = "month",
    target: Target = None,
    json: Annotated[bool, typer.Option("--json", help="Print the scorecard as JSON.")] = False,
) -> None:
    """Show service and experience side by side: value, interval, trend, target and who answers for it."""
    from cxmetrics.definitions.metric import GRAINS
    from cxmetrics.definitions.project import Project
    from cxmetrics.engines.registry import engine_for
    from cxmetrics.published.build_info import read_build_info
    from cxmetrics.published.schema import published_metrics
    from cxmetrics.reports.printing import rendered
    from cxmetrics.reports.scorecard import as_json, terminal
    from cxmetrics.reports.scorecard import scorecard as read

    if grain not in GRAINS:
        raise CxError("this is not a grain", got=grain, allowed=GRAINS)
    project = Project.find()
    engine = engine_for(project, target)
    with engine.published() as connection:
        try:
            info = read_build_info(connection)
            lines = read(connection, published_metrics(project), grain, info.as_of, info.calendar)
        except engine.failure as error:
            what = f"what was published cannot be read: {str(error).splitlines()[0]}"
            raise CxError(what, file=engine.published_location, next_step="cx build") from error
    say(as_json(lines, info, grain) if json else rendered(terminal(lines, info, grain)))

"""``cx audit``: where the experience fails, who can fix it, and what it costs."""

from __future__ import annotations

from typing import Annotated

import typer

from cxmetrics.commands import values
from cxmetrics.commands.target import Target
from cxmetrics.errors import CxError
from cxmetrics.terminal import say


def audit(
    stage: Annotated[str | None, typer.Option(help="One journey stage.", show_default=False)] = None,
    segment: Annotated[str, typer.Option(help="A segment of customers; all is everybody.")] = "all",
    listed: Annotated[
        str | None,
        typer.Option(
            "--list",
            help="List by id who left: masked (service had pleased them) or silent.",
            autocompletion=values.audit_lists,
        ),
    ] = None,
    format: Annotated[
        str,
        typer.Option("--format", help="What to write: table, markdown or json.", autocompletion=values.audit_formats),
    ] = "table",
    target: Target = None,
    json: Annotated[bool, typer.Option("--json", help="Short for --format json.")] = False,
) -> None:
    """Rank where the experience fails by the revenue at risk, with who is accountable and who only handles it."""
    from cxmetrics.definitions.project import Project
    from cxmetrics.engines.registry import engine_for
    from cxmetrics.published.audit import LISTS, Selection, customers
    from cxmetrics.published.audit import audit as read
    from cxmetrics.published.build_info import read_build_info
    from cxmetrics.reports.audit import AUDIT_FORMATS, as_text, customer_section, sections

    chosen = "json" if json else format
    if chosen not in AUDIT_FORMATS:
        raise CxError("this is not a format", got=chosen, allowed=AUDIT_FORMATS)
    if listed is not None and listed not in LISTS:
        raise CxError("there is no such list", got=listed, allowed=LISTS)
    selection = Selection(stage, segment)
    engine = engine_for(Project.find(), target)
    with engine.published() as connection:
        try:
            info = read_build_info(connection)
            if listed is None:
                found = read(connection, engine.literal, info, selection)
                answer, parts = found.as_dict(), sections(found)
            else:
                rows = customers(connection, engine.literal, listed, selection)
                chosen_rows = {"list": listed, "stage": stage, "segment": segment, "customers": rows}
                answer, parts = {**info.as_dict(), **chosen_rows}, [customer_section(listed, rows)]
        except engine.failure as error:
            what = f"what was published cannot be read: {str(error).splitlines()[0]}"
            raise CxError(what, file=engine.published_location, next_step="cx build") from error
    say(as_text(chosen, answer, parts, info))

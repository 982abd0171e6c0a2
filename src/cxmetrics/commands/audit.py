"""``cx audit``: where the experience fails, who can mend it, and what it costs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cxmetrics.commands.target import Target
from cxmetrics.errors import CxError

if TYPE_CHECKING:
    from cxmetrics.reports.audit_report import Section
    from cxmetrics.reports.query import BuildInfo

FORMATS = ("table", "markdown", "json")


def audit(
    stage: Annotated[str | None, typer.Option(help="One journey stage.", show_default=False)] = None,
    segment: Annotated[str, typer.Option(help="A segment of customers; all is everybody.")] = "all",
    listed: Annotated[
        str | None,
        typer.Option("--list", help="List by id who left: masked (service had pleased them) or silent."),
    ] = None,
    format: Annotated[str, typer.Option("--format", help=f"{', '.join(FORMATS)}.")] = "table",
    target: Target = None,
    json: Annotated[bool, typer.Option("--json", help="Short for --format json.")] = False,
) -> None:
    """Rank where the experience fails by the revenue at risk, with who is accountable and who only handles it."""
    from cxmetrics.definitions.project import Project
    from cxmetrics.engines.registry import engine_for
    from cxmetrics.reports.audit import LISTS, Selection, customers
    from cxmetrics.reports.audit import audit as read
    from cxmetrics.reports.audit_report import customer_section, sections
    from cxmetrics.reports.query import build_info

    chosen = "json" if json else format
    if chosen not in FORMATS:
        raise CxError("this is not a format", got=chosen, allowed=FORMATS)
    if listed is not None and listed not in LISTS:
        raise CxError("there is no such list", got=listed, allowed=LISTS)
    selection = Selection(stage, segment)
    engine = engine_for(Project.find(), target)
    with engine.published() as connection:
        try:
            info = build_info(connection)
            if listed is None:
                found = read(connection, info, selection)
                answer, parts = found.as_dict(), sections(found)
            else:
                rows = customers(connection, listed, selection)
                chosen_rows = {"list": listed, "stage": stage, "segment": segment, "customers": rows}
                answer, parts = {**info.as_dict(), **chosen_rows}, [customer_section(listed, rows)]
        except engine.failure as error:
            what = f"what was published cannot be read: {str(error).splitlines()[0]}"
            raise CxError(what, file=engine.published_place, next_step="cx build") from error
    _print(chosen, answer, parts, info)


def _print(chosen: str, answer: dict[str, Any], parts: list[Section], info: BuildInfo) -> None:
    from cxmetrics.reports.audit_report import markdown, terminal
    from cxmetrics.reports.printing import rendered

    if chosen == "json":
        import json

        sys.stdout.write(json.dumps(answer, indent=2, default=str) + "\n")
    elif chosen == "markdown":
        sys.stdout.write(markdown(parts, info))
    else:
        sys.stdout.write(rendered(terminal(parts, info)))

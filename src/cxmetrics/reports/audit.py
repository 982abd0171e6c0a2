"""The audit in words: the same sections on a terminal and as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cxmetrics.definitions.units import NOTHING, format_interval, format_value
from cxmetrics.definitions.words import sentence
from cxmetrics.published.schema import ALL
from cxmetrics.reports.printing import BANNER, as_json, rendered, rests_on
from cxmetrics.reports.tables import Column, fitted
from cxmetrics.terminal import visible

if TYPE_CHECKING:
    from rich.console import RenderableType

    from cxmetrics.published.audit import Audit
    from cxmetrics.published.build_info import BuildInfo
    from cxmetrics.published.rows import Row

AUDIT_FORMATS = ("table", "markdown", "json")
CAPTION = (
    "Customers affected by a contact that the stage caused, against those to be expected to leave of the same segment"
    " and tenure. Differences are associated with the stage, never shown to be caused by it; revenue is that of a year."
)
LENSES = (
    "Left after praise: customers who left, in whatever stage, after a good last word on a contact this stage caused."
    " By id: cx audit --list masked, and --list silent for those who left without a word."
)
NO_CAUSE = "no cause known"
COLOURS = {
    "service masks an experience failure": "red",
    "both failing": "red",
    "service failing": "yellow",
    "healthy": "green",
}


@dataclass(frozen=True)
class Section:
    """A heading, what is said below it, and a table whose cells may have several lines."""

    title: str
    sentences: Sequence[str]
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    text_columns: int = 1


def as_text(chosen: str, answer: Row, parts: Sequence[Section], info: BuildInfo) -> str:
    """The answer in the chosen one of ``AUDIT_FORMATS``: as JSON, or its sections in words."""
    if chosen == "json":
        return as_json(answer)
    return markdown(parts, info) if chosen == "markdown" else rendered(*terminal(parts, info))


def sections(audit: Audit) -> list[Section]:
    """The findings, what they rest on, and who causes the contacts."""
    return [_findings(audit), _lenses(audit), _ownership(audit)]


def customer_section(name: str, rows: Sequence[Row]) -> Section:
    """The customers of a list, by id."""
    whom = {
        "masked": "whose last word on service was a good one",
        "silent": "who had made no contact in the silent_days before",
    }[name]
    columns = ("customer", "segment", "left", "in stage", "praised contact of", "contacts", "revenue")
    cells = [
        [
            row["customer_id"],
            row["segment"],
            f"{row['ended_at']:%Y-%m-%d}",
            row["stage"] or NOTHING,
            row["answered_cause_stage"] or NOTHING,
            format_value(row["contacts"], "count"),
            format_value(row["revenue"], "count"),
        ]
        for row in rows
    ]
    return Section(f"{len(rows):,} customers who left, {whom}", [], columns, cells, text_columns=5)


def _findings(audit: Audit) -> Section:
    columns = ("stage", "finding", "affected", "leave more often", "q", "revenue at risk")
    rows = [
        [
            f"{row['audit_rank']}. {row['stage']}",
            f"{row['finding']}\n{row['accountable_group'] or NOTHING}",
            f"{row['affected']:,}",
            f"{_points(row['adjusted_difference'])}\n{_range(row['ci_low'], row['ci_high'])}",
            "not tested" if row["q_value"] is None else f"{row['q_value']:.3f}",
            f"{format_value(row['revenue_at_risk'], 'count')}\n"
            + format_interval(row["revenue_at_risk_low"], row["revenue_at_risk_high"], "count"),
        ]
        for row in audit.findings
    ]
    return Section(f"Experience audit, {_segments(audit)}", [CAPTION], columns, rows, text_columns=2)


def _lenses(audit: Audit) -> Section:
    columns = (
        "stage",
        "contacts per 100",
        "avoidable",
        "satisfied with service",
        "NPS",
        "left here",
        "in silence",
        "left after praise",
    )
    rows = [
        [
            row["stage"],
            _number(row["contacts_per_100_journeys"]),
            NOTHING if row["avoidable_share"] is None else f"{100 * row['avoidable_share']:.0f} %",
            f"{_number(row['service_score'], ' %')}\nn = {row['service_answers']:,}",
            f"{format_value(row['experience_score'], 'points')}\nn = {row['experience_answers']:,}",
            f"{row['churned']:,}",
            f"{row['silent_churned']:,} of {row['churned_with_known_silence']:,}",
            f"{row['churned_after_praise']:,}",
        ]
        for row in sorted(audit.findings, key=lambda row: row["stage_position"])
    ]
    title = f"Service of the contacts a stage caused, beside the experience of its journeys, {_segments(audit)}"
    return Section(title, [LENSES, *_without_cause(audit)], columns, rows)


def _without_cause(audit: Audit) -> list[str]:
    """How many contacts are in no row, because nobody knows what caused them."""
    unknown = max((row["contacts_without_cause"] or 0 for row in audit.findings), default=0)
    return [f"{unknown:,} more contacts are in no stage: their cause is not known."] if unknown else []


def _segments(audit: Audit) -> str:
    return "all segments" if audit.selection.segment == ALL else f"segment {audit.selection.segment}"


def _ownership(audit: Audit) -> Section:
    shares = audit.outside_support
    teams = sorted({row["handling_team"] for row in audit.owners})
    groups = sorted({row["accountable_group"] or "" for row in audit.owners}, key=lambda group: (not group, group))
    cells = {(row["accountable_group"] or "", row["handling_team"]): row for row in audit.owners}
    rows = []
    for group in groups:
        counts = [cells[group, team]["contacts"] if (group, team) in cells else 0 for team in teams]
        avoidable = sum(row["avoidable_contacts"] for (own, _), row in cells.items() if own == group)
        rows.append([group or NO_CAUSE, *(f"{count:,}" for count in [*counts, sum(counts), avoidable])])
    sentence = "No contact has a cause that is known."
    if shares["share_outside_support"] is not None:
        sentence = (
            f"{format_value(shares['share_outside_support'], 'share')} of {shares['contacts_with_cause']:,} contacts"
            " with a known cause are accountable outside support."
        )
    whose = "" if audit.selection.stage is None else f" of the stage {audit.selection.stage}"
    title = f"Who causes contacts{whose} (rows), and who handles them (columns), all segments"
    return Section(title, [sentence], ("accountable group", *teams, "contacts", "avoidable"), rows)


def _points(difference: float | None) -> str:
    return NOTHING if difference is None else f"{100 * difference:+.1f} points"


def _range(low: float | None, high: float | None) -> str:
    return NOTHING if low is None or high is None else f"{100 * low:+.1f} to {100 * high:+.1f}"


def _number(value: float | None, suffix: str = "") -> str:
    return NOTHING if value is None else f"{value:,.1f}{suffix}"


def head(info: BuildInfo) -> str:
    """What the numbers rest on, as a sentence begins."""
    return sentence(rests_on(info))


def terminal(parts: Sequence[Section], info: BuildInfo) -> list[RenderableType]:
    """The sections as tables, one below the other."""
    from rich.text import Text

    shown: list[RenderableType] = [Text(head(info))]
    if info.is_synthetic:
        shown.insert(0, Text(f" {BANNER} ", style="bold black on yellow"))
    for part in parts:
        shown += ["", Text(part.title, style="bold"), *(Text(sentence, style="italic") for sentence in part.sentences)]
        shown += _table(part)
    return shown


def _table(part: Section) -> list[RenderableType]:
    from rich.text import Text

    columns = [
        Column(name, position >= part.text_columns, is_folded=True, rank=position)
        for position, name in enumerate(part.columns)
    ]
    rows = [[Text(visible(cell), style=COLOURS.get(cell.split("\n")[0], "")) for cell in row] for row in part.rows]
    return fitted(columns, rows, "--format markdown", is_roomy=False)


def markdown(parts: Sequence[Section], info: BuildInfo) -> str:
    """The sections for a page or a ticket."""
    lines = [f"**{BANNER}**", ""] if info.is_synthetic else []
    lines.append(f"{_escaped(head(info))}")
    for part in parts:
        lines += ["", f"## {_escaped(part.title)}", ""]
        lines += [line for sentence in part.sentences for line in (sentence, "")]
        lines.append(f"| {' | '.join(_escaped(name) for name in part.columns)} |")
        marks = ("---" if position < part.text_columns else "---:" for position in range(len(part.columns)))
        lines.append(f"| {' | '.join(marks)} |")
        lines += [f"| {' | '.join(_escaped(cell) for cell in row)} |" for row in part.rows]
    return "\n".join(lines) + "\n"


def _escaped(cell: str) -> str:
    """A cell that neither ends the table nor becomes markup."""
    for mark in "\\|`*_<>[]":
        cell = cell.replace(mark, f"\\{mark}")
    return cell.replace("\r", " ").replace("\n", "; ")

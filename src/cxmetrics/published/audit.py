"""The published experience audit: findings, who left, and who causes the contacts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cxmetrics.engines.sql import joined, sql
from cxmetrics.errors import CxError
from cxmetrics.published.rows import Row, rows
from cxmetrics.published.schema import ALL, CHURNED_CUSTOMERS, CONTACT_OWNERSHIP, DUAL_LENS, EXPERIENCE_AUDIT

if TYPE_CHECKING:
    from cxmetrics.engines.interface import Connection
    from cxmetrics.published.build_info import BuildInfo


# How the engine writes a text constant.
Quote = Callable[[str], str]

FINDING_COLUMNS = (
    "audit_rank",
    "stage",
    "stage_position",
    "segment",
    "accountable_group",
    "finding",
    "journeys",
    "completed",
    "dropped",
    "in_progress",
    "completion_rate",
    "drop_off_rate",
    "contacts",
    "contacts_per_100_journeys",
    "contacts_without_cause",
    "avoidable_contacts",
    "avoidable_share",
    "service_cost",
    "service_score",
    "service_answers",
    "experience_score",
    "experience_answers",
    "affected",
    "unaffected",
    "churn_affected",
    "churn_unaffected",
    "unadjusted_difference",
    "adjusted_difference",
    "ci_low",
    "ci_high",
    "p_value",
    "q_value",
    "is_significant",
    "revenue_at_risk",
    "revenue_at_risk_low",
    "revenue_at_risk_high",
)
LENS_COLUMNS = (
    "churned",
    "churned_with_opinion",
    "satisfied_churned",
    "churned_with_known_silence",
    "silent_churned",
    "churned_after_praise",
)
CUSTOMER_COLUMNS = (
    "customer_id",
    "journey_id",
    "segment",
    "outcome",
    "stage",
    "ended_at",
    "is_silent",
    "is_satisfied",
    "service_score",
    "answered_at",
    "answered_ticket_id",
    "answered_cause_stage",
    "contacts",
    "revenue",
)
# List -> whom it holds, and the stage that --stage names: that of the contact they praised, or the one they left in.
LISTS = {
    "masked": ("is_satisfied", "answered_cause_stage"),
    "silent": ("is_silent", "stage"),
}


@dataclass(frozen=True)
class Selection:
    """Which rows are asked for; without a stage all stages, and ``all`` for all segments together."""

    stage: str | None = None
    segment: str = ALL


@dataclass(frozen=True)
class Audit:
    """The published audit. Every finding also has the counts of ``dual_lens``; ``owners`` has one row per group that
    causes contacts and team that handles them."""

    info: BuildInfo
    selection: Selection
    findings: list[Row]
    owners: list[Row]

    @property
    def outside_support(self) -> Row:
        """How many contacts have a known cause, and how many of these other groups than support can remove."""
        known = [row for row in self.owners if row["is_outside_support"] is not None]
        contacts = sum(row["contacts"] for row in known)
        outside = sum(row["contacts"] for row in known if row["is_outside_support"])
        return {
            "contacts": sum(row["contacts"] for row in self.owners),
            "contacts_with_cause": contacts,
            "contacts_outside_support": outside,
            "share_outside_support": outside / contacts if contacts else None,
        }

    def as_dict(self) -> Row:
        """For JSON, at full precision."""
        return {
            **self.info.as_dict(),
            "stage": self.selection.stage,
            "segment": self.selection.segment,
            "findings": self.findings,
            "ownership": {**self.outside_support, "groups_and_teams": self.owners},
        }


def audit(connection: Connection, literal: Quote, info: BuildInfo, selection: Selection) -> Audit:
    """The rows that were asked for, in the order of their rank; ``literal`` is the engine's. Raises CxError for a stage
    or segment there is none of."""
    _check(connection, selection)
    return Audit(info, selection, _findings(connection, literal, selection), _owners(connection, literal, selection))


def customers(connection: Connection, literal: Quote, name: str, selection: Selection) -> list[Row]:
    """The customers of a list in ``LISTS`` by id, who left last first. Raises CxError like ``audit``."""
    if name not in LISTS:
        raise CxError("there is no such list", got=name, allowed=LISTS)
    _check(connection, selection)
    holds, stage = LISTS[name]
    conditions: list[str] = [holds]
    if selection.stage is not None:
        conditions.append(sql("{column} = {stage}", column=stage, stage=literal(selection.stage)))
    if selection.segment != ALL:
        conditions.append(sql("segment = {segment}", segment=literal(selection.segment)))
    query = sql(
        "select {columns} from {churned} where {conditions} order by ended_at desc, journey_id",
        columns=joined(CUSTOMER_COLUMNS),
        churned=CHURNED_CUSTOMERS,
        conditions=joined(conditions, " and "),
    )
    return rows(connection, query)


def _check(connection: Connection, selection: Selection) -> None:
    query = sql("select distinct stage, stage_position, segment from {audit}", audit=EXPERIENCE_AUDIT)
    found = rows(connection, query)
    stages = {row["stage"]: None for row in sorted(found, key=lambda row: row["stage_position"])}
    segments = {ALL: None, **{row["segment"]: None for row in sorted(found, key=lambda row: row["segment"])}}
    if selection.stage is not None and selection.stage not in stages:
        raise CxError("there is no such stage", got=selection.stage, allowed=stages)
    if selection.segment not in segments:
        raise CxError("there is no such segment", got=selection.segment, allowed=segments)


def _findings(connection: Connection, literal: Quote, selection: Selection) -> list[Row]:
    conditions = [sql("findings.segment = {segment}", segment=literal(selection.segment))]
    if selection.stage is not None:
        conditions.append(sql("findings.stage = {stage}", stage=literal(selection.stage)))
    query = sql(
        "select {columns}, {counts} from {audit} as findings"
        " left join {lens} as lens on findings.stage = lens.stage and findings.segment = lens.segment"
        " where {conditions} order by findings.audit_rank, findings.stage_position",
        columns=joined(f"findings.{name}" for name in FINDING_COLUMNS),
        # A segment that nobody left has no row in the lens.
        counts=joined(sql("coalesce(lens.{name}, 0) as {name}", name=name) for name in LENS_COLUMNS),
        audit=EXPERIENCE_AUDIT,
        lens=DUAL_LENS,
        conditions=joined(conditions, " and "),
    )
    return rows(connection, query)


def _owners(connection: Connection, literal: Quote, selection: Selection) -> list[Row]:
    stage = selection.stage
    is_asked = "true" if stage is None else sql("cause_stage = {stage}", stage=literal(stage))
    query = sql(
        "select accountable_group, is_outside_support, handling_team, cast(sum(contacts) as bigint) as contacts,"
        " cast(sum(avoidable_contacts) as bigint) as avoidable_contacts, sum(cost) as cost"
        " from {ownership} where {is_asked} group by accountable_group, is_outside_support, handling_team"
        " order by accountable_group, handling_team",
        ownership=CONTACT_OWNERSHIP,
        is_asked=is_asked,
    )
    return rows(connection, query)

"""What the pages of all metrics show, from rows as they are published."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from cxmetrics.definitions.claims import read_claims
from cxmetrics.definitions.project import Project
from cxmetrics.engines.registry import engine_for
from cxmetrics.published.figures import read_figures
from cxmetrics.published.tables import PublishedTables
from cxmetrics.site.overview import Overview
from cxmetrics.site.pages import Catalogue
from cxmetrics.site.prose import DocTexts, Prose
from cxmetrics.site.wording import CITED_SOURCES, CLAIM_STATES
from support.published_numbers import WITH_FEW_ANSWERS, WITHOUT_DATA, project_in, publish
from support.workplace import ROOT

AUDIT = {
    "segment": "all", "contacts_per_100_journeys": 10.0, "adjusted_difference": 0.02, "ci_low": 0.01, "ci_high": 0.03,
    "revenue_at_risk": 500.0,
}  # fmt: skip


def _overview(project: Project, **rows: list[dict[str, Any]]) -> Overview:
    tables = PublishedTables(**{column.name: rows.get(column.name, []) for column in fields(PublishedTables)})
    metrics = project.metrics()
    _, figures = read_figures(engine_for(project), metrics.values())
    claims = read_claims(project).claims
    definitions = Catalogue(project, metrics, DocTexts(()), Prose(lambda name: None), claims=claims)
    stages = definitions.stages()
    tiles = [definitions.tile(metric, figures[name], stages) for name, metric in metrics.items()]
    return Overview(definitions, figures, tables, tiles, stages)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder: Path = tmp_path_factory.mktemp("overview")
    project = project_in(ROOT, folder)
    publish(project)
    return project


def test_a_tile_lies_over_its_stages_and_says_what_the_filters_compare(project: Project) -> None:
    tiles = {tile.metric.name: tile for tile in _overview(project).tiles}
    assert tiles["renewal_rate"].columns == (7, 7)
    assert tiles["time_to_value"].columns == (3, 4)
    assert tiles["net_promoter_score"].columns is None
    assert tiles["reopen_rate"].columns is None  # service has a box of its own
    assert tiles["renewal_rate"].facets.split()[:3] == ["e", "success", "outcome"]
    assert tiles["renewal_rate"].facets.split()[4] == "7"
    assert tiles[WITHOUT_DATA].state == "no_data"
    assert tiles[WITH_FEW_ANSWERS].state == "insufficient_sample"


def test_states_count_every_metric_once(project: Project) -> None:
    overview = _overview(project)
    counted = sum(sum(overview.states(domain).values()) for domain in ("service", "experience"))
    assert counted == len(project.metrics())


def test_journeys_are_counted_by_stage_and_status(project: Project) -> None:
    rows = [
        {"stage": "purchase", "stage_position": 3, "status": status, "journeys": journeys}
        for status, journeys in {"completed": 5, "dropped": 2, "in_progress": 1, "not_reached": 12}.items()
    ]
    purchase = next(row for row in _overview(project, stages=rows).funnel() if row.stage.name == "purchase")
    assert (purchase.reached, purchase.all_journeys, purchase.counts["dropped"]) == (8, 20, 2)
    assert _overview(project).funnel() == []


def test_contacts_flow_from_their_cause_and_those_without_one_are_left_out(project: Project) -> None:
    causes = [
        {"cause_stage": stage, "accountable_group": group, "handling_team": team, "contacts": n, "avoidable": 1}
        for stage, group, team, n in [
            ("use", "product", "first_line", 6),
            ("use", "operations", "<b>", 2),
            ("purchase", "operations", None, 2),
            (None, None, "first_line", 90),
        ]
    ]
    overview = _overview(project, causes=causes)
    assert [(row["stage"], row["contacts"], row["share"]) for row in overview.causes()] == [
        ("use", 8, 0.8),
        ("purchase", 2, 0.2),
    ]
    picture = overview.flow()
    assert picture is not None and picture.count('class="ribbon"') == 6
    assert "&lt;b&gt;" in picture and "<b>" not in picture
    assert all(f">{name}</text>" in picture for name in ("Use", "Purchase", "Product", "Operations", "unknown"))
    assert _overview(project).flow() is None


def test_the_audit_is_drawn_on_one_scale_and_may_be_missing(project: Project) -> None:
    worst = AUDIT | {"adjusted_difference": 0.08, "ci_low": 0.06, "ci_high": 0.1, "revenue_at_risk": 1000.0}
    nothing = AUDIT | dict.fromkeys(("adjusted_difference", "ci_low", "ci_high", "revenue_at_risk"))
    better = AUDIT | {"revenue_at_risk": -50.0}
    rows = [worst, AUDIT, nothing, better, AUDIT | {"segment": "consumer"}]
    shown = _overview(project, audit=rows).audit(is_all=True)
    assert [row.risk_bar for row in shown] == [100.0, 50.0, 0.0, 0.0]
    assert shown[0].difference is not None and shown[2].difference is None
    assert len(_overview(project, audit=rows).audit(is_all=False)) == 1
    assert _overview(project).audit(is_all=True) == []


def test_what_did_not_hold_is_told_by_table(project: Project) -> None:
    table = {"source_name": "canonical", "table_name": "tickets", "files": 1, "raw_rows": 10, "rejected_rows": 2}
    result = {"source_name": "canonical", "table_name": "tickets", "is_success": True, "unexpected_rows": 0}
    failed = result | {"is_success": False, "unexpected_rows": 2}
    tolerated = result | {"unexpected_rows": 1}
    overview = _overview(project, inputs=[table], validation_results=[result, failed, tolerated])
    assert [(row["checked"], row["failed"]) for row in overview.validation_results()] == [(3, [failed, tolerated])]


def test_positions_stand_under_their_source_and_disputes_come_first(project: Project) -> None:
    said = _overview(project).said()
    disputed = [row.is_disputed for row in said]
    assert disputed[0] and disputed == sorted(disputed, reverse=True)
    first = next(row for row in said if row.metric.name == "net_promoter_score")
    assert [position.domain if position else None for position in first.positions] == [
        "service", "experience", None, None, "experience",
    ]  # fmt: skip


def test_everybody_who_answers_for_something_is_an_owner(project: Project) -> None:
    reasons = [{"contact_reason": "outage", "accountable_group": "operations", "contacts": 4, "avoidable": 4}]
    owners = {owner.name: owner for owner in _overview(project, reasons=reasons).owners()}
    assert {metric.group for metric in project.metrics().values()} <= set(owners)
    assert owners["operations"].contacts == 4
    assert [stage.name for stage in owners["success"].stages] == ["onboarding", "renewal"]
    assert sum(len(owner.tiles) for owner in owners.values()) == len(project.metrics())


def test_every_claim_is_shown_once_by_how_much_of_it_is_measured(project: Project) -> None:
    claims = read_claims(project).claims
    shown = _overview(project).claims()
    assert sorted(claim.claim for own in shown.values() for claim in own) == sorted(claim.claim for claim in claims)
    assert {state: len(own) > 0 for state, own in shown.items()} == dict.fromkeys(CLAIM_STATES, True)
    assert all(claim.metrics and claim.missing is None for claim in shown["measured"])
    assert all(claim.metrics and claim.missing for claim in shown["in_part"])
    assert all(not claim.metrics and claim.missing for claim in shown["not_measured"])


def test_every_article_is_cited_in_claims_or_positions(project: Project) -> None:
    cited = {source for claim in read_claims(project).claims for source in claim.sources}
    cited |= {position.source for metric in project.metrics().values() for position in metric.meta.positions}
    assert cited == set(CITED_SOURCES)

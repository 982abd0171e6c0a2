"""The audit's numbers, worked out again by other means from what the build holds: no strata table, no SQL, no macro."""

from __future__ import annotations

import bisect
import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

import duckdb
import numpy
import pytest
from scipy import stats

from support.seed_files import journey_stages
from support.workplace import Workplace

WINDOW, GRACE = timedelta(days=90), timedelta(days=30)
WEEK, YEAR = timedelta(days=7), timedelta(days=365.25)
Z = 1.959964


class Relationship(NamedTuple):
    """Somebody who can be seen to leave."""

    segment: str
    tenure_from: datetime
    starts: datetime
    ends: datetime
    is_left: bool


class Side(NamedTuple):
    """One side of a stratum."""

    time: Counter
    churned: Counter


@pytest.fixture(scope="module")
def build(demo: Workplace) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(demo.folder / "warehouse" / "build" / "cx.duckdb"), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def audited(build: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], dict]:
    found = build.execute("select * from journey.experience_audit")
    names = [column[0] for column in found.description]
    rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    return {(row["stage"], row["segment"]): row for row in rows}


def relationships(build: duckdb.DuckDBPyConnection) -> tuple[dict[str, list[Relationship]], datetime]:
    (as_of,) = build.execute("select as_of from metrics.build_as_of").fetchone()
    known_until = as_of - GRACE
    (tickets_since,) = build.execute("select min(created_at) from intermediate.int_tickets").fetchone()
    subscribed = dict(
        build.execute("select customer_id, min(started_at) from intermediate.int_subscriptions group by 1").fetchall()
    )
    first = min(subscribed.values())
    found = defaultdict(list)
    for customer, segment, acquired, started, ended in build.execute("""
        select customer_id, segment, acquired_at, started_at, ended_at
        from intermediate.int_customer_cycles join intermediate.int_customers using (customer_id)""").fetchall():
        if customer not in subscribed:
            continue
        is_left = ended is not None and ended <= known_until
        starts, ends = max(started, subscribed[customer], tickets_since), ended if is_left else known_until
        if starts < ends:
            began = min(acquired, started) if started <= first else started
            found[customer].append(Relationship(segment, began, starts, ends, is_left))
    return found, known_until


def episodes(build: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], list[tuple[datetime, datetime, datetime]]]:
    """By customer and stage: from when until when affected, and when the days after the first contact are over."""
    merged = defaultdict(list)
    for customer, stage, at in build.execute("""
        select customer_id, cause_stage, created_at
        from intermediate.int_tickets join seeds.contact_reasons using (contact_reason)
        left join (
            select ticket_id, bool_or(event_type = 'merged') as is_merged
            from intermediate.int_ticket_events group by 1
        ) using (ticket_id)
        where customer_id is not null and is_proactive is not true and is_merged is not true
        order by created_at""").fetchall():
        held = merged[customer, stage]
        if held and at <= held[-1][1]:
            held[-1] = (held[-1][0], at + WINDOW, held[-1][2])
        else:
            held.append((at, at + WINDOW, at + WINDOW))
    return merged


@lru_cache(maxsize=1)
def week_edges(tenure_from: datetime) -> list[datetime]:
    """When each of the 53 weeks of the first years begins; the last one of a year is short."""
    return [tenure_from + year * YEAR + week * WEEK - WEEK / 2 for year in range(12) for week in range(53)]


def by_week(relationship: Relationship, starts: datetime, ends: datetime) -> Iterator[tuple[tuple, float, bool]]:
    """The stratum, the seconds and whether it is the last of every week between two moments of a relationship."""
    edges = week_edges(relationship.tenure_from)
    at = bisect.bisect_right(edges, starts) - 1
    while edges[at] < ends:
        year, week = divmod(at, 53)
        upper = min(edges[at + 1], ends)
        seconds = (upper - max(edges[at], starts)).total_seconds()
        if seconds > 0:
            yield (relationship.segment, min(year, 2), week), seconds, upper == ends
        at += 1


def compared(build: duckdb.DuckDBPyConnection, stage: str) -> dict[str, dict[str, float]]:
    """By segment, and for all: episodes, churned customers, the churned customers to be expected and their variance."""
    people, known_until = relationships(build)
    contacts = episodes(build)
    total, inside, decided = (Side(Counter(), Counter()) for _ in range(3))
    begun = Counter()
    for customer, stays in people.items():
        for stay in stays:
            for stratum, seconds, is_last in by_week(stay, stay.starts, stay.ends):
                total.time[stratum] += seconds
                total.churned[stratum] += is_last and stay.is_left
            for affected_from, affected_until, judged in contacts.get((customer, stage), []):
                starts, ends = max(affected_from, stay.starts), min(affected_until, stay.ends)
                if affected_from >= stay.ends or affected_until <= stay.starts:
                    continue
                for place, (stratum, seconds, is_last) in enumerate(by_week(stay, starts, ends)):
                    has_churned = is_last and stay.is_left and ends == stay.ends
                    for side in (inside, decided) if judged <= known_until else (inside,):
                        side.time[stratum] += seconds
                        side.churned[stratum] += has_churned
                    begun[stratum] += place == 0 and judged <= known_until
    result = defaultdict(Counter)
    for stratum, seconds in decided.time.items():
        rest = total.time[stratum] - inside.time[stratum]
        if rest <= 0:
            continue
        unaffected, share = total.churned[stratum] - inside.churned[stratum], seconds / rest
        for segment in (stratum[0], "all"):
            result[segment] += Counter(affected=begun[stratum], left=decided.churned[stratum])
            result[segment]["expected"] += unaffected * share
            result[segment]["variance"] += unaffected * share**2
            result[segment]["seconds"] += seconds
            result[segment]["rest"] += rest
            result[segment]["rest_left"] += unaffected
    return result


def newcombe(row: dict[str, float]) -> tuple[float, float]:
    """Roots of (churned - mean)² = z² mean for the affected, and a normal interval for what was to be expected."""
    n, left = row["affected"], row["left"]
    low, high = sorted(numpy.roots([1, -(2 * left + Z**2), left**2]).real)
    error, difference = Z * math.sqrt(row["variance"]) / n, (left - row["expected"]) / n
    return difference - math.hypot((left - low) / n, error), difference + math.hypot((high - left) / n, error)


@pytest.fixture(scope="module")
def worked_out(build: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], dict[str, float]]:
    stages = [stage for (stage,) in build.execute("select journey_stage from seeds.journey_stages").fetchall()]
    return {(stage, segment): row for stage in stages for segment, row in compared(build, stage).items()}


def test_differences_and_their_intervals_are_those_worked_out_by_hand(audited, worked_out):
    assert set(worked_out) <= set(audited) and len(worked_out) >= 24
    for key, row in worked_out.items():
        found = audited[key]
        assert found["affected"] == row["affected"], key
        if row["affected"] == 0:
            continue
        n, low_high = row["affected"], newcombe(row)
        assert found["churn_affected"] == pytest.approx(row["left"] / n), key
        assert found["churn_expected"] == pytest.approx(row["expected"] / n), key
        assert found["adjusted_difference"] == pytest.approx((row["left"] - row["expected"]) / n), key
        assert (found["ci_low"], found["ci_high"]) == pytest.approx(low_high), key
        assert found["churn_unaffected"] == pytest.approx(row["rest_left"] / row["rest"] * row["seconds"] / n), key


def root_deviate(row: dict[str, float]) -> float:
    """How far the root of the churned lies from that of the expected, over its error by the rule of propagation."""
    error = math.sqrt(1 / 4 + row["variance"] / (4 * row["expected"]))
    return (math.sqrt(row["left"]) - math.sqrt(row["expected"])) / error


def test_p_values_are_those_of_the_normal_distribution_and_corrected_over_all_rows(audited, worked_out):
    tested = {
        key: 2 * stats.norm.sf(abs(root_deviate(row)))
        for key, row in worked_out.items()
        if row["affected"] >= 30 and row["rest"] * row["affected"] / row["seconds"] >= 29.5 and row["expected"] >= 5
    }
    assert tested and {key for key, row in audited.items() if row["p_value"] is not None} == set(tested)
    corrected = stats.false_discovery_control(list(tested.values()))
    for (key, p_value), q_value in zip(tested.items(), corrected, strict=True):
        assert audited[key]["p_value"] == pytest.approx(p_value, rel=1e-6), key
        assert audited[key]["q_value"] == pytest.approx(q_value, rel=1e-6), key
        is_failure = audited[key]["adjusted_difference"] > 0
        assert audited[key]["is_significant"] == (is_failure and q_value <= 0.05), key


def test_revenue_at_risk_is_what_the_churned_beyond_the_expected_brought(audited, worked_out):
    for stage in {stage for stage, _ in worked_out}:
        parts = [row for (of, segment), row in audited.items() if of == stage and segment != "all" and row["affected"]]
        mean = sum(row["affected"] * row["yearly_revenue"] for row in parts) / sum(row["affected"] for row in parts)
        row = audited[stage, "all"]
        assert row["yearly_revenue"] == pytest.approx(mean)
        assert row["revenue_at_risk"] == pytest.approx(row["adjusted_difference"] * row["affected"] * mean)
        assert row["revenue_at_risk_low"] <= row["revenue_at_risk"] <= row["revenue_at_risk_high"]


def test_every_stage_is_audited_and_the_segments_add_up(audited):
    stages = {stage for stage, _ in audited}
    segments = {segment for _, segment in audited} - {"all"}
    assert stages == set(journey_stages()) and segments == {"consumer", "business", "enterprise"}
    for stage in stages:
        for name in ("journeys", "completed", "dropped", "in_progress", "contacts", "affected", "service_answers"):
            assert audited[stage, "all"][name] == sum(audited[stage, segment][name] for segment in segments), name
        assert sorted(audited[stage, "all"]["audit_rank"] for stage in stages) == list(range(1, len(stages) + 1))

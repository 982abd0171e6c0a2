"""What is bought, answered and subscribed to, once: refunds, second answers, trials, changes of plan and pauses."""

from __future__ import annotations

import duckdb
import pytest

from support.workplace import Workplace

ORDERS = """order_id,customer_id,ordered_at,amount,margin,refund_of
O-1,B-1,2023-01-10 10:00:00,100,30,
O-2,B-1,2023-01-13 10:00:00,-100,-30,
O-3,B-2,2023-01-10 10:00:00,80,20,
O-4,B-2,2023-03-10 10:00:00,80,20,
O-5,B-3,2023-01-10 10:00:00,60,15,
O-6,B-4,2023-01-10 10:00:00,60,15,
O-7,B-4,2023-01-20 10:00:00,60,15,O-6
"""
INVITATIONS = """invitation_id,customer_id,survey_type,touchpoint,sent_at
I-1,A-1,nps,relationship,2024-03-01 09:00:00
I-2,A-2,nps,relationship,2024-03-01 09:00:00
I-3,A-3,nps,relationship,2024-03-01 09:00:00
I-4,A-4,nps,relationship,2024-03-01 09:00:00
"""
RESPONSES = """response_id,invitation_id,customer_id,survey_type,touchpoint,score,scale_min,scale_max,responded_at
R-1,I-1,A-1,nps,relationship,0,0,10,2024-03-01 10:00:00
R-2,I-1,A-1,nps,relationship,0,0,10,2024-03-01 10:00:02
R-3,I-1,A-1,nps,relationship,0,0,10,2024-03-01 10:00:03
R-4,I-2,A-2,nps,relationship,10,0,10,2024-03-01 11:00:00
R-5,I-3,A-3,nps,relationship,9,0,10,2024-03-01 12:00:00
"""
CUSTOMERS = """customer_id,segment
C-1,upgrade_named
C-2,upgrade_unnamed
C-3,addon
C-4,paused
C-5,trial
C-6,free_plan
C-7,yearly
C-8,paused_for_good
"""
TERMS = """subscription_id,customer_id,started_at,ended_at,renewed_from,monthly_amount,term_kind,change_of
S-1,C-1,2024-01-01,2024-03-15,,50,,
S-2,C-1,2024-03-15,,S-1,80,paid,S-1
S-3,C-2,2024-01-01,2024-03-15,,50,,
S-4,C-2,2024-03-15,,,80,,S-3
S-5,C-3,2024-01-01,,,50,,
S-6,C-3,2024-03-15,,,30,,
S-7,C-4,2024-01-01,2024-03-10,,50,,
P-4,C-4,2024-03-10,2024-05-10,,50,Pause,
S-8,C-4,2024-05-10,,,50,,
S-9,C-5,2024-02-20,2024-03-05,,50,trial,
S-10,C-6,2024-01-01,,,0,,
S-11,C-7,2023-06-01,2024-06-01,,100,,
S-12,C-8,2024-01-01,2024-04-10,,0,,
P-8,C-8,2024-04-10,,,0,pause,
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    here = Workplace(tmp_path_factory.mktemp("once"))
    raw = here.folder / "raw"
    raw.mkdir()
    for name, rows in {
        "orders": ORDERS,
        "survey_invitations": INVITATIONS,
        "survey_responses": RESPONSES,
        "customers": CUSTOMERS,
        "subscriptions": TERMS,
    }.items():
        (raw / f"{name}.csv").write_text(rows)
    here.cx_succeeds("build", "--raw", raw, "--as-of", "2024-08-31")
    return here


def figure(
    built: Workplace, metric: str, grain: str = "all", on: str | None = None, part: str = "all"
) -> tuple[float, int]:
    """The published value and n of a metric, over all time or in the period that begins on a day, and of a part."""
    with duckdb.connect(str(built.published), read_only=True) as connection:
        (found,) = connection.execute(
            "select value, n from metrics.metric_values where metric = $1 and grain = $2 and dimension_value = $4"
            " and ($3 is null or period_start = cast($3 as date))",
            [metric, grain, on, part],
        ).fetchall()
    return found


def test_a_refund_is_no_further_order(built: Workplace):
    assert figure(built, "repeat_purchase_rate") == (pytest.approx(1 / 4), 4)


def test_an_invitation_answered_three_times_is_one_answer(built: Workplace):
    assert figure(built, "net_promoter_score") == (pytest.approx(100 / 3), 3)
    assert figure(built, "experience_survey_response_rate") == (pytest.approx(3 / 4), 4)


def test_a_trial_a_change_of_plan_and_a_pause_are_no_churn_and_no_renewal(built: Workplace):
    retention, _ = figure(built, "monthly_net_revenue_retention", "month", "2024-03-01")
    assert retention == pytest.approx(340 / 300)
    # All but the one on trial were there on 1 March.
    assert figure(built, "monthly_customer_churn_rate", "month", "2024-03-01") == (0, 7)
    # The yearly term alone was up for renewal.
    assert figure(built, "renewal_rate", part="year") == (0, 1)


def test_who_does_not_come_back_from_a_pause_has_churned_when_its_days_were_over(built: Workplace):
    assert figure(built, "monthly_customer_churn_rate", "month", "2024-07-01") == (pytest.approx(1 / 6), 6)

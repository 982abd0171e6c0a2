"""That the synthetic data look like a company's, and tell the story the metrics are there to find."""

import duckdb
import pytest

UPSTREAM = ["delivery_late", "billing_error", "misleading_offer", "payment_failed"]


def one(data: duckdb.DuckDBPyConnection, query: str, **parameters: object) -> tuple:
    return data.execute(query, parameters).fetchone()


def test_weekends_are_quieter_than_weekdays_and_nights_than_mornings(data: duckdb.DuckDBPyConnection):
    weekend, weekday, night, morning = one(
        data,
        """
        select
            count(*) filter (isodow(created_at) > 5) / 2,
            count(*) filter (isodow(created_at) <= 5) / 5,
            count(*) filter (hour(created_at) < 6) / 6,
            count(*) filter (hour(created_at) between 8 and 11) / 4
        from tickets""",
    )
    assert weekend < 0.6 * weekday
    assert night < 0.3 * morning


def test_reply_and_handling_times_are_skewed(data: duckdb.DuckDBPyConnection):
    reply_mean, reply_median = one(
        data,
        """
        select avg(minutes), median(minutes) from (
            select date_diff('minute', created_at, min(occurred_at)) as minutes
            from tickets join ticket_events using (ticket_id)
            where event_type = 'public_reply' and channel in ('email', 'web') and not is_proactive
            group by ticket_id, created_at
        )""",
    )
    talk_mean, talk_median = one(data, "select avg(talk_seconds), median(talk_seconds) from interactions")
    assert reply_mean > 1.15 * reply_median
    assert talk_mean > 1.1 * talk_median


@pytest.mark.parametrize("survey_type", ["nps", "csat", "ces"])
def test_between_a_tenth_and_four_tenths_of_those_asked_answer(survey_type: str, data: duckdb.DuckDBPyConnection):
    (rate,) = one(
        data,
        """
        select (select count(*) from survey_responses where survey_type = $survey_type)
            / (select count(*) from survey_invitations where survey_type = $survey_type)""",
        survey_type=survey_type,
    )
    assert 0.10 < rate < 0.40


@pytest.mark.parametrize(
    ("what", "low", "high", "query"),
    [
        (
            "open at the end",
            1,
            60,
            "select count(*) from tickets where status in ('new', 'open', 'pending', 'on_hold')",
        ),
        (
            "solved without a reply of an agent",
            5,
            200,
            """select count(*) from tickets where status in ('solved', 'closed') and ticket_id not in (
                select ticket_id from ticket_events where event_type in ('public_reply', 'merged'))""",
        ),
        (
            "solved more than once",
            20,
            400,
            """select count(*) from (select 1 from ticket_events
                where to_value = 'solved' group by ticket_id having count(*) > 1)""",
        ),
        (
            "solved more than twice",
            1,
            60,
            """select count(*) from (select 1 from ticket_events
                where to_value = 'solved' group by ticket_id having count(*) > 2)""",
        ),
        ("opened by an agent", 10, 200, "select count(*) from tickets where is_proactive"),
        ("calls and chats given up", 10, 200, "select count(*) from interactions where is_abandoned"),
        (
            "customers who came back",
            3,
            60,
            "select count(distinct customer_id) from subscriptions where subscription_id like '%-2-001'",
        ),
        (
            "terms that overlap another of the customer",
            3,
            5000,
            """select count(*) from subscriptions as one join subscriptions as other
                on one.customer_id = other.customer_id and one.subscription_id < other.subscription_id
                and one.started_at < coalesce(other.ended_at, 'infinity')
                and other.started_at < coalesce(one.ended_at, 'infinity')""",
        ),
        (
            "renewals that start some days late",
            5,
            400,
            """select count(*) from subscriptions as terms join subscriptions as earlier
                on terms.renewed_from = earlier.subscription_id where terms.started_at > earlier.ended_at""",
        ),
        (
            "customers without a subscription",
            3,
            60,
            "select count(*) from customers where customer_id not in (select customer_id from subscriptions)",
        ),
        (
            "customers with an estimate of the category",
            60,
            200,
            "select count(distinct customer_id) from category_spend",
        ),
        ("referrals that converted", 3, 200, "select count(converted_at) from referrals"),
        ("help sessions followed by a ticket", 50, 1500, "select count(ticket_id) from help_sessions"),
        (
            "effort scores on a five-step scale",
            5,
            200,
            "select count(*) from survey_responses where survey_type = 'ces' and scale_max = 5",
        ),
        (
            "relationship questions right after a contact",
            20,
            200,
            "select count(*) from survey_responses where survey_type = 'nps' and ticket_id is not null",
        ),
        (
            "variants",
            4,
            4,
            "select count(distinct (experiment, variant)) from touchpoint_events where variant is not null",
        ),
    ],
)
def test_the_awkward_cases_are_there(what: str, low: int, high: int, query: str, data: duckdb.DuckDBPyConnection):
    assert low <= one(data, query)[0] <= high


def test_service_scores_well_where_the_cause_lies_upstream(data: duckdb.DuckDBPyConnection):
    (satisfied,) = one(
        data,
        """
        select avg((score >= 4)::integer) from survey_responses join tickets using (ticket_id)
        where survey_type = 'csat' and list_contains($upstream, contact_reason)""",
        upstream=UPSTREAM,
    )
    assert satisfied > 0.7


def test_those_whose_contacts_were_caused_upstream_leave_more_often(data: duckdb.DuckDBPyConnection):
    """Of the terms that ended; contacts in the 90 days before."""
    affected, others, silent_leavers = one(
        data,
        """
        with renewed as (select renewed_from from subscriptions where renewed_from is not null),

        ends as (
            select
                subscription_id not in (from renewed) as is_left,
                count(ticket_id) > 0 as is_heard,
                coalesce(bool_or(list_contains($upstream, contact_reason)), false) as is_affected
            from subscriptions left join tickets
                on subscriptions.customer_id = tickets.customer_id
                and created_at between ended_at - interval 90 days and ended_at
            where ended_at is not null and subscription_id not like '%-A'
            group by subscription_id
        )
        select
            avg(is_left::integer) filter (is_affected),
            avg(is_left::integer) filter (not is_affected),
            count(*) filter (is_left and not is_heard)
        from ends""",
        upstream=UPSTREAM,
    )
    assert affected > 1.5 * others
    assert silent_leavers > 5


def test_some_who_gave_five_stars_left_soon_after(data: duckdb.DuckDBPyConnection):
    (leavers,) = one(
        data,
        """
        select count(distinct customer_id) from survey_responses join (
            select customer_id, max(coalesce(ended_at, 'infinity')) as left_at from subscriptions group by customer_id
        ) using (customer_id)
        where survey_type = 'csat' and ticket_id is not null and score = 5
            and left_at between responded_at and responded_at + interval 180 days""",
    )
    assert leavers >= 2

"""What an importer would check: ids, references, order in time, allowed values. Each query returns offending rows."""

import duckdb
import pytest

from cxmetrics.demo.entities import COLUMNS, KEYS
from cxmetrics.demo.generate import AS_OF, Demo
from support.seed_files import seed_column

REFERENCES = [
    (entity, column, target, target_column)
    for column, target, target_column in (
        ("customer_id", "customers", "customer_id"),
        ("referrer_customer_id", "customers", "customer_id"),
        ("ticket_id", "tickets", "ticket_id"),
        ("invitation_id", "survey_invitations", "invitation_id"),
        ("renewed_from", "subscriptions", "subscription_id"),
    )
    for entity, columns in COLUMNS.items()
    if (column in columns and entity != target) or (entity, column) == ("subscriptions", "renewed_from")
]
NULLABLE = {
    "tickets": {"agent_id", "schedule", "sla_met"},
    "ticket_events": {"actor_id", "from_value", "to_value"},
    "interactions": {"ticket_id", "agent_id", "wait_seconds", "talk_seconds", "hold_seconds", "wrap_seconds"},
    "survey_invitations": {"ticket_id"},
    "survey_responses": {"ticket_id"},
    "subscriptions": {"ended_at", "renewed_from", "payment_failed_at", "change_of"},
    "orders": {"delivered_at", "payment_failed_at", "refund_of"},
    "touchpoint_events": {"experiment", "variant"},
    "referrals": {"converted_at"},
    "help_sessions": {"ticket_id"},
}
OFFENDING = {
    "an event before its ticket": """
        select 1 from ticket_events join tickets using (ticket_id) where occurred_at < created_at""",
    "a first event that is not the creation at the ticket's own instant": """
        select 1 from tickets left join (
            select ticket_id, min_by(event_type, event_id) as event_type, min(occurred_at) as occurred_at
            from ticket_events group by ticket_id
        ) using (ticket_id)
        where event_type is distinct from 'created' or occurred_at is distinct from created_at""",
    "two creations": "select 1 from ticket_events where event_type = 'created' group by ticket_id having count(*) > 1",
    "events whose ids and times disagree on the order": """
        select 1 from (
            select *, lag(occurred_at) over (partition by ticket_id order by event_id) as earlier_at from ticket_events
        ) where occurred_at < earlier_at""",
    "events at one instant, other than the opening comment of an agent": """
        select 1 from (
            select *, row_number() over (partition by ticket_id order by event_id) as position from ticket_events
        ) where not (position <= 2 and actor_type = 'agent')
        group by ticket_id, occurred_at having count(*) > 1""",
    "a status that is not the last status event": """
        select 1 from tickets left join (
            select ticket_id, max_by(to_value, event_id) as status
            from ticket_events where event_type = 'status_changed' group by ticket_id
        ) as last using (ticket_id)
        where tickets.status is distinct from coalesce(last.status, 'new')""",
    "a status event that does not follow the one before": """
        select 1 from (
            select *, lag(to_value, 1, 'new') over (partition by ticket_id order by event_id) as earlier
            from ticket_events where event_type = 'status_changed'
        ) where from_value is distinct from earlier or from_value = to_value""",
    "an assignment that does not follow the one before": """
        select 1 from (
            select *, lag(to_value) over (partition by ticket_id order by event_id) as earlier
            from ticket_events where event_type = 'assigned'
        ) where from_value is distinct from earlier or to_value is null or from_value = to_value""",
    "an agent that is not the last assigned": """
        select 1 from tickets left join (
            select ticket_id, max_by(to_value, event_id) as agent_id
            from ticket_events where event_type = 'assigned' group by ticket_id
        ) as last using (ticket_id)
        where tickets.agent_id is distinct from last.agent_id""",
    "a team that is not the last transferred to": """
        select 1 from tickets join (
            select ticket_id, max_by(to_value, event_id) as team
            from ticket_events where event_type = 'transferred' group by ticket_id
        ) as last using (ticket_id)
        where tickets.team is distinct from last.team""",
    "a ticket merged into itself, nothing, a later one or another customer's": """
        select 1 from ticket_events as events
        join tickets using (ticket_id)
        left join tickets as target on events.to_value = target.ticket_id
        where event_type = 'merged' and not coalesce(
            target.created_at <= tickets.created_at and target.ticket_id != tickets.ticket_id
            and target.customer_id = tickets.customer_id, false
        )""",
    "a proactive ticket without its opening comment": """
        select 1 from tickets where is_proactive and not exists (
            select 1 from ticket_events as events
            where events.ticket_id = tickets.ticket_id and event_type = 'public_reply' and actor_type = 'agent'
            and occurred_at = created_at
        )""",
    "a reply of an agent who was not assigned": """
        select 1 from (
            select *, last_value(if(event_type = 'assigned', to_value, null) ignore nulls) over (
                partition by ticket_id order by event_id rows between unbounded preceding and current row
            ) as assignee
            from ticket_events
        ) where event_type = 'public_reply' and actor_id is distinct from assignee and assignee is not null""",
    "an abandoned interaction with talk, or a handled one without": """
        select 1 from interactions
        where is_abandoned != (talk_seconds is null)
            or (not is_abandoned and (ticket_id is null or agent_id is null))""",
    "an interaction before its ticket": """
        select 1 from interactions join tickets using (ticket_id) where started_at < created_at""",
    "negative or absent durations": """
        select 1 from interactions
        where least(wait_seconds, talk_seconds, hold_seconds, wrap_seconds) < 0
            or (channel in ('phone', 'chat') and wait_seconds is null)""",
    "a score outside its scale": """
        select 1 from survey_responses where score not between scale_min and scale_max or score != round(score)""",
    "an answer before its invitation, or to another question": """
        select 1 from survey_responses as answers join survey_invitations as asked using (invitation_id)
        where responded_at <= sent_at or (answers.customer_id, answers.survey_type, answers.touchpoint)
            != (asked.customer_id, asked.survey_type, asked.touchpoint)
            or answers.ticket_id is distinct from asked.ticket_id""",
    "two answers to one invitation": "select 1 from survey_responses group by invitation_id having count(*) > 1",
    "a survey of another customer's ticket": """
        select 1 from survey_invitations as asked join tickets using (ticket_id)
        where asked.customer_id != tickets.customer_id or sent_at < created_at""",
    "a term that ends before it starts": "select 1 from subscriptions where ended_at <= started_at",
    "a term that renews another customer's or starts before the earlier one ends": """
        select 1 from subscriptions as terms join subscriptions as earlier
            on terms.renewed_from = earlier.subscription_id
        where terms.customer_id != earlier.customer_id or terms.started_at < earlier.ended_at""",
    "a stay that starts before the one before it ends": """
        select 1 from subscriptions as stays join subscriptions as earlier using (customer_id)
        where stays.subscription_id like '%-2-001' and earlier.subscription_id like '%-1-%'
            and stays.started_at <= coalesce(earlier.ended_at, 'infinity')""",
    "a term renewed twice": """
        select 1 from subscriptions where renewed_from is not null group by renewed_from having count(*) > 1""",
    "a conversion before its referral": "select 1 from referrals where converted_at <= referred_at",
    "a help session after its ticket": """
        select 1 from help_sessions join tickets using (ticket_id) where started_at > created_at""",
    "spend in the category below the own part": """
        select 1 from category_spend join (
            select customer_id, date_trunc('month', ordered_at)::date as month, sum(amount) as own
            from orders group by all
        ) using (customer_id, month) where category_spend < own""",
    "an order without an amount": "select 1 from orders where amount <= 0",
    "a promise or a delivery before its order, or a promise that ends within a day": """
        select 1 from orders
        where least(promised_at, delivered_at) < ordered_at or promised_at::time != '23:59:59'""",
    "a payment that fails before its order or term": """
        select 1 from orders where payment_failed_at < ordered_at
        union all select 1 from subscriptions where payment_failed_at < started_at""",
    "a vendor score outside 0 to 10 or before its ticket": """
        select 1 from vendor_scores join tickets using (ticket_id)
        where score not between 0 and 10 or scored_at < created_at""",
    "a variant without an experiment": """
        select 1 from touchpoint_events where (experiment is null) != (variant is null)""",
    "anything of a customer in a ticket but its id": """
        select 1 from ticket_events where actor_type = 'customer' and not regexp_full_match(actor_id, 'C[0-9]{6}')""",
}

# One way to spoil the data for each claim: a claim that cannot fail says nothing.
SPOILING = {
    "an event before its ticket": "update tickets set created_at = created_at + interval 1 year",
    "a first event that is not the creation at the ticket's own instant": """
        delete from ticket_events where event_type = 'created'""",
    "two creations": "update ticket_events set event_type = 'created'",
    "events whose ids and times disagree on the order": """
        update ticket_events set occurred_at = occurred_at - interval 2 years where event_id like '%-004'""",
    "events at one instant, other than the opening comment of an agent": """
        update ticket_events set occurred_at = date_trunc('day', occurred_at)""",
    "a status that is not the last status event": """
        update tickets set status = 'open' where ticket_id = (
            select min(ticket_id) from tickets where status = 'closed')""",
    "a status event that does not follow the one before": """
        update ticket_events set from_value = 'on_hold' where event_type = 'status_changed' and to_value = 'solved'""",
    "an assignment that does not follow the one before": """
        update ticket_events set from_value = 'A9999' where event_type = 'assigned'""",
    "an agent that is not the last assigned": "update tickets set agent_id = 'A9999'",
    "a team that is not the last transferred to": "update tickets set team = 'fourth_line'",
    "a ticket merged into itself, nothing, a later one or another customer's": """
        update ticket_events set to_value = ticket_id where event_type = 'merged'""",
    "a proactive ticket without its opening comment": "update tickets set is_proactive = true",
    "a reply of an agent who was not assigned": """
        update ticket_events set actor_id = 'A9999' where event_type = 'public_reply'""",
    "an abandoned interaction with talk, or a handled one without": """
        update interactions set talk_seconds = null where channel = 'phone'""",
    "an interaction before its ticket": "update tickets set created_at = created_at + interval 2 hours",
    "negative or absent durations": "update interactions set wait_seconds = -wait_seconds",
    "a score outside its scale": "update survey_responses set scale_min = 1, score = 0 where survey_type = 'nps'",
    "an answer before its invitation, or to another question": "update survey_responses set touchpoint = 'trial'",
    "two answers to one invitation": "insert into survey_responses from survey_responses",
    "a survey of another customer's ticket": "update survey_invitations set customer_id = 'C000001'",
    "a term that ends before it starts": "update subscriptions set ended_at = started_at",
    "a term that renews another customer's or starts before the earlier one ends": """
        update subscriptions set started_at = started_at - interval 1 day""",
    "a stay that starts before the one before it ends": """
        update subscriptions set ended_at = null where subscription_id like '%-1-%'""",
    "a term renewed twice": "insert into subscriptions from subscriptions",
    "a conversion before its referral": "update referrals set converted_at = referred_at",
    "a help session after its ticket": "update help_sessions set started_at = started_at + interval 2 hours",
    "spend in the category below the own part": "update category_spend set category_spend = 1",
    "an order without an amount": "update orders set amount = -amount",
    "a promise or a delivery before its order, or a promise that ends within a day": """
        update orders set promised_at = ordered_at""",
    "a payment that fails before its order or term": """
        update subscriptions set payment_failed_at = started_at - interval 1 second""",
    "a vendor score outside 0 to 10 or before its ticket": "update vendor_scores set score = score * 10",
    "a variant without an experiment": "update touchpoint_events set experiment = null",
    "anything of a customer in a ticket but its id": """
        update ticket_events set actor_id = 'somebody@example.org' where actor_type = 'customer'""",
}


@pytest.mark.parametrize("entity", COLUMNS)
def test_ids_are_unique_and_needed_values_are_there(entity: str, data: duckdb.DuckDBPyConnection):
    rows = data.table(entity)
    assert len(rows.select(*KEYS[entity]).distinct()) == len(rows) > 0
    for column in set(COLUMNS[entity]) - NULLABLE.get(entity, set()):
        assert len(rows.filter(f"{column} is null")) == 0, column


@pytest.mark.parametrize(("entity", "column", "target", "target_column"), REFERENCES)
def test_references_are_valid(
    entity: str, column: str, target: str, target_column: str, data: duckdb.DuckDBPyConnection
):
    named = data.table(entity).filter(f"{column} is not null").select(column).distinct()
    assert named.except_(data.table(target).select(target_column)).fetchall() == []


@pytest.mark.parametrize("claim", OFFENDING)
def test_there_is_never(claim: str, data: duckdb.DuckDBPyConnection):
    assert data.sql(OFFENDING[claim]).fetchall() == []
    data.execute(SPOILING[claim])
    assert data.sql(OFFENDING[claim]).fetchall() != [], "the check did not notice spoiled data"


@pytest.mark.parametrize("claim", OFFENDING)
def test_in_planted_data_too_there_is_never(claim: str, onboarding: duckdb.DuckDBPyConnection):
    assert onboarding.execute(OFFENDING[claim]).fetchall() == []


def test_every_time_lies_in_the_window_and_the_last_is_the_as_of_instant(small: Demo, data: duckdb.DuckDBPyConnection):
    latest = []
    for entity, columns in COLUMNS.items():
        for column in [name for name, data_type in columns.items() if data_type == "timestamp"]:
            low, high = data.table(entity).aggregate(f"min({column}), max({column})").fetchone()
            # Customers may have come before the window opens.
            assert low >= small.window_start or column == "acquired_at", (entity, column)
            # What is promised may lie ahead.
            if column != "promised_at":
                latest.append(high)
    assert max(latest) == AS_OF


def used(data: duckdb.DuckDBPyConnection, entity: str, column: str) -> set[str]:
    return {value for (value,) in data.table(entity).select(column).distinct().fetchall()}


@pytest.mark.parametrize(
    ("entity", "column", "allowed"),
    [
        ("tickets", "channel", {"email", "chat", "phone", "web", "social"}),
        ("tickets", "priority", {"low", "normal", "high", "urgent"}),
        ("tickets", "team", {"first_line", "second_line", "billing"}),
        ("tickets", "sla_met", {True, False, None}),
        ("customers", "segment", {"consumer", "business", "enterprise"}),
        ("customers", "region", {"north", "south", "east", "west"}),
        ("survey_responses", "survey_type", {"nps", "csat", "ces"}),
        ("survey_responses", "is_reversed", {True, False}),
        ("vendor_scores", "score_name", {"tethr_effort_index", "tethr_agent_impact_score"}),
        (
            "ticket_events",
            "event_type",
            {
                "created",
                "public_reply",
                "customer_reply",
                "internal_note",
                "assigned",
                "transferred",
                "escalated",
                "status_changed",
                "merged",
            },
        ),
        ("ticket_events", "actor_type", {"agent", "customer", "system"}),
    ],
)
def test_every_allowed_value_is_used_and_no_other(
    entity: str, column: str, allowed: set, data: duckdb.DuckDBPyConnection
):
    assert used(data, entity, column) == allowed


def test_every_contact_reason_and_touchpoint_of_the_seeds_is_used_and_no_other(data: duckdb.DuckDBPyConnection):
    assert used(data, "tickets", "contact_reason") == set(seed_column("contact_reasons", "contact_reason"))
    touchpoints = used(data, "touchpoint_events", "touchpoint") | used(data, "survey_responses", "touchpoint")
    assert touchpoints == set(seed_column("touchpoints", "touchpoint"))

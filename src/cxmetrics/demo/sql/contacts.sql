-- When customers ask for help, and why.
create table plan.months as
select
    number as month_number,
    getvariable('window_start') + to_months(number::integer) as month_at
from range(getvariable('months')::bigint) as numbers (number);

-- Contacts before it is known who is still a customer then; the others are dropped when tickets are made.
create table plan.contacts as
with slots as (
    select
        customers.*,
        months.*,
        concat(customer_id, '-', months.month_number, '-', slot) as contact_key,
        contacts_a_month / contact_slots * exposure as chance
    from plan.customers as customers
    cross join unnest(range(customers.contact_slots::bigint)) as slots (slot)
    cross join plan.months as months
    -- A first, cheap sieve; the rhythm below never lifts the chance above 1.6 times the base.
    where draw('has contact', contact_key) < 1.6 * chance
),

timed as (
    select *, instant_in_month(month_at, 'contact', contact_key) as contacted_at
    from slots
),

rhythmic as (
    select
        *,
        case
            when contacted_at < first_started_at then 'before'
            when not is_carried_over and contacted_at < first_started_at + interval 45 days then 'onboarding'
            when date_diff('day', if(is_carried_over, acquired_at, first_started_at), contacted_at) % 365 >= 325
                then 'renewal'
            else 'steady'
        end as phase
    from timed
    where
        contacted_at >= acquired_at
        and draw('has contact', contact_key) < chance
        * [1.15, 1.10, 1.02, 1.00, 0.92, 0.36, 0.30][isodow(contacted_at)]
        * [1.12, 1.03, 1.00, 0.97, 0.96, 0.94, 0.90, 0.88, 1.00, 1.04, 1.10, 1.14][month(contacted_at)]
        * (1.0 + 0.12 * month_number / getvariable('months'))
),

first_contacts as (
    select rhythmic.contact_key, rhythmic.customer_id, rhythmic.contacted_at, reason_picks.contact_reason
    from rhythmic
    inner join plan.reason_picks as reason_picks
        on
            rhythmic.phase = reason_picks.phase
            and floor(draw('reason', rhythmic.contact_key) * reason_picks.total) >= reason_picks.low
            and floor(draw('reason', rhythmic.contact_key) * reason_picks.total) < reason_picks.high
),

follow_ups as (
    select
        contact_key || '-again' as contact_key,
        customer_id,
        after_seconds(contacted_at, 86400 * (1 + draw('again after', contact_key) * 9)) as contacted_at,
        if(draw('again why', contact_key) < 0.6, 'unresolved_ticket', 'wrong_answer') as contact_reason
    from first_contacts
    where draw('again', contact_key) < 0.07
),

-- Friction meets everybody alike, whenever it likes.
friction as (
    select
        concat(customers.customer_id, '-', months.month_number, '-friction') as contact_key,
        customers.customer_id,
        instant_in_month(months.month_at, 'friction', contact_key) as contacted_at,
        friction.contact_reason
    from plan.customers as customers
    inner join plan.segment_odds as odds on customers.segment = odds.segment
    cross join (from plan.contact_reasons where is_planted and is_friction) as friction
    cross join plan.months as months
    where draw('friction', contact_key) < odds.friction_chance and contacted_at >= customers.acquired_at
)

select contacts.*, reasons.* exclude (contact_reason, before, onboarding, steady, renewal, is_friction)
from (from first_contacts union all from follow_ups union all from friction) as contacts
inner join plan.contact_reasons as reasons on contacts.contact_reason = reasons.contact_reason
where contacts.contacted_at <= getvariable('as_of');

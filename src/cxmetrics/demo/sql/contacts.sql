-- Why and when customers ask for help. The weights say how often a reason comes up in a phase of the relationship.
-- departure_factor is the story: it multiplies the chance to leave at the next renewal. It is high for what failed
-- upstream of service, however well the contact itself is handled, and near one for what service can put right. What is
-- planted takes the place of that story: then the factor is one for all, and only the planted stage annoys.
create table plan.contact_reasons as
select
    * replace (if(getvariable('plant') = '', departure_factor, 1.0) as departure_factor),
    case
        when getvariable('plant') = '' then departure_factor
        when cause_stage = getvariable('plant') then 3.0
        else 1.0
    end as annoyance,
    cause_stage = getvariable('plant') as is_planted
from (values
    -- reason, cause, first team, departure_factor, difficulty, weights: before, onboarding, steady, renewal
    ('misleading_offer', 'awareness', 'first_line', 2.6, 1.1, 14, 5, 1, 1),
    ('price_question', 'consideration', 'first_line', 0.9, 0.6, 40, 4, 4, 8),
    ('payment_failed', 'purchase', 'billing', 2.0, 0.9, 10, 7, 4, 5),
    ('delivery_late', 'purchase', 'first_line', 3.4, 1.0, 4, 10, 11, 5),
    ('setup_help', 'onboarding', 'first_line', 0.9, 1.2, 10, 32, 3, 1),
    ('missing_invitation', 'onboarding', 'first_line', 1.0, 0.6, 2, 12, 1, 0),
    ('login_problem', 'use', 'first_line', 1.0, 0.6, 6, 10, 15, 7),
    ('product_defect', 'use', 'second_line', 1.2, 1.8, 0, 6, 15, 6),
    ('how_to_question', 'use', 'first_line', 0.8, 0.8, 12, 12, 22, 9),
    ('outage', 'use', 'second_line', 1.1, 1.4, 0, 2, 8, 3),
    ('unresolved_ticket', 'service', 'first_line', 1.5, 1.3, 0, 0, 0, 0),
    ('wrong_answer', 'service', 'first_line', 1.5, 1.2, 0, 0, 0, 0),
    ('billing_error', 'renewal', 'billing', 3.6, 1.1, 0, 3, 7, 24),
    ('cancellation_request', 'renewal', 'billing', 2.2, 0.8, 0, 1, 2, 12),
    ('referral_reward_missing', 'advocacy', 'first_line', 1.0, 0.9, 0, 0, 3, 2)
) as reasons (
    contact_reason, cause_stage, first_team, departure_factor, difficulty, before, onboarding, steady, renewal
);

create table plan.reason_picks as
with weights as (
    unpivot (select contact_reason, before, onboarding, steady, renewal from plan.contact_reasons)
    on before, onboarding, steady, renewal into name phase value weight
)

select
    phase,
    contact_reason,
    coalesce(sum(weight) over earlier, 0)::bigint as low,
    (coalesce(sum(weight) over earlier, 0) + weight)::bigint as high,
    (sum(weight) over (partition by phase))::bigint as total
from weights
window earlier as (
    partition by phase order by contact_reason rows between unbounded preceding and 1 preceding
);

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
    cross join plan.friction as friction
    cross join plan.months as months
    where draw('friction', contact_key) < odds.friction_chance and contacted_at >= customers.acquired_at
)

select contacts.*, reasons.* exclude (contact_reason, before, onboarding, steady, renewal)
from (from first_contacts union all from follow_ups union all from friction) as contacts
inner join plan.contact_reasons as reasons on contacts.contact_reason = reasons.contact_reason
where contacts.contacted_at <= getvariable('as_of');

-- How long customers stay: at the end of each term they leave or renew. Leaving is likelier early, differs by segment
-- and rises with the worst thing that went wrong in the quarter before. Some come back.
create macro first_departure(starts) as table
with ends_of_terms as (
    select
        starts.*,
        starts.anchored_at + to_months((number * starts.term_months)::integer) as boundary_at,
        concat(customer_id, '-', cycle, '-', number) as term_key
    from query_table(starts) as starts
    cross join range(1, getvariable('months')::bigint + 38) as numbers (number)
    where boundary_at > starts.started_at and boundary_at <= getvariable('as_of')
),

affected as (
    select ends_of_terms.term_key, max(contacts.departure_factor) as departure_factor
    from ends_of_terms
    inner join plan.contacts as contacts
        on
            ends_of_terms.customer_id = contacts.customer_id
            and contacts.contacted_at between ends_of_terms.boundary_at - interval 90 days and ends_of_terms.boundary_at
    group by ends_of_terms.term_key
),

departures as (
    select ends_of_terms.*
    from ends_of_terms
    inner join plan.segment_odds as odds on ends_of_terms.segment = odds.segment
    left join affected on ends_of_terms.term_key = affected.term_key
    where draw('leaves', ends_of_terms.term_key) < least(
        0.8,
        case
            when term_months = 12
                then case ends_of_terms.segment when 'consumer' then 0.14 when 'business' then 0.09 else 0.05 end
            else case ends_of_terms.segment when 'consumer' then 0.015 else 0.010 end
        end
        * coalesce(affected.departure_factor, 1.0)
        * odds.departure_odds
        * if(boundary_at < anchored_at + interval 100 days, 1.6, 1.0)
    )
)

select customer_id, min(departs_at) as ended_at
from (
    select customer_id, boundary_at as departs_at from departures
    union all
    select planted.customer_id, planted.departs_at
    from plan.planted_departures as planted
    inner join query_table(starts) as starts on planted.customer_id = starts.customer_id
    where
        planted.departs_at > starts.started_at + interval 1 day
        and planted.departs_at <= getvariable('as_of')
        and (starts.cycle = 1 or planted.contacted_at >= starts.started_at)
)
group by customer_id;

create table plan.first_starts as
select
    customer_id,
    1 as cycle,
    segment,
    term_months,
    if(is_carried_over, acquired_at, first_started_at) as anchored_at,
    first_started_at as started_at
from plan.customers
where is_subscriber and first_started_at <= getvariable('as_of');

create table plan.first_departures as from first_departure('plan.first_starts');

create table plan.second_starts as
with returns as (
    select
        starts.customer_id,
        starts.segment,
        after_seconds(
            departures.ended_at,
            86400 * draw_skewed('returns after', starts.customer_id, 110, 0.6)
        ) as returned_at
    from plan.first_starts as starts
    inner join plan.first_departures as departures on starts.customer_id = departures.customer_id
    where draw('returns', starts.customer_id) < 0.16
)

select
    customer_id,
    2 as cycle,
    segment,
    1 as term_months,
    returned_at as anchored_at,
    returned_at as started_at
from returns
where returned_at <= getvariable('as_of');

create table plan.second_departures as from first_departure('plan.second_starts');

-- One row per stay of a customer. Those who only order stay for a while and then fall silent.
create table plan.cycles as
select starts.*, departures.ended_at, true as is_subscribed
from plan.first_starts as starts
left join plan.first_departures as departures on starts.customer_id = departures.customer_id
union all
select starts.*, departures.ended_at, true
from plan.second_starts as starts
left join plan.second_departures as departures on starts.customer_id = departures.customer_id
union all
select
    customer_id,
    1,
    segment,
    term_months,
    acquired_at,
    first_started_at,
    after_seconds(first_started_at, 86400 * draw_skewed('buys for', customer_id, 300, 0.7)) as ended_at,
    false
from plan.customers
where not is_subscriber and first_started_at <= getvariable('as_of');

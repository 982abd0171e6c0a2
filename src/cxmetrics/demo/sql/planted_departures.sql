-- Who leaves because of what is planted. It waits for no end of a term.
create table plan.planted_departures as
with asked as (
    select
        *,
        lag(contacted_at) over (partition by customer_id order by contacted_at, contact_key) as asked_before_at
    from plan.contacts
    where is_planted and not is_contacted_by_us(contacted_at, contact_key)
)

select
    customer_id,
    contacted_at,
    after_seconds(contacted_at, 86400 * (1 + 29 * draw('planted departure', contact_key))) as departs_at
from asked
where
    coalesce(contacted_at > asked_before_at + interval 90 days, true)
    and draw('planted', contact_key) < getvariable('effect');

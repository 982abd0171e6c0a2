-- Which of the planned contacts come about: those of people who are customers then.
create table plan.opened as
select
    contacts.*,
    concat('T', lpad((row_number() over (order by contacted_at, contact_key))::varchar, 7, '0')) as ticket_id
from plan.contacts as contacts
where exists (
    select 1
    from plan.cycles as cycles
    where
        cycles.customer_id = contacts.customer_id
        and contacts.contacted_at >= if(cycles.cycle = 1, timestamp '1970-01-01', cycles.started_at)
        -- A last bill or a parcel still causes contacts for some days after the end.
        and contacts.contacted_at <= coalesce(cycles.ended_at + interval 10 days, getvariable('as_of'))
);

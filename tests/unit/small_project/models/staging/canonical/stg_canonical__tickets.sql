select 1 as ticket_id

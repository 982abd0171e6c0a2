select 1 as some_id

{{ union_sources('ticket_events') }}

{{ union_sources('ticket_events', happened_at='occurred_at') }}

{{ union_sources('touchpoint_events', happened_at='occurred_at') }}

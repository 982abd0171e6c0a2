{{ union_sources('help_sessions', happened_at='started_at') }}

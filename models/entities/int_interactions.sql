{{ union_sources('interactions', happened_at='started_at') }}

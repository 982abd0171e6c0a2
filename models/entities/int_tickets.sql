{{ union_sources('tickets', happened_at='created_at') }}

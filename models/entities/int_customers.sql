{{ union_sources('customers', happened_at='acquired_at') }}

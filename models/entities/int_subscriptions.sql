{{ union_sources('subscriptions', happened_at='started_at') }}

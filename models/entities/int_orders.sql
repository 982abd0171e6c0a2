{{ union_sources('orders', happened_at='ordered_at') }}

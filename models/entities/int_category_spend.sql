{{ union_sources('category_spend', happened_at='month') }}

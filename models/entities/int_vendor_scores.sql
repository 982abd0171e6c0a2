{{ union_sources('vendor_scores', happened_at='scored_at') }}

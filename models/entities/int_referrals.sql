{{ union_sources('referrals', happened_at='referred_at') }}

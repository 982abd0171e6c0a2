{{ union_sources('survey_invitations', happened_at='sent_at') }}

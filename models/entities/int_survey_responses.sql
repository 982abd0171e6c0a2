{{ union_sources('survey_responses', happened_at='responded_at') }}

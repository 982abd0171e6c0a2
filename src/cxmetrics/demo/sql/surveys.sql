-- Invitations, and the answers of those who answer: rather the very pleased and the very angry.
create table survey_invitations as
select invitation_id, customer_id, ticket_id, survey_type, touchpoint, sent_at
from plan.asked;

create table survey_responses as
with answers as (
    select
        *,
        after_seconds(sent_at, 60 + draw_skewed('answers after', survey_key, 14400, 1.4)) as responded_at,
        -- Some effort surveys are older: five steps, or asking how hard it was instead of how easy.
        case
            when survey_type = 'nps' then 'nps'
            when survey_type = 'csat' then 'five steps'
            when draw('form', survey_key) < 0.70 then 'seven steps'
            when draw('form', survey_key) < 0.85 then 'five steps'
            else 'reversed'
        end as form
    from plan.asked
    where draw('answers', survey_key) < willingness + if(abs(feeling - 0.8) > 1.2, 0.08, -0.03)
),

scaled as (
    select
        *,
        case form when 'nps' then 0 else 1 end as scale_min,
        case form when 'nps' then 10 when 'five steps' then 5 else 7 end as scale_max,
        case form
            when 'nps' then 7.0 + 2.2 * feeling
            when 'five steps' then 3.2 + feeling
            else 4.5 + 1.35 * feeling
        end as easy_score
    from answers
    where responded_at <= getvariable('as_of')
)

select
    'A' || invitation_id as response_id,
    invitation_id,
    customer_id,
    ticket_id,
    survey_type,
    touchpoint,
    if(form = 'reversed', 8, 0)
    + if(form = 'reversed', -1, 1) * least(greatest(round(easy_score), scale_min), scale_max) as score,
    scale_min,
    scale_max,
    form = 'reversed' as is_reversed,
    responded_at
from scaled;

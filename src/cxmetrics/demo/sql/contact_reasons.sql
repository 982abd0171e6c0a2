-- Why customers ask for help. The weights say how often a reason comes up in a phase of the relationship.
-- departure_factor is the story: it multiplies the chance to leave at the next renewal. It is high for what failed
-- upstream of service, however well the contact itself is handled, and near one for what service can put right. What is
-- planted takes the place of that story: then the factor is one for all, and only the planted stage annoys.
create table plan.contact_reasons as
select
    * replace (if(getvariable('plant') = '', departure_factor, 1.0) as departure_factor),
    case
        when getvariable('plant') = '' then departure_factor
        when cause_stage = getvariable('plant') then 3.0
        else 1.0
    end as annoyance,
    cause_stage = getvariable('plant') as is_planted
from (values
    -- reason, cause, first team, departure_factor, difficulty, weights: before, onboarding, steady, renewal; whether it
    -- is the friction that can be planted at its stage
    ('misleading_offer', 'awareness', 'first_line', 2.6, 1.1, 14, 5, 1, 1, true),
    ('price_question', 'consideration', 'first_line', 0.9, 0.6, 40, 4, 4, 8, true),
    ('payment_failed', 'purchase', 'billing', 2.0, 0.9, 10, 7, 4, 5, false),
    ('delivery_late', 'purchase', 'first_line', 3.4, 1.0, 4, 10, 11, 5, true),
    ('setup_help', 'onboarding', 'first_line', 0.9, 1.2, 10, 32, 3, 1, false),
    ('missing_invitation', 'onboarding', 'first_line', 1.0, 0.6, 2, 12, 1, 0, true),
    ('login_problem', 'use', 'first_line', 1.0, 0.6, 6, 10, 15, 7, false),
    ('product_defect', 'use', 'second_line', 1.2, 1.8, 0, 6, 15, 6, true),
    ('how_to_question', 'use', 'first_line', 0.8, 0.8, 12, 12, 22, 9, false),
    ('outage', 'use', 'second_line', 1.1, 1.4, 0, 2, 8, 3, false),
    ('unresolved_ticket', 'service', 'first_line', 1.5, 1.3, 0, 0, 0, 0, true),
    ('wrong_answer', 'service', 'first_line', 1.5, 1.2, 0, 0, 0, 0, false),
    ('billing_error', 'renewal', 'billing', 3.6, 1.1, 0, 3, 7, 24, true),
    ('cancellation_request', 'renewal', 'billing', 2.2, 0.8, 0, 1, 2, 12, false),
    ('referral_reward_missing', 'advocacy', 'first_line', 1.0, 0.9, 0, 0, 3, 2, true)
) as reasons (
    contact_reason, cause_stage, first_team, departure_factor, difficulty, before, onboarding, steady, renewal, is_friction
);

create table plan.reason_picks as
with weights as (
    unpivot (select contact_reason, before, onboarding, steady, renewal from plan.contact_reasons)
    on before, onboarding, steady, renewal into name phase value weight
)

select
    phase,
    contact_reason,
    coalesce(sum(weight) over earlier, 0)::bigint as low,
    (coalesce(sum(weight) over earlier, 0) + weight)::bigint as high,
    (sum(weight) over (partition by phase))::bigint as total
from weights
window earlier as (
    partition by phase order by contact_reason rows between unbounded preceding and 1 preceding
);

with tickets as (
  select * from {{ ref('int_ticket_causes') }}
),

openers as (
  select
    ticket_id,
    max(case when actor_type = 'agent' then 1 else 0 end) = 1 as is_opened_by_agent,
    max(case when actor_type = 'customer' then 1 else 0 end) = 1 as is_opened_by_customer
  from {{ ref('int_ticket_events') }}
  -- Who opened it is not known by an event that does not say who.
  where event_type = 'created' and actor_type is not null
  group by ticket_id
),

timed as (
  select
    tickets.ticket_id,
    tickets.created_at,
    not tickets.is_opened_by_customer as is_proactive,
    {{ dbt.dateadd('second', var('opening_tolerance_seconds'), 'tickets.created_at') }} as opening_until,
    coalesce(openers.is_opened_by_agent, not tickets.is_opened_by_customer) as is_opened_by_agent,
    coalesce(openers.is_opened_by_customer, tickets.is_opened_by_customer) as is_opened_by_customer
  from tickets
  left join openers on tickets.ticket_id = openers.ticket_id
),

-- The public comment with which an agent opens a ticket.
first_words as (
  select distinct timed.ticket_id
  from timed
  inner join {{ ref('int_ticket_events') }} as events on timed.ticket_id = events.ticket_id
  where
    timed.is_opened_by_agent
    and events.event_type = 'public_reply'
    and events.actor_type = 'agent'
    and events.occurred_at <= timed.opening_until
),

opened as (
  select
    timed.ticket_id,
    timed.created_at,
    timed.opening_until,
    timed.is_opened_by_agent,
    -- An agent who opens a ticket and writes to nobody took down what a customer asked for: a letter, a call.
    timed.is_opened_by_customer
    or (timed.is_opened_by_agent and not timed.is_proactive and first_words.ticket_id is null) as is_opened_by_customer,
    not timed.is_opened_by_customer
    and (timed.is_proactive or (timed.is_opened_by_agent and first_words.ticket_id is not null)) as is_written_to
  from timed
  left join first_words on timed.ticket_id = first_words.ticket_id
),

openings as (
  select
    ticket_id,
    created_at as written_at,
    'customer' as written_by,
    true as is_opening
  from opened
  where is_opened_by_customer
),

-- What carries the moment of creation, or one a few seconds later, is the opening itself: the public comment with which
-- an agent opens a ticket answers nobody, and the first message of a customer counts once.
followed as (
  select
    events.ticket_id,
    -- A clock that runs behind writes nothing before the ticket was opened.
    greatest(events.occurred_at, opened.created_at) as written_at,
    case when events.event_type = 'customer_reply' then 'customer' else 'agent' end as written_by,
    false as is_opening
  from {{ ref('int_ticket_events') }} as events
  inner join opened on events.ticket_id = opened.ticket_id
  where
    (
      events.event_type = 'customer_reply'
      and not (opened.is_opened_by_customer and events.occurred_at <= opened.opening_until)
    )
    or (
      events.event_type = 'public_reply'
      and events.actor_type = 'agent'
      and not (opened.is_opened_by_agent and events.occurred_at <= opened.opening_until)
    )
),

messages as (
  select * from openings
  union all
  select * from followed
),

in_order as (
  select
    messages.*,
    lag(messages.written_at) over (
      partition by messages.ticket_id order by messages.written_at asc, messages.written_by desc
    ) as message_before_at,
    -- Who is written to asks for nothing until they write back.
    case
      when opened.is_written_to
        then
          min(case when messages.written_by = 'customer' then messages.written_at end) over (
            partition by messages.ticket_id
          )
      else opened.created_at
    end as asked_at
  from messages
  inner join opened on messages.ticket_id = opened.ticket_id
),

-- Lines of one talk are one contact, whoever wrote them; after a pause another talk begins.
talks as (
  select
    *,
    sum(
      case
        when
          written_at > asked_at
          and written_at > {{ dbt.dateadd(
            'minute', var('contact_gap_minutes'), 'coalesce(message_before_at, asked_at)'
          ) }}
          then 1
        else 0
      end
    ) over (
      partition by ticket_id
      order by written_at asc, written_by desc
      rows unbounded preceding
    ) as pauses
  from in_order
),

final as (
  select
    ticket_id,
    written_at,
    written_by,
    is_opening,
    asked_at,
    written_by = 'customer' and pauses > 0 as is_further_contact,
    -- Read from the last message backwards. A reply at the very moment of a message answers it.
    case
      when written_by = 'customer'
        then
          min(case when written_by = 'agent' then written_at end) over (
            partition by ticket_id
            order by written_at desc, written_by asc
            rows between unbounded preceding and current row
          )
    end as answered_at
  from talks
)

select * from final

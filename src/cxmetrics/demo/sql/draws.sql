-- Chance, time and working hours. A draw is a hash of seed, purpose and key, so it is the same on every machine, for
-- every thread count and in every order of evaluation. random() is none of these, and hash() may change with DuckDB.
create macro draw(purpose, key) as
    (md5_number_lower(concat(getvariable('seed'), '|', purpose, '|', key)) >> 11)::double / 9007199254740992.0;

-- Standard normal to within 3.46 deviations: the sum of the four 16-bit parts of one hash, exact in integers.
create macro standardised(bits) as
    ((bits & 65535) + ((bits >> 16) & 65535) + ((bits >> 32) & 65535) + (bits >> 48) - 131070.0) / 37837.2;
create macro draw_normal(purpose, key) as
    standardised(md5_number_lower(concat(getvariable('seed'), '|', purpose, '|', key))::hugeint);

-- Skewed durations and amounts: many short, few very long. exp() may differ in its last digit between machines, so
-- what is drawn is always rounded before it is used.
create macro draw_skewed(purpose, key, median, sigma) as
    round(median * exp(sigma * draw_normal(purpose, key)), 2);

create macro draw_between(purpose, key, low, high) as
    (low + floor(draw(purpose, key) * (high - low + 1)))::bigint;

create macro after_seconds(instant, seconds) as instant + to_seconds(floor(seconds)::bigint);

-- A promised day lasts until its last second.
create macro end_of_day(instant) as date_trunc('day', instant) + interval 1 day - interval 1 second;

-- A second of the day (UTC), drawn from a hundred hours with the rhythm of people: little at night, most before noon,
-- a second hump at two.
create macro second_of_day(chance) as (
    [0, 1, 3, 5, 5, 6, 6, 6, 7, 7, 7, 7, 7, 7, 8, 8, 8, 8, 8, 8, 8, 8, 8, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 10, 10,
     10, 10, 10, 10, 10, 10, 10, 11, 11, 11, 11, 11, 11, 11, 12, 12, 12, 12, 12, 12, 13, 13, 13, 13, 13, 13, 13,
     13, 14, 14, 14, 14, 14, 14, 14, 14, 15, 15, 15, 15, 15, 15, 16, 16, 16, 16, 16, 17, 17, 17, 17, 18, 18, 18,
     19, 19, 19, 20, 20, 20, 21, 21, 22, 22, 23][1 + floor(chance * 100)::bigint] * 3600
    + floor((chance * 100 - floor(chance * 100)) * 3600)
)::bigint;

-- An instant of the month that starts at month_at: the day uniform, the time of day as above.
create macro instant_in_month(month_at, purpose, key) as after_seconds(
    month_at,
    86400 * floor(draw(concat(purpose, ' day'), key) * day(last_day(month_at))) + second_of_day(draw(purpose, key))
);

-- Agents work on weekdays from 07:00 to 16:00 UTC, which lies inside the support schedule in summer and in winter.
-- Handling is planned in working seconds since Monday 2000-01-03, so no delay ever needs a loop over nights.
create macro is_working(instant) as isodow(instant) <= 5 and hour(instant) between 7 and 15;
create macro days_since_monday(instant) as date_diff('day', timestamp '2000-01-03', instant);
create macro working_seconds(instant) as (
    (days_since_monday(instant) // 7 * 5 + least(days_since_monday(instant) % 7, 5)) * 32400
    + case
        when isodow(instant) <= 5
            then least(greatest(hour(instant) * 3600 + minute(instant) * 60 + second(instant) - 25200, 0), 32400)
        else 0
    end
)::bigint;
create macro wall_clock(seconds) as after_seconds(
    timestamp '2000-01-03 07:00:00',
    (seconds // 32400 // 5 * 7 + seconds // 32400 % 5) * 86400 + seconds % 32400
);

-- Whom the company itself contacts, which it does in working hours.
create macro is_contacted_by_us(contacted_at, contact_key) as
    is_working(contacted_at) and draw('proactive', contact_key) < 0.045;

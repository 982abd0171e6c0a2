-- What is planted (cx demo --plant): friction at one stage. It causes contacts that would not have been, and after the
-- first contact of the stage in 90 days a share of the customers, the effect, leaves within a month. Nothing else goes
-- wrong then, and the contacts are handled well. Without --plant the contact reasons tell their own story.
create schema plan;

-- How likely friction causes a contact in a month, and how much likelier than usual a segment leaves anyway.
create table plan.segment_odds as
select * from (values
    ('consumer', 0.03, 1.0),
    ('business', 0.03, 1.0),
    ('enterprise', 0.03, 1.0)
) as odds (segment, friction_chance, departure_odds);

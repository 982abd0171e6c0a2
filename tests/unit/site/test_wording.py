"""Every code that can be published or written has words."""

from typing import get_args

from cxmetrics.definitions.metric import Direction, Interval, Kind, Lifecycle, Scope, Source, Stance, Unit
from cxmetrics.definitions.units import FORMATS
from cxmetrics.published.schema import STATUSES, TARGET_STATUSES, without_value
from cxmetrics.site import wording


def test_every_status_and_state_has_words_and_a_mark():
    assert set(wording.STATUS_WORDS) == set(STATUSES)
    assert set(wording.TARGET_STATUS) == set(TARGET_STATUSES)
    assert set(wording.MARKS) == set(wording.STATES)
    assert set(TARGET_STATUSES) <= set(wording.STATES)


def test_every_trait_of_a_definition_has_words():
    assert {*get_args(Scope), *get_args(Stance), *get_args(Kind)} == set(wording.TRAITS)
    assert set(get_args(Direction)) == set(wording.DIRECTION)
    assert set(get_args(Kind)) == set(wording.KINDS)
    assert set(get_args(Lifecycle.model_fields["state"].annotation)) == set(wording.LIFECYCLE)
    assert set(wording.AXIS_UNITS) <= set(get_args(Unit)) == set(FORMATS)


def test_every_interval_has_words():
    (union, _) = get_args(Interval)
    methods = {get_args(interval.model_fields["method"].annotation)[0] for interval in get_args(union)}
    assert methods == set(wording.INTERVAL_WORDS)


def test_every_source_a_position_can_name_is_cited():
    assert set(get_args(Source)) == set(wording.CITED_SOURCES)


def test_a_long_name_may_break_and_stays_text():
    assert wording.breakable("fct_tickets.is_<b>") == "fct_<wbr>tickets.<wbr>is_<wbr>&lt;b&gt;"


def test_what_has_no_value_says_why():
    statuses = ("no_data", "suppressed", "insufficient_sample", "not_reached")
    assert [without_value(status) for status in statuses] == ["no data", "not shown", "not reached", "not reached"]

"""A code that a page has no words for ends the making of the site."""

from __future__ import annotations

from typing import get_args

from cxmetrics.definitions.metric import Interval
from cxmetrics.published.schema import STATUSES, TARGET_STATUSES, without_value
from cxmetrics.site.wording import INTERVAL_WORDS, STATUS_WORDS, TARGET_STATUS


def test_every_status_and_every_method_has_words():
    kinds, _ = get_args(Interval)
    methods = {get_args(kind.model_fields["method"].annotation)[0] for kind in get_args(kinds)}
    assert "wilson" in methods
    assert set(INTERVAL_WORDS) == methods
    assert set(STATUS_WORDS) == set(STATUSES)
    assert set(TARGET_STATUS) == set(TARGET_STATUSES)


def test_what_has_no_value_says_why():
    assert [without_value(status) for status in ("no_data", "suppressed", "insufficient_sample", "not_reached")] == [
        "no data",
        "not shown",
        "not reached",
        "not reached",
    ]

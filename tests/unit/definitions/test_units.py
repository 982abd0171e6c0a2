import typing

import pytest

from cxmetrics.definitions.metric import Unit
from cxmetrics.definitions.units import FORMATS, format_interval, format_value


def test_every_unit_of_a_metric_has_a_format():
    assert set(FORMATS) == set(typing.get_args(Unit))


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (0.04239, "share", "4.2 %"),
        (1, "share", "100.0 %"),
        (39.84, "points", "+39.8"),
        (-0.01, "points", "0.0"),
        (99.94, "minutes", "99.9 min"),
        (99.96, "minutes", "100 min"),
        (12_699.6071, "minutes", "12,700 min"),
        (0, "seconds", "0.0 s"),
        (1_234.4, "count", "1,234"),
        (None, "share", "–"),
    ],
)
def test_a_value_is_rounded_for_its_unit(value: float | None, unit: str, shown: str):
    assert format_value(value, unit) == shown


def test_an_interval_names_its_unit_once():
    assert format_interval(0.039, 0.046, "share") == "3.9 to 4.6 %"


def test_an_open_end_is_said_in_words():
    assert format_interval(None, 12, "minutes") == "up to 12.0 min"
    assert format_interval(12, None, "minutes") == "from 12.0 min"
    assert format_interval(None, None, "minutes") == "–"

"""A label that is hashed is compared with what slips of the pen make of the listed ones."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from cxmetrics.inputs.near_labels import near_labels
from support.raw_inputs import Inputs

HEADER = "ticket_id,created_at,schedule\n"
KEY = b"a key of this test"
LABELS = ("website_visit", "support_ticket", "trial")


def given(canonical: Inputs, *schedules: str) -> tuple[int, tuple[str, ...], tuple[str, ...]]:
    """Rejected rows, warnings and notes of a file with forty good tickets and one of each schedule."""
    rows = "".join(f"{number},2026-01-05,\n" for number in range(40))
    rows += "".join(f"{number},2026-01-05,{name}\n" for number, name in enumerate(schedules, start=100))
    canonical.give("tickets.csv", HEADER + rows)
    table = next(table for table in canonical.load().tables if table.table == "tickets")
    return table.rejected, table.warnings, table.drift


def test_a_schedule_that_no_seed_knows_is_rejected_with_the_nearest(canonical: Inputs):
    rejected, warnings, drift = given(canonical, "suport", "Suppoert")
    assert rejected == 2
    (rule,) = [warning for warning in warnings if warning.startswith("unknown_schedule failed")]
    assert "for 2 rows" in rule and "seeds/business_hours.csv" in rule
    (nearest,) = [warning for warning in warnings if warning.startswith("unknown_schedule:")]
    assert nearest == (
        "unknown_schedule: 2 rows of tickets with a schedule that is none of support, always; nearest: support for 2"
    )
    # Listing it among the labels would not give it hours.
    assert not any("schedule,LABEL" in note for note in drift)


def test_what_resembles_none_has_no_nearest_and_is_not_printed(canonical: Inputs):
    rejected, warnings, _ = given(canonical, "erika_mustermann")
    assert rejected == 1
    assert any(warning.endswith("nearest: none of them") for warning in warnings)
    assert not any("erika" in warning.lower() for warning in warnings)


def test_another_spelling_of_a_schedule_is_that_schedule(canonical: Inputs):
    assert given(canonical, "Support", "ALWAYS")[:2] == (0, ())
    assert canonical.query(
        "select distinct schedule from raw_canonical.tickets where schedule is not null order by 1"
    ) == [
        ("always",),
        ("support",),
    ]


def hashed(text: str) -> str:
    return f"hashed_{hmac.new(KEY, text.encode(), hashlib.sha256).hexdigest()[:18]}"


@pytest.mark.parametrize(
    ("slip", "label"),
    [("website_visits", "website_visit"), ("wbsite_visit", "website_visit"), ("Supoprt_ticket", "support_ticket"),
     ("trail", "trial")],
)  # fmt: skip
def test_one_slip_is_recognised_by_its_hash(slip: str, label: str):
    assert near_labels({hashed(slip)}, LABELS, KEY) == {hashed(slip): label}
    assert near_labels({hashed(slip)}, LABELS, b"another key") == {}


def test_what_is_no_slip_of_a_label_is_near_to_none():
    assert near_labels({hashed("Erika Mustermann"), hashed("shop_window")}, LABELS, KEY) == {}


def test_a_value_that_is_no_hash_is_compared_as_it_is():
    assert near_labels({"suport_tickt", "Category 12"}, LABELS, KEY) == {"suport_tickt": "support_ticket"}


def test_a_label_outside_a_closed_set_is_named_with_the_set_and_the_nearest(canonical: Inputs):
    canonical.give(
        "tickets.csv",
        "ticket_id,created_at,channel,status\n1,2024-03-05,email,Open\n2,2024-03-05,email,On-hold\n"
        "3,2024-03-05,email,hold\n4,2024-03-05,email,deleted\n",
    )
    table = canonical.table("tickets")
    assert (table.accepted, table.rejected) == (2, 2)
    said = "status: 2 rows of tickets with a status that is none of new, open, pending, on_hold, solved, closed;"
    assert f"{said} nearest: on_hold for 1" in table.warnings
    assert table.blocked is not None
    assert table.blocked.index(said) < table.blocked.index("2 of 4 rows rejected")
    # A line in a seed would keep it, and it would be rejected as before.
    assert not any("nobody lists" in note for note in table.drift)

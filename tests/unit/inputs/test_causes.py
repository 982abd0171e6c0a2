"""What is said about values that cannot be read: their form, the reason and what to do."""

from __future__ import annotations

import pytest

from cxmetrics.errors import InputsBlocked
from support.raw_inputs import HEADER, Inputs


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("45356.1000", "an Excel serial number? declare format: excel for the column"),
        ('"45356,1000"', "an Excel serial number? declare format: excel for the column"),
        ("20240305", 'declare format: "%Y%m%d"'),
        ("20240305101500", 'declare format: "%Y%m%d%H%M%S"'),
        ("315532800", "declare format: epoch for the column"),
        ("05.03.2024", 'declare format: "%d.%m.%Y" for the column'),
        ("05.03.2024 10:15", 'declare format: "%d.%m.%Y %H:%M" for the column'),
        ("3/5/2024 2:30 PM", 'declare format: "%d/%m/%Y %I:%M %p" or "%m/%d/%Y %I:%M %p"'),
        ("03/05/24", 'declare format: "%d/%m/%y" or "%m/%d/%y"'),
        ("5 Mar 2024 10:15:00", 'declare format: "%d %b %Y %H:%M:%S"'),
        ('"March 5, 2024"', 'declare format: "%B %d, %Y"'),
        (
            "2024-07-01 09:30:00 BST",
            "abbreviation BST: write the IANA name Europe/London (it may also be Asia/Dhaka)",
        ),
        ("2024-07-01 09:30:00 PDT", "the abbreviation PDT: write the IANA name America/Los_Angeles, or the offset"),
        ("2024-02-30", "no moment that there is: correct it"),
        ("soon", "no date this project can read"),
    ],
)
def test_a_time_that_cannot_be_read(shop: Inputs, given: str, said: str):
    shop.give("tickets.csv", f"{HEADER}t1,{given},open,1\nt2,2024-01-01,open,1\n")
    table = shop.table("tickets")
    assert table.rejected == 1
    assert len(table.warnings) == 1
    assert said in table.warnings[0]
    assert table.warnings[0].endswith(" (models/staging/shop/_shop__sources.yml:17)")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ('"1,200"', "9,999 (masked), whose sign may begin the decimals or group the thousands"),
        ("9/10", "9/99 (masked), a number and the end of its scale"),
        ("$12.50", "a number with a sign or a unit"),
        ("12.50 EUR", "a number with a sign or a unit"),
        ("Very likely", "aaaa aaaaaa (masked), no number"),
    ],
)
def test_a_number_that_cannot_be_read(shop: Inputs, given: str, said: str):
    shop.give("tickets.csv", f"{HEADER}t1,2024-01-01,open,{given}\nt2,2024-01-01,open,1\n")
    table = shop.table("tickets")
    assert said in table.warnings[0]


def test_every_column_of_a_row_is_named_and_what_follows_from_it_is_not(shop: Inputs):
    shop.give("tickets.csv", f"{HEADER}t1,45356.1,open,x\n")
    assert shop.table("tickets").rules == (("uncastable of created_at", 1), ("uncastable of minutes", 1))
    assert shop.query("select column_name, masked_value from quarantine.rejected_rows order by 1") == [
        ("created_at", "created_at: 99999.9"),
        ("minutes", "minutes: a"),
    ]


def test_the_cause_comes_first_where_inputs_are_blocked(shop: Inputs):
    shop.give("tickets.csv", f"{HEADER}t1,45356.1,open,1\n")
    with pytest.raises(InputsBlocked) as caught:
        shop.load().raise_if_blocked()
    assert caught.value.what.index("declare format: excel") < caught.value.what.index("1 of 1 rows rejected")

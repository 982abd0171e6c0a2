"""Which sign of a number begins the decimals: the numbers of its file say it, or a declaration; nothing guesses it."""

from __future__ import annotations

import pytest

from support.raw_inputs import Inputs

DECLARED = """
sources:
  - name: shop
    schema: raw_shop
    tables:
      - name: terms
        config: {meta: {cx: {max_rejected_share: 1, SETTINGS}}}
        columns:
          - {name: term_id, data_type: string}
          - {name: amount, data_type: double}
          - {name: units, data_type: integer}
"""
HEADER = "term_id;amount;units\n"


def read(shop: Inputs, *amounts: str, settings: str = "") -> tuple[list[float | None], tuple[str, ...]]:
    """The amounts that are accepted, in their order, and what is said about them."""
    shop.declare(DECLARED.replace(", SETTINGS", f", {settings}" if settings else ""))
    shop.give("terms.csv", HEADER + "".join(f"S-{number};{amount};1\n" for number, amount in enumerate(amounts)))
    table = shop.table("terms")
    assert table.rejected == len(shop.query("select 1 from raw_shop.terms where amount is null"))
    return [amount for (amount,) in shop.query("select amount from raw_shop.terms order by _cx_row")], table.warnings


@pytest.mark.parametrize(
    ("given", "values"),
    [
        (["1.200,00", "49,90", "1.200", "7"], [1200, 49.9, 1200, 7]),
        (["1,200.00", "49.90", "1,200", "7"], [1200, 49.9, 1200, 7]),
        (["1.200.000", "2.500"], [1_200_000, 2500]),
        (["1 200,5", "1'200,5", "1\u202f200", "-3,5"], [1200.5, 1200.5, 1200, -3.5]),
        (["1 200", "950"], [1200, 950]),
        (["1500,125", "2,125"], [1500.125, 2.125]),
        (["0.125", "1.125", "1e3"], [0.125, 1.125, 1000]),
    ],
)
def test_the_numbers_of_a_file_say_which_sign_begins_the_decimals(shop: Inputs, given: list[str], values: list[float]):
    assert read(shop, *given) == (values, ())


def test_numbers_that_may_mean_two_things_are_warned_of(shop: Inputs):
    values, warnings = read(shop, "1.200", "950", "2.500")
    assert values == [1.2, 950, 2.5]
    assert len(warnings) == 1
    assert "amount: 2 numbers such as 9.999 (masked), whose sign may begin the decimals or group" in warnings[0]


def test_a_comma_that_may_group_or_begin_the_decimals_is_refused_with_what_to_declare(shop: Inputs):
    values, warnings = read(shop, "1,200", "950")
    assert values == [None, 950]
    assert "declare decimal: ',' or decimal: '.' for the column" in warnings[0]


@pytest.mark.parametrize(
    ("settings", "given", "values"),
    [
        ('decimal: ","', ["1.200", "950", "2.500"], [1200, 950, 2500]),
        ('decimal: "."', ["1.200", "1,200"], [1.2, 1200]),
    ],
)
def test_a_declaration_says_it(shop: Inputs, settings: str, given: list[str], values: list[float]):
    assert read(shop, *given, settings=settings) == (values, ())


def test_a_file_that_says_both_is_read_only_where_one_number_says_it_alone(shop: Inputs):
    values, warnings = read(shop, "49,90", "49.90", "1.200", "1,200", "12")
    assert values == [49.9, 49.9, None, None, 12]
    assert [warning[:14] for warning in warnings] == ["amount: 2 rows"]


def test_a_declared_comma_leaves_no_second_meaning(shop: Inputs):
    values, _ = read(shop, "1.5", "1,5", settings='decimal: ","')
    assert values == [None, 1.5]


def test_whole_numbers_are_grouped_the_same_way(shop: Inputs):
    shop.declare(DECLARED.replace(", SETTINGS", ""))
    shop.give("terms.csv", HEADER + "S-1;0,5;1.200\nS-2;1;7\n")
    assert shop.table("terms").rejected == 0
    assert shop.query("select units from raw_shop.terms order by 1") == [(7,), (1200,)]

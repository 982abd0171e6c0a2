"""A row in another currency needs a rate of the month of its own date."""

from __future__ import annotations

from pathlib import Path

import pytest

from cxmetrics.definitions.project import Project
from cxmetrics.errors import CxError
from cxmetrics.inputs.currency_rates import rates_of
from support.raw_inputs import Inputs
from support.workplace import copy_project

RATES = "month,currency,rate\n2026-01-01,USD,0.5\n2026-02-01,USD,0.25\n"
ORDERS = [
    "1,C1,2026-01-31T23:59:59,100,",
    "2,C1,2026-01-31T23:59:59,100,EUR",
    "3,C1,2026-01-31T23:59:59,100,USD",
    "4,C1,2026-03-01T00:00:00,100,USD",
    "5,C1,2026-01-31T23:59:59,100,CHF",
    "6,C1,2026-01-31T23:59:59,100,usd",
]


@pytest.fixture
def priced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Inputs:
    """This project with rates of two months."""
    monkeypatch.setenv("CX_WAREHOUSE", str(tmp_path / "warehouse"))
    copy_project(tmp_path / "project")
    (tmp_path / "project" / "seeds" / "currency_rates.csv").write_text(RATES)
    return Inputs(Project(tmp_path / "project"), tmp_path / "raw", "canonical")


def test_a_row_without_a_rate_is_rejected_and_told_what_to_add(priced: Inputs):
    many = [f"{number},C1,2026-01-05T00:00:00,1," for number in range(100, 200)]
    priced.give("orders.csv", "\n".join(["order_id,customer_id,ordered_at,amount,currency", *ORDERS, *many]) + "\n")
    priced.load()
    rejected = priced.query(
        "select file_row, rule from quarantine.rejected_rows where table_name = 'orders' order by file_row"
    )
    assert rejected == [(row, "no_currency_rate") for row in (4, 5, 6)]
    (warning,) = [warning for warning in priced.table("orders").warnings if warning.startswith("no_currency_rate")]
    assert "of currency, ordered_at failed for 3 rows" in warning
    assert "seeds/currency_rates.csv" in warning and "rates of USD" in warning


def test_every_table_with_amounts_is_guarded_also_without_any_rate(canonical: Inputs):
    canonical.give(
        "subscriptions.csv",
        "subscription_id,customer_id,started_at,monthly_amount,currency\n"
        + "".join(f"{number},C1,2026-01-01,9,\n" for number in range(40))
        + "40,C1,2026-01-01,9,USD\n",
    )
    canonical.give(
        "category_spend.csv",
        "customer_id,month,category_spend,currency\n"
        + "".join(f"C{number},2026-01-01,9,EUR\n" for number in range(40))
        + "C40,2026-01-01,9,USD\n",
    )
    canonical.load()
    assert canonical.table("subscriptions").rules == (("no_currency_rate of currency, started_at", 1),)
    assert canonical.table("category_spend").rules == (("no_currency_rate of currency, month", 1),)


@pytest.mark.parametrize(
    "row", ["2026-01-02,USD,1", "2026-01-01,usd,1", "2026-01-01,USD,0", "2026-01-01,USD,", "x,USD,1"]
)
def test_a_rate_that_cannot_be_read_is_named_with_its_line(priced: Inputs, row: str):
    (priced.project.root / "seeds" / "currency_rates.csv").write_text(f"{RATES}{row}\n")
    with pytest.raises(CxError, match="a currency rate cannot be read") as caught:
        rates_of(priced.project)
    assert caught.value.line == 4

"""Broken on purpose: the reporting currency and the rates to it."""

from __future__ import annotations

import pytest

SEED = "seeds/currency_rates.csv"


@pytest.fixture
def priced(small):
    """Two months' rates to the euro."""
    small.write(SEED, "month,currency,rate\n2026-01-01,USD,0.9\n2026-02-01,USD,0.8\n")
    small.replace("dbt_project.yml", "  reopen_days: 7", "  reopen_days: 7\n  currency: EUR")
    assert small.findings() == []
    return small


def test_two_rates_of_one_month_are_found(priced):
    priced.replace(SEED, "2026-02-01", "2026-01-01")
    finding = priced.only_finding("currency_rates_are_unambiguous")
    assert (finding.file, finding.line) == (SEED, 3)
    assert "line 2" in finding.sentence


def test_a_rate_of_the_reporting_currency_is_found(priced):
    priced.replace(SEED, "2026-02-01,USD", "2026-02-01,EUR")
    assert priced.only_finding("currency_rates_are_unambiguous").line == 3


def test_a_rate_that_cannot_be_read_is_found(priced):
    priced.replace(SEED, "0.8", "-1")
    finding = priced.only_finding("currency_rates_are_unambiguous")
    assert (finding.file, finding.line) == (SEED, 3)


def test_a_currency_is_an_iso_code(priced):
    priced.replace("dbt_project.yml", "currency: EUR", "currency: Euro")
    assert priced.only_finding("currency_rates_are_unambiguous").got == "Euro"

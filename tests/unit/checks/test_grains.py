"""Broken on purpose: grains."""

from __future__ import annotations

CONTACT = "metrics/experience/contact_rate.yml"


def test_a_grain_finer_than_the_data_is_found(small):
    small.replace(CONTACT, "grains: [month,", "grains: [week, month,")
    finding = small.only_finding("grains_are_as_coarse_as_the_data")
    assert (finding.got, finding.allowed) == ("week", ["month", "quarter", "year", "all"])


def test_a_metric_that_looks_back_has_months_only(small):
    small.replace(CONTACT, "grains: [month,", "horizon_months: 1\n          grains: [month,")
    finding = small.only_finding("horizons_have_values_by_month")
    assert "looks back 1 month from" in finding.sentence
    assert "year" in finding.got

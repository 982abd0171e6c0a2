"""Broken on purpose: grains."""

from __future__ import annotations

CONTACT = "metrics/experience/contact_rate.yml"


def test_a_grain_finer_than_the_data_is_found(small):
    small.replace(CONTACT, "grains: [month,", "grains: [week, month,")
    finding = small.only_finding("grains_are_as_coarse_as_the_data")
    assert (finding.got, finding.allowed) == ("week", ["month", "quarter", "year", "all"])

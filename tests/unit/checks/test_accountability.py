"""Broken on purpose: accountable groups."""

from __future__ import annotations

REOPEN = "metrics/service/reopen_rate.yml"
CONTACT = "metrics/experience/contact_rate.yml"


def test_an_experience_metric_accountable_to_support_alone_is_found(small):
    line = small.replace(CONTACT, "group: product", "group: support")
    finding = small.only_finding("experience_is_not_left_to_support")
    assert (finding.file, finding.line, finding.got, finding.allowed) == (CONTACT, line, "support", ["product"])


def test_a_group_that_does_not_exist_is_answered_with_the_nearest(small):
    line = small.replace(REOPEN, "group: support", "group: suport")
    finding = small.only_finding("accountable_groups_are_declared")
    assert (finding.file, finding.line, finding.nearest) == (REOPEN, line, "support")


def test_a_group_without_an_owner_is_found(small):
    small.replace("models/groups.yml", "owner: {name: Product}", "owner: {}")
    assert "has no owner" in small.only_finding("accountable_groups_are_declared").sentence


def test_a_seed_that_names_no_group_is_found(small):
    small.replace("seeds/contact_reasons.csv", "true,product", "true,produkt")
    finding = small.only_finding("accountable_groups_are_declared")
    assert (finding.file, finding.line, finding.nearest) == ("seeds/contact_reasons.csv", 2, "product")

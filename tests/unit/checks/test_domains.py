"""Broken on purpose: folder and traits."""

from __future__ import annotations

REOPEN = "metrics/service/reopen_rate.yml"


def test_a_metric_in_the_wrong_folder_is_found(small):
    for folder, ending in (("metrics", "yml"), ("metrics", "md"), ("tests/metrics", "yml")):
        small.move(f"{folder}/service/reopen_rate.{ending}", f"{folder}/experience/reopen_rate.{ending}")
    small.replace("metrics/experience/reopen_rate.yml", "group: support", "group: product")
    finding = small.only_finding("folders_agree_with_the_rule")
    assert finding.file == "metrics/experience/reopen_rate.yml"
    assert finding.line == small.replace(finding.file, "scope: service_touchpoint", "scope: service_touchpoint")
    assert "makes it a service metric" in finding.sentence
    assert finding.help.startswith("move it to metrics/service/")


def test_a_rationale_does_not_excuse_the_wrong_folder(small):
    small.replace(REOPEN, "scope: service_touchpoint", "scope: journey\n            rationale: Because.")
    assert small.only_finding("folders_agree_with_the_rule").file == REOPEN


def contradict(small, rationale: str = "") -> int:
    small.replace(REOPEN, "stance: reactive", "stance: both")
    small.replace(REOPEN, "kind: operation", f"kind: outcome{rationale}")
    small.replace(REOPEN, "group: support", "group: product")
    return small.replace(REOPEN, "classification:", "classification:")


def test_traits_that_all_contradict_the_scope_need_a_rationale(small):
    line = contradict(small)
    finding = small.only_finding("scopes_are_supported_or_explained")
    assert (finding.file, finding.line) == (REOPEN, line)
    assert "stance, kind, accountable" in finding.sentence


def test_a_rationale_explains_traits_that_contradict_the_scope(small):
    contradict(small, "\n            rationale: Because of this.")
    assert small.findings() == []

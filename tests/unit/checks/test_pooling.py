"""Broken on purpose: shares over parts that have no common meaning."""

from __future__ import annotations

REOPEN = "metrics/service/reopen_rate.yml"
FACT = "models/marts/service/fct_tickets.yml"
CHECK = "parts_without_a_common_meaning_stay_apart"


def apart(small) -> None:
    text = (small.root / FACT).read_text(encoding="utf-8")
    (line,) = [line for line in text.splitlines() if "name: channel," in line]
    small.replace(FACT, line, line.removesuffix("}") + ", config: {meta: {cx: {apart: true}}}}")


def test_a_share_over_parts_that_stay_apart_says_so(small):
    apart(small)
    found = small.findings(CHECK)
    assert {(finding.file, finding.got) for finding in found} == {(REOPEN, "channel")}
    assert found[0].help == "add only_by: [channel]"
    small.replace(REOPEN, "unit: share", "unit: share\n          only_by: [channel]")
    assert small.findings(CHECK) == []


def test_what_a_metric_has_values_by_is_a_dimension_of_it(small):
    line = small.replace(REOPEN, "unit: share", "unit: share\n          only_by: [chanel]") + 1
    (finding,) = small.findings(CHECK)
    assert (finding.line, finding.got, finding.nearest) == (line, "chanel", "channel")

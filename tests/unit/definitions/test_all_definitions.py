"""Everything there is to check, also when a part of it cannot be read."""

from __future__ import annotations

from cxmetrics.definitions.all_definitions import Definitions
from cxmetrics.definitions.yaml_file import YamlFile
from cxmetrics.errors import CxError

REOPEN = "metrics/service/reopen_rate.yml"
RESPONSE = "metrics/service/first_response_time.yml"


def of(small) -> Definitions:
    return Definitions.of(small.project)


def test_a_metric_has_its_name_also_when_its_file_cannot_be_read(small):
    small.replace(REOPEN, "unit: share", "unit: shares")
    found = of(small)
    assert sorted(found.metrics) == ["contact_rate", "first_response_time"]
    assert found.metric_names == ["contact_rate", "first_response_time", "reopen_rate"]
    assert [problem.file for problem in found.problems] == [REOPEN]


def test_a_metric_that_is_switched_off_is_in_neither(small):
    small.replace(RESPONSE, "group: support", "group: support\n      enabled: false")
    found = of(small)
    assert list(found.switched_off) == ["first_response_time"]
    assert found.metric_names == ["contact_rate", "reopen_rate"]


def test_blocks_are_those_of_the_metrics_it_is_made_of_too(small):
    small.replace(RESPONSE, "input_metrics: [first", "input_metrics: [reopen_rate, first")
    found = of(small)
    names = {block.name for block in found.blocks_of(found.metrics["first_response_time"])}
    assert names >= {"tickets_reopened", "tickets_solved", "first_reply_business_minutes_median"}


def test_metrics_that_are_made_of_each_other_end(small):
    small.replace(RESPONSE, "input_metrics: [first", "input_metrics: [reopen_rate, first")
    small.replace(REOPEN, "numerator: tickets_reopened", "numerator: first_response_time")
    found = of(small)
    assert list(found.blocks_of(found.metrics["reopen_rate"]))


def test_a_seed_has_rows_with_lines_and_one_that_is_missing_has_none(small):
    assert next(of(small).seed_rows("seeds/journey_stages.csv"))[0] == 2
    assert list(of(small).seed_rows("seeds/nothing.csv")) == []


def test_a_golden_case_is_there_cannot_be_read_or_is_not_there(small):
    small.write(f"tests/{REOPEN}", "a: [")
    small.remove(f"tests/{RESPONSE}")
    cases = of(small).golden_cases
    assert sorted(cases) == ["contact_rate", "reopen_rate"]
    assert isinstance(cases["contact_rate"], YamlFile)
    assert isinstance(cases["reopen_rate"], CxError)

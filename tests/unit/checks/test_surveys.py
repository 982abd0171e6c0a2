"""Broken on purpose: scores on mixed scales, scores without their response."""

from __future__ import annotations

import pytest

ANSWERS = "models/marts/experience/fct_survey_responses.yml"
CSAT = "metrics/service/service_csat.yml"

ANSWERS_YML = """models:
  - name: fct_survey_responses
    description: One row per answer.
    config: {meta: {cx: {told_by: [tickets]}}}
    semantic_model: true
    agg_time_dimension: responded_on
    columns:
      - {name: response_id, data_type: string, entity: {type: primary, name: survey_response}}
      - {name: responded_on, data_type: date, granularity: day, dimension: {type: time}}
      - {name: scale_min, data_type: double}
      - {name: scale_max, data_type: double}
      - {name: is_satisfied, data_type: boolean}
      - {name: is_invited, data_type: boolean}
      - name: score
        data_type: double
        config: {meta: {cx: {scale: [scale_min, scale_max], instead: [is_satisfied]}}}
    metrics:
      - {name: csat_answers, type: simple, agg: count, expr: is_satisfied, hidden: true}
      - {name: csat_satisfied, type: simple, agg: sum_boolean, expr: is_satisfied, hidden: true}
      - {name: csat_invited, type: simple, agg: count, expr: is_invited, hidden: true}
      - {name: csat_answered, type: simple, agg: sum_boolean, expr: is_invited, hidden: true}
"""
RESPONSE = "response: {answered: csat_answered, invited: csat_invited}"
CSAT_YML = f"""metrics:
  - name: service_csat
    label: Satisfaction
    description: "{{{{ doc('service_csat') }}}}"
    type: ratio
    numerator: csat_satisfied
    denominator: csat_answers
    config:
      group: support
      meta:
        cx:
          unit: share
          direction: up
          classification: {{scope: service_touchpoint, stance: reactive, kind: perception}}
          stages: [service]
          positions_note: None.
          {RESPONSE}
"""


@pytest.fixture(autouse=True)
def with_surveys(small):
    small.write(ANSWERS, ANSWERS_YML)
    small.write(ANSWERS.replace(".yml", ".sql"), "select 1 as response_id")
    small.write(CSAT, CSAT_YML)
    text = (small.root / "metrics/service/reopen_rate.md").read_text(encoding="utf-8")
    small.write(CSAT.replace(".yml", ".md"), text.replace("reopen_rate", "service_csat"))
    case = (small.root / "tests/metrics/service/reopen_rate.yml").read_text(encoding="utf-8")
    small.write(f"tests/{CSAT}", case.replace("reopen_rate", "service_csat"))
    findings = small.findings()
    assert not findings, "\n".join(map(str, findings))


@pytest.mark.parametrize("expression", ["score", "case when score >= 4 then score end", "score - scale_min"])
def test_scores_of_several_scales_are_not_read_as_one(small, expression: str):
    block = "{name: csat_satisfied, type: simple, agg: sum_boolean, expr: is_satisfied, hidden: true}"
    line = small.replace(ANSWERS, block, block.replace("is_satisfied", expression))
    finding = small.only_finding("scores_are_read_on_their_scale")
    assert (finding.file, finding.line, finding.got) == (ANSWERS, line, "score")
    assert finding.help == "read is_satisfied, or the ends scale_min and scale_max as well"


def test_scores_may_be_read_with_both_ends_of_their_scale(small):
    block = "agg: sum_boolean, expr: is_satisfied"
    small.replace(ANSWERS, block, "agg: sum_boolean, expr: (score - scale_min) / (scale_max - scale_min) > 0.6")
    assert small.findings() == []


def test_a_block_named_like_a_score_reads_it(small):
    old = "name: csat_satisfied, type: simple, agg: sum_boolean, expr: is_satisfied"
    small.replace(ANSWERS, old, "name: score, type: simple, agg: sum")
    assert [finding.got for finding in small.findings("scores_are_read_on_their_scale")] == ["score"]


def test_a_score_says_how_many_of_those_asked_answered(small):
    small.replace(CSAT, RESPONSE, "")
    found = {finding.check: finding for finding in small.findings()}
    # Its blocks are then used by nobody.
    assert set(found) == {"scores_come_with_their_response", "blocks_are_used"}
    assert found["scores_come_with_their_response"].file == CSAT
    assert "response: {answered: ..., invited: ...}" in found["scores_come_with_their_response"].help


def test_what_no_survey_asked_needs_no_response(small):
    small.replace(CSAT, RESPONSE, "")
    small.replace(CSAT, "kind: perception", "kind: operation")
    assert small.findings("scores_come_with_their_response") == []


@pytest.mark.parametrize(
    "response", ["{answered: csat_invited, invited: csat_answered}", "{answered: csat_answered, invited: contacts}"]
)
def test_a_response_is_a_share_of_the_invitations(small, response: str):
    line = small.replace(CSAT, RESPONSE, f"response: {response}")
    (finding,) = small.findings("scores_come_with_their_response")
    assert (finding.file, finding.line) == (CSAT, line)


@pytest.mark.parametrize("role", ["answered: csat_answered", "invited: csat_invited"])
def test_the_blocks_of_a_response_exist(small, role: str):
    small.replace(CSAT, RESPONSE, RESPONSE.replace(role, f"{role}s"))
    (finding,) = small.findings("blocks_exist")
    assert finding.nearest == role.split(": ")[1]


def with_scale(small) -> None:
    column = "      - {name: scale, data_type: string, dimension: {type: categorical}}\n"
    small.replace(ANSWERS, "      - {name: is_satisfied,", column + "      - {name: is_satisfied,")


def test_a_series_of_answers_breaks_where_the_scale_changes(small):
    with_scale(small)
    finding = small.only_finding("series_break_where_the_scale_changes")
    assert (finding.file, finding.help) == (CSAT, "add breaks_by: scale")
    small.replace(CSAT, RESPONSE, f"{RESPONSE}\n          breaks_by: scale")
    assert small.findings() == []


def test_a_series_breaks_by_a_dimension_of_its_answers(small):
    with_scale(small)
    line = small.replace(CSAT, RESPONSE, f"{RESPONSE}\n          breaks_by: scael") + 1
    finding = small.only_finding("series_break_where_the_scale_changes")
    assert (finding.line, finding.got, finding.nearest) == (line, "scael", "scale")

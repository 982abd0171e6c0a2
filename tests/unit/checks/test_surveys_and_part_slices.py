"""Broken on purpose: scores on mixed scales, scores without their response, slices that only a part knows."""

from __future__ import annotations

import pytest

ANSWERS = "models/marts/experience/fct_survey_responses.yml"
CSAT = "metrics/service/service_csat.yml"
CONTACT = "metrics/experience/contact_rate.yml"
CAUSES = "models/marts/experience/fct_customer_month_contacts.yml"

ANSWERS_YML = """models:
  - name: fct_survey_responses
    description: One row per answer.
    semantic_model: true
    agg_time_dimension: responded_at
    columns:
      - {name: response_id, data_type: string, entity: {type: primary, name: survey_response}}
      - {name: responded_at, data_type: timestamp, granularity: day, dimension: {type: time}}
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
          version: 1
          changelog: [{{version: 1, date: 2026-01-01, change: First definition.}}]
          unit: share
          direction: up
          classification: {{scope: service_touchpoint, stance: reactive, kind: perception}}
          stages: [service]
          positions: []
          positions_note: None.
          clock: {{period: responded_at, start: Asked., end: Answered., null_rule: No answer.}}
          sample: csat_answers
          interval: {{method: wilson, successes: csat_satisfied, trials: csat_answers}}
          {RESPONSE}
"""
CAUSES_YML = """models:
  - name: fct_customer_month_contacts
    description: One row per customer, month and cause.
    semantic_model: true
    agg_time_dimension: month_on
    columns:
      - {name: customer_month_contact_id, data_type: string, entity: {type: primary, name: customer_month_contact}}
      - {name: customer_id, data_type: string, entity: {type: foreign, name: customer}}
      - {name: month_on, data_type: date, granularity: month, dimension: {type: time}}
      - {name: cause_stage, data_type: string, dimension: {type: categorical}}
      - {name: contacts, data_type: bigint}
    metrics:
      - {name: contacts_by_cause, type: simple, agg: sum, expr: contacts, hidden: true}
      - {name: contacts_by_cause_squared, type: simple, agg: sum, expr: contacts * contacts, hidden: true}
"""
PARTS = "part_slices: {cause_stage: {contacts: contacts_by_cause, contacts_squared: contacts_by_cause_squared}}"


@pytest.fixture(autouse=True)
def with_surveys_and_causes(small):
    small.write(ANSWERS, ANSWERS_YML)
    small.write(ANSWERS.replace(".yml", ".sql"), "select 1 as response_id")
    small.write(CSAT, CSAT_YML)
    small.write(
        CSAT.replace(".yml", ".md"),
        f"{{% docs service_csat %}}{'Who was satisfied, of all who answered. ' * 9}{{% enddocs %}}\n",
    )
    case = "metric: service_csat\ngiven: {fct_survey_responses: [{}]}\nexpect: [{because: None., value: null, n: 0}]\n"
    small.write(f"tests/{CSAT}", case)
    small.write(CAUSES, CAUSES_YML)
    small.write(CAUSES.replace(".yml", ".sql"), "select 1 as contacts")
    small.replace(CONTACT, "slices: [segment]", f"slices: [cause_stage, segment]\n          {PARTS}")
    findings = small.findings()
    assert not findings, "\n".join(map(str, findings))


@pytest.mark.parametrize("expression", ["score", "case when score >= 4 then score end", "score - scale_min"])
def test_scores_of_several_scales_are_not_read_as_one(small, expression: str):
    block = "{name: csat_satisfied, type: simple, agg: sum_boolean, expr: is_satisfied, hidden: true}"
    line = small.replace(ANSWERS, block, block.replace("is_satisfied", expression))
    finding = small.only_finding("scores_are_read_on_their_scale")
    assert (finding.file, finding.line, finding.got) == (ANSWERS, line, "score")
    assert finding.remedy == "read is_satisfied, or the ends scale_min and scale_max as well"


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
    assert "response: {answered: ..., invited: ...}" in found["scores_come_with_their_response"].remedy


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


def test_the_stand_ins_of_a_part_slice_exist(small):
    small.replace(CONTACT, "contacts: contacts_by_cause,", "contacts: contacts_by_couse,")
    assert small.findings("blocks_exist")[0].nearest == "contacts_by_cause"


def test_a_part_slice_is_a_dimension_of_the_part(small):
    small.replace(CAUSES, "name: cause_stage", "name: stage")
    assert small.only_finding("dimensions_can_be_reached").allowed == ["segment", "stage"]


def test_without_stand_ins_the_slice_of_a_part_is_no_slice(small):
    small.replace(CONTACT, PARTS, "")
    assert [finding.got for finding in small.findings("dimensions_can_be_reached")] == ["cause_stage"]


@pytest.mark.parametrize(
    ("file", "old", "new", "got"),
    [
        (CONTACT, "slices: [cause_stage, segment]", "slices: [segment]", "cause_stage"),
        (CONTACT, "cause_stage: {contacts:", "cause_stage: {contact:", "contact"),
        (CONTACT, "[contacts, customer", "[{name: contacts, filter: contacts > 1}, customer", "derived"),
        (CAUSES, "agg: sum, expr: contacts, ", "agg: max, expr: contacts, ", "max"),
    ],
)
def test_a_part_slice_replaces_what_adds_up(small, file: str, old: str, new: str, got: str):
    small.replace(file, old, new)
    finding = small.only_finding("partial_dimensions_replace_what_adds_up")
    assert (finding.file, finding.got) == (CONTACT, got)

from cxmetrics.definitions.project import Project
from cxmetrics.measure.compiler import Semantics
from cxmetrics.measure.question import Question
from cxmetrics.measure.response import response_rates
from support.facts import in_memory


def rates(project: Project, semantics: Semantics, question: Question, *names: str) -> list[tuple]:
    metrics = [project.metrics()[name] for name in names]
    queries = list(response_rates(semantics, metrics, question, "double"))
    with in_memory(project) as connection:
        return [row for query in queries for row in connection.execute(query).fetchall()]


def test_the_rate_is_of_those_invited_to_the_very_survey(cx_project: Project, semantics: Semantics):
    found = rates(cx_project, semantics, Question(), "service_csat", "service_nps")
    assert ("service_csat", 0.05) in found
    # Nobody was invited to the other survey, which is no rate of zero.
    assert [rate for name, rate in found if name == "service_nps" and rate is not None] == []


def test_a_metric_without_a_survey_has_no_rate(cx_project: Project, semantics: Semantics):
    assert rates(cx_project, semantics, Question(), "reopen_rate") == []


def test_where_invitations_do_not_know_the_dimension_nothing_is_known(cx_project: Project, semantics: Semantics):
    by_touchpoint = rates(cx_project, semantics, Question(by=("touchpoint",)), "service_csat")
    assert by_touchpoint == [("service_csat", "support_call", 0.05)]
    assert rates(cx_project, semantics, Question(by=("survey_response",)), "service_csat") == []

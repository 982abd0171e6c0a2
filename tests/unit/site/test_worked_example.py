from cxmetrics.site.worked_example import read_example
from support.copied_project import SmallProject


def test_rows_are_shown_as_they_stand_in_the_case_and_a_missing_cell_is_a_dash(small: SmallProject) -> None:
    small.write(
        "tests/metrics/service/reopen_rate.yml",
        "metric: reopen_rate\ngiven:\n  fct_tickets:\n    - {ticket_id: a, is_reopened: true}\n"
        "    - {ticket_id: b}\nexpect:\n  - {because: one of two, value: null, n: 0}\n",
    )
    project = small.project
    example = read_example(project, project.metrics()["reopen_rate"])
    assert example is not None
    (table,) = example.given
    assert (table.model, table.columns) == ("fct_tickets", ("ticket_id", "is_reopened"))
    assert table.rows == (("a", "true"), ("b", "–"))
    assert (example.expected[0].because, example.file) == ("one of two", "tests/metrics/service/reopen_rate.yml")


def test_a_metric_without_a_case_has_no_example(small: SmallProject) -> None:
    small.remove("tests/metrics/service/reopen_rate.yml")
    assert read_example(small.project, small.project.metrics()["reopen_rate"]) is None

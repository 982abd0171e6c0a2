"""The reference of the metric file is that of the models that read it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator, FormatChecker

from cxmetrics.cli import main
from cxmetrics.definitions.expanded import expanded
from cxmetrics.definitions.metric import MetricMeta
from cxmetrics.definitions.project import Project
from cxmetrics.definitions.reference import (
    EDITOR_LINE,
    FOLDER,
    PAGE,
    SCHEMA,
    metric_schema,
    page_text,
    schema_text,
    write_reference,
)
from support.parsed_project import ROOT


class TextDates(yaml.SafeLoader):
    """Reads dates as editors do: as text."""


TextDates.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def mistakes(text: str) -> list[str]:
    validator = Draft202012Validator(metric_schema(), format_checker=FormatChecker())
    return [error.message for error in validator.iter_errors(yaml.load(text, TextDates))]  # noqa: S506 (a loader that makes less than the safe one)


@pytest.mark.parametrize(("file", "text"), [(SCHEMA, schema_text), (PAGE, page_text)])
def test_what_the_project_ships_is_current(file, text):
    assert (ROOT / FOLDER / file).read_text(encoding="utf-8") == text(), "run make reference"


def test_the_files_are_written_where_they_are_looked_for(tmp_path: Path):
    write_reference(tmp_path / "docs" / "reference")
    named = EDITOR_LINE.strip().partition("$schema=")[2]
    assert (tmp_path / "metrics" / "service" / named).resolve() == tmp_path / FOLDER / SCHEMA
    assert sorted(file.name for file in (tmp_path / FOLDER).iterdir()) == [PAGE, SCHEMA]


def test_every_metric_file_and_its_full_form_fit_the_schema(cx_project: Project):
    for metric in cx_project.metrics().values():
        assert mistakes(metric.source.path.read_text(encoding="utf-8")) == [], metric.name
        assert mistakes(expanded(metric)) == [], metric.name


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("unit: share", "unt: share"),
        ("unit: share", "unit: shares"),
        ("scope: service_touchpoint", "scope: servce"),
        ("numerator: tickets_reopened", "numerator: [tickets_reopened]"),
        ("maturity_days: reopen_days", "maturity_days: 7.5"),
        ("maturity_days: reopen_days", "maturity_days: Seven days"),
    ],
)
def test_a_mistake_does_not_fit_it(old: str, new: str):
    text = (ROOT / "metrics" / "service" / "reopen_rate.yml").read_text(encoding="utf-8")
    assert text.count(old) == 1
    assert mistakes(text.replace(old, new))


def test_every_key_is_described():
    schema = metric_schema()
    parts = {"the file": schema, **schema["$defs"]}
    missing = [
        f"{name}.{key}"
        for name, part in parts.items()
        for key, field in part["properties"].items()
        if not field.get("description")
    ]
    assert missing == []
    assert [name for name, part in parts.items() if not part.get("description")] == []


def test_the_page_has_a_line_for_every_key_of_a_metric():
    page = page_text()
    assert [key for key in MetricMeta.model_fields if f"\n| `{key}` | " not in page] == []
    of_survival = "the time of a survival metric, each of whose cases counts"
    assert f"| the denominator of a ratio; {of_survival}; the simple metric of a count |" in page


def test_cx_check_prints_the_schema(capsys):
    assert main(["check", "--schema"]) == 0
    assert capsys.readouterr().out == schema_text()

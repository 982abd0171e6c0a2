"""``metrics.json`` says what the definitions and the published numbers say, in the form its schema tells."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from cxmetrics.definitions.metric import MetricMeta
from cxmetrics.definitions.project import Project
from cxmetrics.engines.registry import engine_for
from cxmetrics.published.figures import Figure, read_figures
from cxmetrics.site.build import build_site
from cxmetrics.site.metrics_json import Reading
from support.published_numbers import WITHOUT_DATA, project_in, publish
from support.workplace import ROOT


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project itself, with a published file and a site of the test's own."""
    folder = tmp_path_factory.mktemp("metrics_json")
    project = project_in(ROOT, folder)
    publish(project)
    build_site(project, engine_for(project))
    return project


@pytest.fixture(scope="module")
def document(project: Project) -> dict[str, Any]:
    return _read(project.site / "metrics.json")


@pytest.fixture(scope="module")
def schema(project: Project, document: dict[str, Any]) -> dict[str, Any]:
    return _read(project.site / document["$schema"])


def _read(file: Path) -> dict[str, Any]:
    return json.loads(file.read_text(encoding="utf-8"))


def _errors(schema: dict[str, Any], document: dict[str, Any]) -> list[str]:
    return [
        error.message for error in Draft202012Validator(schema, format_checker=FormatChecker()).iter_errors(document)
    ]


def test_the_document_is_what_its_schema_says(schema: dict[str, Any], document: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(schema)
    assert _errors(schema, document) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("format",), 1),
        (("build", "as_of"), None),
        (("metrics", 0, "domain"), "support"),
        (("metrics", 0, "rating"), 5),
        (("metrics", 0, "meta", "unit"), "percent"),
        (("metrics", 0, "meta", "interval", "method"), "guess"),
        (("metrics", 0, "now", "value"), "much"),
        (("metrics", 0, "now", "period_start"), "last month"),
    ],
)
def test_the_schema_refuses_what_it_does_not_say(
    schema: dict[str, Any], document: dict[str, Any], path: tuple[str | int, ...], value: object
) -> None:
    wrong = copy.deepcopy(document)
    *parents, last = path
    place: Any = wrong
    for key in parents:
        place = place[key]
    place[last] = value
    assert _errors(schema, wrong) != []


def test_every_metric_is_there_with_its_whole_definition(project: Project, document: dict[str, Any]) -> None:
    metrics = project.metrics()
    assert [entry["name"] for entry in document["metrics"]] == list(metrics)
    for entry in document["metrics"]:
        metric = metrics[entry["name"]]
        assert MetricMeta.model_validate(entry["meta"], strict=False) == metric.meta
        assert (entry["label"], entry["domain"], entry["group"]) == (metric.label, metric.domain, metric.group)
        assert (entry["type"], entry["inputs"]) == (metric.type, metric.inputs)
        assert [block["name"] for block in entry["blocks"]] == metric.told_blocks
        assert entry["description"] and "{{" not in entry["description"]
        assert (project.site / entry["page"]).is_file() and (project.root / entry["file"]).is_file()


def test_the_readings_are_those_of_metric_values(project: Project, document: dict[str, Any]) -> None:
    _, figures = read_figures(engine_for(project), project.metrics().values())
    for entry in document["metrics"]:
        shown = figures[entry["name"]]
        assert [_told(entry["now"]), _told(entry["overall"])] == [_told(shown.now), _told(shown.overall)]
    assert sum(entry["now"]["status"] == "no_data" for entry in document["metrics"]) == 1


def test_no_data_is_null_and_never_zero(document: dict[str, Any]) -> None:
    (entry,) = (entry for entry in document["metrics"] if entry["name"] == WITHOUT_DATA)
    for reading in (entry["now"], entry["overall"]):
        assert (reading["value"], reading["status"], reading["n"]) == (None, "no_data", 0)


def _told(reading: Figure | dict[str, Any] | None) -> dict[str, Any] | None:
    if isinstance(reading, Figure):
        told = {key: getattr(reading, key) for key in Reading.model_fields}
        return told | {"period_start": reading.period_start.isoformat()}
    return reading


def test_every_object_and_every_key_is_described(schema: dict[str, Any]) -> None:
    assert [name for name, part in _parts(schema) if not part.get("description")] == []


def _parts(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "the document", schema
    objects = {"the document": schema, **schema["$defs"]}
    yield from objects.items()
    for name in ("the document", "BuildEntry", "MetricEntry", "BlockEntry", "Reading", "MetricMeta"):
        for key, part in objects[name]["properties"].items():
            yield f"{name}.{key}", part

"""``osi.json``: the rules of the format, what other tools read from it, and the numbers its expressions give.

The rules are those of https://github.com/apache/ossie/tree/osi-0.1.1-rc1/core-spec (osi-schema.json, spec.md) and of
validation/validate.py beside it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
import sqlglot

from cxmetrics.definitions.metric import MetricMeta
from cxmetrics.definitions.project import Project
from cxmetrics.engines.sql import Sql, joined, sql
from cxmetrics.site.interchange import interchange
from cxmetrics.site.pages import Catalogue
from cxmetrics.site.prose import DocTexts, Prose
from support.copied_project import SmallProject
from support.seed_files import journey_stages
from support.workplace import ROOT

if TYPE_CHECKING:
    from support.workplace import Workplace

# Object -> its required and its optional keys. No other key is allowed anywhere.
KEYS = {
    "document": ({"version", "semantic_model"}, {"dialects", "vendors"}),
    "model": ({"name", "datasets"}, {"description", "ai_context", "relationships", "metrics", "custom_extensions"}),
    "dataset": (
        {"name", "source"},
        {"primary_key", "unique_keys", "description", "ai_context", "fields", "custom_extensions"},
    ),
    "field": ({"name", "expression"}, {"dimension", "label", "description", "ai_context", "custom_extensions"}),
    "relationship": ({"name", "from", "to", "from_columns", "to_columns"}, {"ai_context", "custom_extensions"}),
    "metric": ({"name", "expression"}, {"description", "ai_context", "custom_extensions"}),
    "extension": ({"vendor_name", "data"}, set()),
}
VENDORS = {"COMMON", "SNOWFLAKE", "SALESFORCE", "DBT", "DATABRICKS", "GOODDATA"}


def _catalogue(project: Project) -> Catalogue:
    texts = DocTexts((project.root / "metrics", project.root / "models"))
    return Catalogue(project, project.metrics(), texts, Prose(lambda name: None))


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return json.loads(json.dumps(interchange(_catalogue(Project(ROOT)))))


@pytest.fixture(scope="module")
def model(document: dict[str, Any]) -> dict[str, Any]:
    (model,) = document["semantic_model"]
    return model


def _objects(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "document", document
    for model in document["semantic_model"]:
        yield "model", model
        for dataset in model["datasets"]:
            yield "dataset", dataset
            yield from (("field", field) for field in dataset["fields"])
        yield from (("relationship", relationship) for relationship in model["relationships"])
        yield from (("metric", metric) for metric in model["metrics"])
        for part in (model, *model["metrics"]):
            yield from (("extension", extension) for extension in part["custom_extensions"])


def test_every_object_has_the_keys_of_the_format(document: dict[str, Any]) -> None:
    assert document["version"] == "0.1.1" and document["dialects"] == ["ANSI_SQL"]
    kinds = set()
    for kind, found in _objects(document):
        required, optional = KEYS[kind]
        assert required <= set(found) <= required | optional, f"{kind} {found.get('name')}"
        kinds.add(kind)
    assert kinds == set(KEYS)


def test_names_are_unique_where_the_format_wants_it(model: dict[str, Any]) -> None:
    lists = [model["datasets"], model["relationships"], model["metrics"], *(d["fields"] for d in model["datasets"])]
    for named in lists:
        names = [one["name"] for one in named]
        assert len(names) == len(set(names))


def test_a_relationship_leads_to_the_primary_key_of_its_one_side(model: dict[str, Any]) -> None:
    datasets = {dataset["name"]: dataset for dataset in model["datasets"]}
    assert len(model["relationships"]) > 15
    for one in model["relationships"]:
        assert one["to_columns"] == datasets[one["to"]]["primary_key"], one["name"]
        fields = {field["name"] for field in datasets[one["from"]]["fields"]}
        assert len(one["from_columns"]) == 1 and set(one["from_columns"]) <= fields, one["name"]


def test_every_expression_is_sql_over_fields_of_the_datasets(model: dict[str, Any]) -> None:
    fields = {dataset["name"]: {field["name"] for field in dataset["fields"]} for dataset in model["datasets"]}
    for metric in model["metrics"]:
        columns = list(sqlglot.parse_one(_sql(metric)).find_all(sqlglot.exp.Column))
        assert columns, metric["name"]
        assert [str(column) for column in columns if column.name not in fields.get(column.table, ())] == []


def test_everything_that_dbt_drops_stands_in_the_extension(document: dict[str, Any], model: dict[str, Any]) -> None:
    metrics = Project(ROOT).metrics()
    cannot = [
        name
        for name, metric in metrics.items()
        if metric.is_survival or metric.meta.only_by or "all" not in metric.meta.grains
    ]
    assert {"resolution_time", "annual_customer_churn_rate", "stage_conversion_rate"} <= {*cannot}
    assert _kept(model)["left_out"] == sorted(cannot)
    assert sorted(metric["name"] for metric in model["metrics"]) == sorted({*metrics} - {*cannot})
    for told in model["metrics"]:
        metric, kept = metrics[told["name"]], _kept(told)
        assert MetricMeta.model_validate(kept["meta"], strict=False) == metric.meta
        assert (kept["label"], kept["domain"], kept["group"]) == (metric.label, metric.domain, metric.group)
        assert [block["name"] for block in kept["blocks"]] == metric.told_blocks
        assert all(name in told["ai_context"]["instructions"] for name in metric.meta.not_a_proxy_for)
    assert {one["vendor_name"] for kind, one in _objects(document) if kind == "extension"} <= VENDORS
    assert [stage["name"] for stage in _kept(model)["stages"]] == journey_stages()


def test_what_dbt_reads_of_it_has_every_metric_and_dataset(document: dict[str, Any], model: dict[str, Any]) -> None:
    from metricflow.converters.models import OSIDocument
    from metricflow.converters.osi_to_msi import OSIToMSIConverter

    read = OSIDocument.parse_raw(json.dumps(document))
    assert json.loads(read.to_osi_json()) == document
    converted = OSIToMSIConverter().convert(read)
    assert converted.issues == []
    assert {metric["name"] for metric in model["metrics"]} <= {metric.name for metric in converted.output.metrics}
    assert len(converted.output.semantic_models) == len(model["datasets"])


def test_every_expression_gives_the_published_number(demo: Workplace, model: dict[str, Any]) -> None:
    sources = {dataset["name"]: dataset["source"] for dataset in model["datasets"]}
    with duckdb.connect(str(demo.published), read_only=True) as connection:
        published = dict(
            connection.execute(
                "select metric, value from metrics.metric_values where grain = 'all' and dimension = 'all'"
            ).fetchall()
        )  # fmt: skip
        for metric in model["metrics"]:
            tables = {sources[name] for name in re.findall(r"\b(\w+)\.\w+", _sql(metric)) if name in sources}
            query = sql("select {value} from {tables}", value=Sql(_sql(metric)), tables=joined(map(Sql, tables)))
            (value,) = connection.execute(query).fetchone()
            told = published[metric["name"]]
            assert value == (told if told is None else pytest.approx(told, rel=1e-9)), metric["name"]
    assert len([metric for metric in model["metrics"] if published[metric["name"]] is not None]) > 40


@pytest.mark.parametrize(
    "change",
    [
        ("denominator: tickets_solved\n", "denominator: {name: tickets_solved, filter: \"status = 'open'\"}\n"),
        ("    denominator: tickets_solved\n", "    denominator: tickets_solved\n    filter: \"status = 'open'\"\n"),
    ],
)
def test_a_metric_the_format_cannot_say_is_left_out_by_name(small: SmallProject, change: tuple[str, str]) -> None:
    before = _only_model(small.project)
    assert "reopen_rate" in {metric["name"] for metric in before["metrics"]} and _kept(before)["left_out"] == []
    small.replace("metrics/service/reopen_rate.yml", *change)
    after = _only_model(small.project)
    assert "reopen_rate" not in {metric["name"] for metric in after["metrics"]}
    assert _kept(after)["left_out"] == ["reopen_rate"]


def test_a_name_in_a_text_constant_is_no_column(small: SmallProject) -> None:
    fact = "models/marts/service/fct_tickets.yml"
    small.replace(fact, "expr: is_reopened and", "expr: channel = 'channel' and x.channel and")
    (metric,) = (one for one in _only_model(small.project)["metrics"] if one["name"] == "reopen_rate")
    assert "WHEN fct_tickets.channel = 'channel' and x.channel and fct_tickets.first" in _sql(metric)


def _only_model(project: Project) -> dict[str, Any]:
    return interchange(_catalogue(project))["semantic_model"][0]


def _sql(metric: dict[str, Any]) -> str:
    (written,) = metric["expression"]["dialects"]
    return written["expression"]


def _kept(part: dict[str, Any]) -> dict[str, Any]:
    (extension,) = part["custom_extensions"]
    return json.loads(extension["data"])["cxmetrics"]

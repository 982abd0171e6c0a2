from cxmetrics.definitions.project import Project
from cxmetrics.engines.interface import PUBLISHED_SCHEMAS
from cxmetrics.published.schema import (
    BUILD_AS_OF,
    CHURNED_CUSTOMERS,
    CONTACT_OWNERSHIP,
    DAYS,
    DUAL_LENS,
    EXPERIENCE_AUDIT,
    EXPERIMENT_ASSIGNMENTS,
    STATUSES,
    TARGET_STATUSES,
    WRITTEN_TABLES,
    published_metrics,
)
from support.copied_project import SmallProject


def test_what_python_writes_lies_in_a_published_schema_and_every_column_is_described():
    for table in WRITTEN_TABLES:
        assert table.name.split(".")[0] in PUBLISHED_SCHEMAS
        assert table.description
        assert all(column.description and column.data_type for column in table.columns.values())


def test_tables_that_are_read_by_name_are_models_of_their_schema(cx_project: Project):
    tables = {f"{model.schema}.{name}" for name, model in cx_project.models().items()}
    read = (
        BUILD_AS_OF,
        CONTACT_OWNERSHIP,
        DAYS,
        CHURNED_CUSTOMERS,
        DUAL_LENS,
        EXPERIENCE_AUDIT,
        EXPERIMENT_ASSIGNMENTS,
    )
    assert set(read) <= tables


def test_the_description_of_a_status_names_every_one():
    values = WRITTEN_TABLES[0].columns
    assert all(status in values["status"].description for status in STATUSES)
    assert all(status in values["target_status"].description for status in TARGET_STATUSES)


def test_drafts_are_not_published(small: SmallProject):
    everything = set(small.project.metrics())
    assert {metric.name for metric in published_metrics(small.project)} == everything
    file = "metrics/service/reopen_rate.yml"
    text = (small.root / file).read_text(encoding="utf-8")
    draft = text.replace("lifecycle: {state: active}", "lifecycle: {state: draft}")
    if draft == text:
        draft = text.rstrip("\n") + "\n          lifecycle: {state: draft}\n"
    small.write(file, draft)
    assert {metric.name for metric in published_metrics(small.project)} == everything - {"reopen_rate"}

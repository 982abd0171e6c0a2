"""Publication: the marts and metric values of a build become what people read. How is the engine's affair."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxmetrics.engines import PUBLISHED_SCHEMAS, Publication
from cxmetrics.values import BUILD_INFO, BUILD_INFO_COLUMNS, COLUMNS, TABLE

if TYPE_CHECKING:
    from cxmetrics.engines import Engine
    from cxmetrics.project import Project

TABLE_COMMENTS = {
    TABLE: "One row per metric, grain, period and slice value, with sample size, interval, status and target.",
    BUILD_INFO: "One row: what the published numbers rest on.",
}


def publish(project: Project, engine: Engine) -> list[str]:
    """Replace what is published by the published schemas of the build; what people should know of it, in sentences.

    Raises BuildFailed when it cannot be done or the copy differs from the build; what was published before is
    untouched then.
    """
    return engine.publish(Publication(PUBLISHED_SCHEMAS, TABLE, _comments(project)))


def _comments(project: Project) -> dict[str, dict[str, str]]:
    """Descriptions by ``schema.table`` and column, from the models' .yml and of what Python writes."""
    comments = {
        f"{model.schema}.{model.name}": {
            "": " ".join(model.description.split()),
            **{column.name: column.description for column in model.columns},
        }
        for model in project.models().values()
    }
    comments[TABLE] = {"": TABLE_COMMENTS[TABLE], **COLUMNS}
    comments[BUILD_INFO] = {"": TABLE_COMMENTS[BUILD_INFO], **BUILD_INFO_COLUMNS}
    return {table: {name: text for name, text in columns.items() if text} for table, columns in comments.items()}

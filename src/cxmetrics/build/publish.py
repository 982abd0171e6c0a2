"""Publication: the marts and metric values of a build become what people read. How is the engine's affair.

What a build lost is found here, before anything is copied: a metric that had data must not silently become "no data".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cxmetrics.engines.interface import PUBLISHED_SCHEMAS, Publication
from cxmetrics.engines.sql import Sql, sql
from cxmetrics.errors import BuildFailed, CxError, NothingPublished
from cxmetrics.published.build_info import BuildInfo, read_build_info
from cxmetrics.published.coverage import ended_sentences, read_ended
from cxmetrics.published.schedules import late_holidays, schedules_of
from cxmetrics.published.schema import (
    BUILD_INFO,
    BUSINESS_SCHEDULES,
    METRIC_VALUES,
    SOURCE_COVERAGE,
    WRITTEN_TABLES,
    published_metrics,
)

if TYPE_CHECKING:
    from cxmetrics.definitions.project import Project
    from cxmetrics.engines.interface import Connection, Engine, History, Published

NAMES_SHOWN = 12


@dataclass(frozen=True)
class Contents:
    """What a build holds: whether each metric has data in any row, and what the numbers rest on."""

    has_data: dict[str, bool]
    info: BuildInfo


def publish(project: Project, engine: Engine, *, allow_missing: bool = False) -> list[str]:
    """Replace what is published by the published schemas of the build; what people should know of it, in sentences.

    Raises BuildFailed when a metric of the project has no row, when metrics that had data have none now (unless
    ``allow_missing``), and when it cannot be done or the copy differs from the build. What was published before is
    untouched then.
    """
    notes = _require_nothing_lost(project, engine, allow_missing) + _late_holidays(engine)
    return notes + engine.publish(publication(project))


def coverage_notes(project: Project, engine: Engine) -> list[str]:
    """Which tables of the sources have ended, and what that means."""
    with engine.building() as connection:
        ended = read_ended(connection, _relation(engine, engine.build_prefix, SOURCE_COVERAGE))
    return ended_sentences(ended, published_metrics(project))


def publication(project: Project) -> Publication:
    """What is published of a build: every model of the published schemas, metric values and what they rest on."""
    marts = [model for model in project.models().values() if model.schema in PUBLISHED_SCHEMAS]
    written = (table.name for table in WRITTEN_TABLES)
    tables = frozenset([*written, *(f"{mart.schema}.{mart.name}" for mart in marts)])
    return Publication(PUBLISHED_SCHEMAS, tables, METRIC_VALUES.name, _comments(project))


def publications(engine: Engine) -> list[Published]:
    """What is published and what was before, the latest first. Raises CxError where nothing is kept."""
    return _history(engine).publications()


def roll_back(engine: Engine, name: str | None = None) -> tuple[Published, Published | None]:
    """Publish the publication before the current one again, or the one called ``name``; with what was current.

    Raises CxError when there is none, where nothing is kept, and when a build is at work.
    """
    return _history(engine).roll_back(name)


def _history(engine: Engine) -> History:
    if engine.history is None:
        raise CxError(
            f"earlier publications are kept on DuckDB only; on {engine.name} a new one replaces the one before",
            next_step=f"build from the inputs of then: cx build --target {engine.target}",
        )
    return engine.history


def _require_nothing_lost(project: Project, engine: Engine, allow_missing: bool) -> list[str]:
    built = _built(engine)
    if not built.has_data:
        raise _refusal(f"{METRIC_VALUES.name} has no row", "cx build")
    absent = [metric.name for metric in published_metrics(project) if metric.name not in built.has_data]
    if absent:
        raise _refusal(f"there is no row of {_listed(absent)} in {METRIC_VALUES.name}", "cx build")
    try:
        before = _published(engine)
    except NothingPublished:
        return []
    except CxError as error:
        return [_unread(error)]
    except engine.failure as error:
        return [_unread(error)]
    lost = [name for name, had in before.has_data.items() if had and built.has_data.get(name) is False]
    if not lost:
        return []
    sentence = f"metrics that had data before have none now: {_listed(lost)}"
    excuse = "as --allow-missing says" if allow_missing else _excuse(before, built)
    if excuse is None:
        # Data call themselves synthetic, and so excuse nothing.
        step = "look for what is missing with cx inputs"
        if before.info.is_synthetic and not built.info.is_synthetic:
            step = "what is published is synthetic data, which had more than yours"
        raise _refusal(sentence, f"{step}; cx build --allow-missing publishes all the same")
    return [f"{sentence}; published {excuse}"]


def _late_holidays(engine: Engine) -> list[str]:
    try:
        with engine.building() as connection:
            return late_holidays(schedules_of(connection, _relation(engine, engine.build_prefix, BUSINESS_SCHEDULES)))
    except engine.failure:
        # The publication names every table that is missing.
        return []


def _unread(error: Exception) -> str:
    reason = str(error).splitlines()[0]
    return f"what was published before cannot be read, so nothing was compared with it: {reason}"


def _excuse(before: Contents, built: Contents) -> str | None:
    """Why a metric may have lost its data; None when nothing explains it."""
    removed = [source for source in before.info.sources if source not in built.info.sources]
    if removed:
        return f"because the build no longer reads {', '.join(removed)}"
    return None


def _built(engine: Engine) -> Contents:
    try:
        with engine.building() as connection:
            return _contents(engine, connection, engine.build_prefix)
    except engine.failure as error:
        reason = str(error).splitlines()[0]
        raise _refusal(
            f"{METRIC_VALUES.name} is missing from the build or cannot be read: {reason}", "cx build"
        ) from error


def _published(engine: Engine) -> Contents:
    with engine.published() as connection:
        return _contents(engine, connection, "")


def _contents(engine: Engine, connection: Connection, prefix: str) -> Contents:
    values, info = (_relation(engine, prefix, table.name) for table in (METRIC_VALUES, BUILD_INFO))
    query = sql(
        "select metric, max(case when status not in ('no_data', 'not_pooled') then 1 else 0 end) from {values}"
        " group by metric order by 1",
        values=values,
    )
    has_data = connection.execute(query).fetchall()
    return Contents({name: bool(has) for name, has in has_data}, read_build_info(connection, info))


def _relation(engine: Engine, prefix: str, table: str) -> Sql:
    schema, name = table.split(".")
    return engine.relation(prefix + schema, name)


def _listed(names: Sequence[str]) -> str:
    more = [f"and {len(names) - NAMES_SHOWN} more"] if len(names) > NAMES_SHOWN else []
    return ", ".join([*names[:NAMES_SHOWN], *more])


def _refusal(problem: str, next_step: str) -> BuildFailed:
    return BuildFailed(
        f"the build was not published: {problem}", next_step=f"{next_step}; what was published before is untouched"
    )


def _comments(project: Project) -> dict[str, dict[str, str]]:
    """Descriptions by ``schema.table`` and column, from the models' .yml and of what Python writes."""
    comments = {
        f"{model.schema}.{model.name}": {
            "": " ".join(model.description.split()),
            **{column.name: column.description for column in model.columns},
        }
        for model in project.models().values()
    }
    for table in WRITTEN_TABLES:
        columns = {name: column.description for name, column in table.columns.items()}
        comments[table.name] = {"": table.description, **columns}
    return {table: {name: text for name, text in texts.items() if text} for table, texts in comments.items()}

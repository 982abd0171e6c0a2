"""``cx query``: values of metrics by period and dimension, with interval and n."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cxmetrics.commands import values
from cxmetrics.commands.target import Target
from cxmetrics.errors import BuildFailed, CxError, known
from cxmetrics.terminal import complain, say

if TYPE_CHECKING:
    from cxmetrics.definitions.metric import Metric
    from cxmetrics.definitions.project import Project
    from cxmetrics.engines.interface import Engine
    from cxmetrics.measure.question import Question
    from cxmetrics.published.build_info import BuildInfo
    from cxmetrics.published.schedules import Schedule


def query(
    metrics: Annotated[
        list[str],
        typer.Argument(metavar="METRIC", help="Names of published metrics.", autocompletion=values.metric_names),
    ],
    by: Annotated[list[str] | None, typer.Option(help="A dimension such as channel; repeatable.")] = None,
    grain: Annotated[
        str,
        typer.Option(
            help="The length of a period: day, week, month, quarter, year or all.", autocompletion=values.grains
        ),
    ] = "all",
    where: Annotated[
        list[str] | None,
        typer.Option(help="Only these rows: \"channel = 'email' and priority in ('high')\"; repeatable."),
    ] = None,
    since: Annotated[str | None, typer.Option(help="First day, YYYY-MM-DD; widened to whole periods.")] = None,
    until: Annotated[str | None, typer.Option(help="Last day, YYYY-MM-DD; widened to whole periods.")] = None,
    experiment: Annotated[str | None, typer.Option(help="Compare the variants of this experiment.")] = None,
    baseline: Annotated[str | None, typer.Option(help="The variant others are compared with.")] = None,
    format: Annotated[
        str,
        typer.Option(
            "--format", help="What to write: table, csv, json or parquet.", autocompletion=values.query_formats
        ),
    ] = "table",
    out: Annotated[Path | None, typer.Option(help="File to write instead of standard output.")] = None,
    target: Target = None,
    json: Annotated[bool, typer.Option("--json", help="Short for --format json.")] = False,
) -> None:
    """Ask for values of any metric by any dimension it reaches, from what was published last."""
    from cxmetrics.definitions.metric import GRAINS
    from cxmetrics.definitions.project import Project
    from cxmetrics.engines.registry import engine_for
    from cxmetrics.measure.question import Question
    from cxmetrics.reports.query import QUERY_FORMATS

    chosen = "json" if json else format
    _one_of("this is not a format", chosen, QUERY_FORMATS)
    _one_of("this is not a grain", grain, GRAINS)
    if chosen == "parquet" and out is None:
        raise CxError("a Parquet file needs a name", next_step="--out FILE")
    _check_experiment(experiment, baseline, by, grain, chosen)
    project = Project.find()
    asked = _metrics(project, metrics)
    question = Question(
        grain=None if grain == "all" else grain,
        by=tuple(dict.fromkeys(name.strip() for names in by or [] for name in names.split(","))),
        where=tuple(where or []),
        since=_day(since),
        until=_day(until),
    )
    engine = engine_for(project, target)
    if experiment is None:
        _answer(project, engine, asked, question, chosen, out)
    else:
        _compare(project, engine, asked, question, (experiment, baseline), chosen, out)


def _check_experiment(
    experiment: str | None, baseline: str | None, by: Sequence[str] | None, grain: str, chosen: str
) -> None:
    if experiment is None:
        if baseline is not None:
            raise CxError("a baseline is a variant of an experiment", next_step="--experiment NAME")
    elif by or grain != "all":
        what = "an experiment is compared over all the time after the assignment, by variant only"
        raise CxError(what, got="--by" if by else f"--grain {grain}", next_step="--where \"segment = '...'\"")
    elif chosen == "parquet":
        raise CxError("the answer to an experiment is no Parquet file", got=chosen, allowed=("table", "csv", "json"))


def _compare(
    project: Project,
    engine: Engine,
    metrics: list[Metric],
    question: Question,
    asked: tuple[str, str | None],
    chosen: str,
    out: Path | None,
) -> None:
    from cxmetrics.measure.compiler import Semantics
    from cxmetrics.measure.small_cells import persons
    from cxmetrics.published.build_info import read_build_info
    from cxmetrics.reports.experiment import rows, table_text
    from cxmetrics.reports.query import as_text

    experiment, baseline = asked
    with engine.published() as connection:
        semantics = Semantics.load(project.semantic_manifest_path, engine.dialect, engine.relation, project.calendar)
        try:
            info = read_build_info(connection)
            if persons(semantics, [name for metric in metrics for name in metric.asked], question):
                what = "an experiment is compared between groups: no filter can name one person or thing of theirs"
                raise CxError(what, got=" and ".join(question.where), next_step="--where \"segment = '...'\"")
            found = rows(connection, semantics, metrics, project.blocks(), question, experiment, baseline, engine)
        except engine.failure as error:
            if question.where:
                raise _unusable(question, error) from error
            what = f"the experiment cannot be compared: {str(error).splitlines()[0]}"
            raise CxError(what, got=experiment, next_step="cx build") from error
    if chosen == "table":
        text: str = table_text(found, metrics, info, experiment)
    else:
        text = as_text(chosen, list(found[0]), [tuple(row.values()) for row in found], metrics, info)
    _write(project, text, out)
    _warn(chosen, info)


def _answer(
    project: Project, engine: Engine, metrics: list[Metric], question: Question, chosen: str, out: Path | None
) -> None:
    from cxmetrics.measure.answers import answer_sql
    from cxmetrics.measure.broken_columns import explained
    from cxmetrics.measure.compiler import Semantics
    from cxmetrics.published.build_info import read_build_info
    from cxmetrics.reports.query import as_text

    writes = _writable(project, out) if chosen == "parquet" else None
    with engine.published(writes) as connection:
        semantics = Semantics.load(project.semantic_manifest_path, engine.dialect, engine.relation, project.calendar)
        sql = answer_sql(semantics, metrics, question, project.people, engine)
        try:
            info = read_build_info(connection)
            if writes is not None:
                engine.write_parquet(connection, sql, writes)
                text = ""
            else:
                answer = connection.execute(sql)
                columns = [column[0] for column in answer.description or ()]
                text = as_text(chosen, columns, answer.fetchall(), metrics, info, _schedules(project, engine, metrics))
        except engine.failure as error:
            found = explained(project, engine, semantics, metrics, connection, error)
            if question.where and isinstance(found, BuildFailed):
                found = _unusable(question, error)
            raise found from error
    _write(project, text, out)
    _warn(chosen, info)


def _schedules(project: Project, engine: Engine, metrics: list[Metric]) -> list[Schedule]:
    """Those that the minutes of the metrics are counted on; none for metrics in another unit."""
    from cxmetrics.published.schedules import counts_business_time, read_schedules

    blocks = project.blocks()
    return read_schedules(engine) if any(counts_business_time(metric, blocks) for metric in metrics) else []


def _warn(chosen: str, info: BuildInfo) -> None:
    """Formats that hold rows and nothing else cannot say that nobody in them exists."""
    from cxmetrics.reports.printing import SYNTHETIC

    if info.is_synthetic and chosen in ("csv", "parquet"):
        complain(f"{SYNTHETIC}\n")


def _unusable(question: Question, error: Exception) -> CxError:
    """What the database says of a filter is left out but for its kind: it may hold the value of a row."""
    return CxError(
        f"the database cannot answer with this filter ({type(error).__name__})",
        got=" and ".join(question.where),
        next_step="put texts in single quotes; numbers, true and false have none",
    )


def _write(project: Project, text: str, out: Path | None) -> None:
    if out is None:
        say(text)
    elif text:
        file = _writable(project, out)
        try:
            file.write_text(text, encoding="utf-8")
        except OSError as error:
            raise CxError(f"the file cannot be written: {error.strerror}", file=file) from error


def _writable(project: Project, asked: Path | None) -> Path:
    out = known(asked)
    if out.resolve().is_relative_to(project.warehouse.resolve()):
        raise CxError("an answer is not written into the warehouse", got=out, next_step="--out FILE elsewhere")
    if not out.parent.is_dir() or out.is_dir():
        raise CxError("the file cannot be written: its folder does not exist or it is a folder", got=out)
    return out


def _one_of(problem: str, got: str, allowed: Sequence[str]) -> None:
    if got not in allowed:
        raise CxError(problem, got=got, allowed=allowed)


def _metrics(project: Project, names: Sequence[str]) -> list[Metric]:
    published = project.metrics()
    for name in names:
        _one_of("there is no such metric", name, list(published))
    return [published[name] for name in dict.fromkeys(names)]


def _day(text: str | None) -> datetime.date | None:
    try:
        return None if text is None else datetime.date.fromisoformat(text)
    except ValueError as error:
        raise CxError("this is not a day", got=text, allowed=["YYYY-MM-DD"]) from error

"""``cx query``: values of metrics by period and slice, with interval and n."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cxmetrics.commands.target import Target
from cxmetrics.errors import BuildFailed, CxError

if TYPE_CHECKING:
    from cxmetrics.definitions.metric import Metric
    from cxmetrics.definitions.project import Project
    from cxmetrics.engines.interface import Engine
    from cxmetrics.measure.measures import Question
    from cxmetrics.reports.query import BuildInfo

FORMATS = ("table", "csv", "json", "parquet")
INVENTED = "invented demo data"


def query(
    metrics: Annotated[list[str], typer.Argument(metavar="METRIC...", help="Names of published metrics.")],
    by: Annotated[list[str] | None, typer.Option(help="A slice such as channel; repeatable.")] = None,
    grain: Annotated[str, typer.Option(help="day, week, month, quarter, year or all.")] = "all",
    where: Annotated[
        list[str] | None, typer.Option(help="\"channel = 'email' and priority in ('high')\"; repeatable.")
    ] = None,
    since: Annotated[str | None, typer.Option(help="First day, YYYY-MM-DD; widened to whole periods.")] = None,
    until: Annotated[str | None, typer.Option(help="Last day, YYYY-MM-DD; widened to whole periods.")] = None,
    experiment: Annotated[str | None, typer.Option(help="Compare the variants of this experiment.")] = None,
    baseline: Annotated[str | None, typer.Option(help="The variant others are compared with.")] = None,
    format: Annotated[str, typer.Option("--format", help=f"{', '.join(FORMATS)}.")] = "table",
    out: Annotated[Path | None, typer.Option(help="File to write instead of standard output.")] = None,
    target: Target = None,
    json: Annotated[bool, typer.Option("--json", help="Short for --format json.")] = False,
) -> None:
    """Ask for values of any metric by any slice it reaches, from what was published last."""
    from cxmetrics.definitions.metric import GRAINS
    from cxmetrics.definitions.project import Project
    from cxmetrics.engines.registry import engine_for
    from cxmetrics.measure.measures import Question

    chosen = "json" if json else format
    _one_of("this is not a format", chosen, FORMATS)
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
    from cxmetrics.reports.experiment_report import rows, table
    from cxmetrics.reports.query import build_info

    experiment, baseline = asked
    with engine.published() as connection:
        semantics = Semantics.load(project.semantic_manifest_path, engine.dialect, engine.relation)
        try:
            info = build_info(connection)
            found = rows(
                connection, semantics, metrics, project.blocks(), question, experiment, baseline, engine.double
            )
        except engine.failure as error:
            what = f"the experiment cannot be compared: {str(error).splitlines()[0]}"
            raise CxError(what, got=" and ".join(question.where) or experiment, next_step="cx build") from error
    columns, values = list(found[0]), [tuple(row.values()) for row in found]
    is_table = chosen == "table"
    _write(table(found, metrics, info, experiment) if is_table else _text(chosen, columns, values, metrics, info), out)
    if info.is_invented and chosen == "csv":
        sys.stderr.write(f"{INVENTED}\n")


def _answer(
    project: Project, engine: Engine, metrics: list[Metric], question: Question, chosen: str, out: Path | None
) -> None:
    from cxmetrics.measure.broken_columns import explained
    from cxmetrics.measure.compiler import Semantics
    from cxmetrics.reports.query import answer_sql, build_info

    with engine.published() as connection:
        semantics = Semantics.load(project.semantic_manifest_path, engine.dialect, engine.relation)
        sql = answer_sql(semantics, metrics, question, engine)
        try:
            info = build_info(connection)
            if chosen == "parquet":
                engine.write_parquet(connection, sql, _writable(out))
                text = ""
            else:
                answer = connection.execute(sql)
                columns = [column[0] for column in answer.description]
                text = _text(chosen, columns, answer.fetchall(), metrics, info)
        except engine.failure as error:
            found = explained(project, engine, semantics, metrics, connection, error)
            if question.where and isinstance(found, BuildFailed):
                what = f"the filter cannot be used: {str(error).splitlines()[0]}"
                found = CxError(what, got=" and ".join(question.where))
            raise found from error
    _write(text, out)
    if info.is_invented and chosen in ("csv", "parquet"):
        sys.stderr.write(f"{INVENTED}\n")


def _write(text: str, out: Path | None) -> None:
    if out is None:
        sys.stdout.write(text)
    elif text:
        _writable(out).write_text(text, encoding="utf-8")


def _writable(out: Path | None) -> Path:
    assert out is not None
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


def _text(chosen: str, columns: list[str], rows: list[tuple[Any, ...]], metrics: list[Metric], info: BuildInfo) -> str:
    if chosen == "csv":
        return _csv(columns, rows)
    if chosen == "json":
        return _json(columns, rows, info)
    return _table(columns, rows, metrics, info)


def _csv(columns: list[str], rows: list[tuple[Any, ...]]) -> str:
    import csv
    import io

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue()


def _json(columns: list[str], rows: list[tuple[Any, ...]], info: BuildInfo) -> str:
    import json

    records = [dict(zip(columns, row, strict=True)) for row in rows]
    return json.dumps({**info.as_dict(), "rows": records}, indent=2, default=str) + "\n"


def _table(columns: list[str], rows: list[tuple[Any, ...]], metrics: list[Metric], info: BuildInfo) -> str:
    """Rounded by unit, for people; the metric's column is left out when there is only one."""
    from cxmetrics.measure.response import LEGEND
    from cxmetrics.reports.printing import rendered, table

    labels = {metric.name: metric.label for metric in metrics}
    keys = columns[1 : columns.index("value")]
    cells: list[dict[str, Any]] = [dict(zip(columns, row, strict=True)) for row in rows]
    asked = ["response"] if any(cell["response_rate"] is not None for cell in cells) else []
    named = ["metric"] if len(metrics) > 1 else []
    shown = table([*named, *keys], ["value", "95 % interval", "n", *asked], ["status"])
    for cell in cells:
        name = [labels[cell["metric"]]] if named else []
        shown.add_row(*name, *(str(cell[key]) for key in keys), *_numbers(cell, bool(asked)), _words(cell["status"]))
    title = f"{metrics[0].label}\n" if len(metrics) == 1 else ""
    legend = f"{LEGEND}\n" if any(cell["low_response"] for cell in cells) else ""
    invented = f", {INVENTED}" if info.is_invented else ""
    return f"{title}{rendered(shown)}{legend}as of {info.as_of:%Y-%m-%d %H:%M} UTC{invented}\n"


def _numbers(cell: dict[str, Any], with_response: bool) -> list[str]:
    """Value, interval, n and response of a row, rounded; a value of few of those asked is marked."""
    from cxmetrics.definitions.units import format_interval, format_value
    from cxmetrics.measure.response import LOW_MARK

    nothing = "not shown" if cell["status"] == "suppressed" else "no data"
    value = nothing if cell["value"] is None else format_value(cell["value"], cell["unit"])
    mark = f" {LOW_MARK}" if cell["low_response"] else ""
    response = [format_value(cell["response_rate"], "share")] if with_response else []
    return [
        f"{value}{mark}",
        format_interval(cell["ci_low"], cell["ci_high"], cell["unit"]),
        f"{cell['n']:,}",
        *response,
    ]


def _words(status: str) -> str:
    return status.replace("_", " ")

"""Builds the site beside the one that is there and swaps it into place."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from cxmetrics.definitions import units
from cxmetrics.definitions.claims import read_claims
from cxmetrics.definitions.periods import day_name, period_name
from cxmetrics.definitions.words import DOMAIN_LABELS, humanized, sentence
from cxmetrics.errors import CxError
from cxmetrics.published.figures import read_figures
from cxmetrics.published.schedules import read_schedules
from cxmetrics.published.schema import WRITTEN_TABLES, without_value
from cxmetrics.published.tables import read_tables
from cxmetrics.site import content_policy, dbt_docs, reference, wording
from cxmetrics.site.compiled_sql import compiled_sql
from cxmetrics.site.interchange import write_interchange
from cxmetrics.site.lineage import Lineage
from cxmetrics.site.metrics_json import write_metrics_json
from cxmetrics.site.overview import Overview
from cxmetrics.site.pages import Catalogue
from cxmetrics.site.prose import DocTexts, Prose

if TYPE_CHECKING:
    from cxmetrics.definitions.project import Project
    from cxmetrics.engines.interface import Engine
    from cxmetrics.progress import Report

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Site:
    """A site that was built: where it lies and how many pages it has."""

    folder: Path
    pages: int
    metrics: int

    @property
    def home(self) -> Path:
        return self.folder / "index.html"


def build_site(project: Project, engine: Engine, report: Report = lambda step, done, total: None) -> Site:
    """Write the site to ``project.site``; ``report`` is told of each metric that is compiled and each page.

    Equal inputs give equal bytes. Raises CxError when nothing has been published, when a definition cannot be read or
    when the folder cannot be written; the site that was there before is then untouched.
    """
    metrics = project.metrics()
    claims = read_claims(project)
    for problem in claims.problems:
        raise problem
    build, figures = read_figures(engine, metrics.values())
    texts = DocTexts((project.root / "metrics", project.root / "models"))
    prose = Prose(lambda name: f"{name}.html" if name in metrics else None)
    tables = read_tables(project, engine)
    sql = compiled_sql(project, engine, metrics, report)
    catalogue = Catalogue(project, metrics, texts, prose, Lineage(project), sql, read_schedules(engine), claims.claims)
    stages = catalogue.stages()
    tiles = [catalogue.tile(metric, figures[metric.name], stages) for metric in metrics.values()]
    environment = _environment(
        str(project.vars.get("currency") or ""),
        build=build,
        metrics=metrics,
        stages=stages,
        owner=catalogue.owner,
        has_dbt_docs=_dbt_docs(project).is_file(),
        has_data_docs=(project.data_docs / "index.html").is_file(),
    )
    overview = Overview(catalogue, figures, tables, tiles, stages)
    pages = len(metrics) + len(wording.PAGES)
    with _swapped_into(project.site) as folder:
        shutil.copytree(HERE / "assets", folder / "assets", copy_function=shutil.copyfile)
        (folder / "metrics").mkdir()
        for done, name in enumerate(wording.PAGES, start=1):
            _write(environment, name, folder / name, root="", page_name=name, site=overview)
            report("writing pages", done, pages)
        for done, metric in enumerate(metrics.values(), start=len(wording.PAGES) + 1):
            page = catalogue.page(metric, figures[metric.name])
            file = folder / "metrics" / f"{metric.name}.html"
            _write(environment, "metric.html", file, root="../", page_name=None, page=page)
            report("writing pages", done, pages)
        if _dbt_docs(project).is_file():
            (folder / "dbt").mkdir()
            lineage = dbt_docs.safe_page(_dbt_docs(project))
            (folder / "dbt" / "index.html").write_text(lineage, encoding="utf-8", newline="\n")
        write_metrics_json(folder, build, catalogue, figures)
        write_interchange(folder, catalogue)
    return Site(project.site, pages, len(metrics))


def _dbt_docs(project: Project) -> Path:
    """What ``dbt docs generate --static`` writes: one page with the lineage of every model and its columns."""
    return project.target / "static_index.html"


def _environment(currency: str, **shared: Any) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals.update(
        shared,
        words=wording,
        reference=reference,
        domain_labels=DOMAIN_LABELS,
        period_name=period_name,
        written_tables=WRITTEN_TABLES,
        policy=content_policy.OF_PAGES,
    )
    environment.filters.update(
        day=day_name,
        humanized=humanized,
        without_value=without_value,
        sentence=sentence,
        breakable=wording.breakable,
        value=lambda value, unit: units.format_value(value, units.shown_unit(unit, currency)),
        interval=lambda low, high, unit: units.format_interval(low, high, units.shown_unit(unit, currency)),
        difference=lambda by, unit: units.format_difference(by, units.shown_unit(unit, currency)),
        difference_interval=lambda low, high, unit: units.format_difference_interval(
            low, high, units.shown_unit(unit, currency)
        ),
        number=lambda number: f"{number:,}",
        share=lambda share: units.NOTHING if share is None else f"{100 * share:.1f} %",
    )
    return environment


def _write(environment: Environment, template: str, file: Path, **content: Any) -> None:
    html = environment.get_template(template).render(**content)
    file.write_text(html, encoding="utf-8", newline="\n")


@contextmanager
def _swapped_into(target: Path) -> Iterator[Path]:
    """A new folder beside ``target`` that takes its place when the block ends without an error.

    A web server that serves ``target`` misses it only between two renames.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as beside:
            new, old = Path(beside) / "new", Path(beside) / "old"
            new.mkdir()
            yield new
            if target.exists():
                target.rename(old)
            new.rename(target)
    except OSError as error:
        raise CxError(f"the site cannot be written: {error.strerror or error}", file=target) from error

"""The whole site, built from the project's own definitions and a published file made for the test."""

from __future__ import annotations

import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import duckdb
import pytest

from cxmetrics.definitions.claims import read_claims
from cxmetrics.definitions.project import Project
from cxmetrics.definitions.units import format_interval, format_value
from cxmetrics.engines.registry import engine_for
from cxmetrics.errors import CxError
from cxmetrics.published.figures import read_figures, trend_grain
from cxmetrics.site.build import build_site
from cxmetrics.site.wording import PAGES
from support.copied_project import SmallProject
from support.published_numbers import FIRST_MONTH, WITHOUT_DATA, project_in, publish, value_row
from support.workplace import ROOT

HOSTILE = "<script>alert(1)</script> \"q\" 'a' & \u05e9\u05dc\u05d5\u05dd \u202eevil \U0001f600"
VOID = {"meta", "link", "input", "br", "hr", "img"}


class Page(HTMLParser):
    """What a test asks of a page: texts, ids, addresses, headings and the tags that were left open."""

    def __init__(self, file: Path):
        super().__init__(convert_charrefs=True)
        self.file = file
        self.texts: list[str] = []
        self.ids: list[str] = []
        self.addresses: list[str] = []
        self.headings: list[int] = []
        self.tags: list[str] = []
        self.open: list[str] = []
        self.feed(file.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        given = dict(attributes)
        if given.get("id"):
            self.ids.append(given["id"])
        self.addresses += [given[name] for name in ("href", "src") if given.get(name)]
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open[-1] == tag, f"{self.file.name}: </{tag}> closes <{self.open[-1:]}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project itself, with a warehouse, a published file and a site of the test's own."""
    folder = tmp_path_factory.mktemp("site")
    project = project_in(ROOT, folder)
    publish(project)
    build_site(project, engine_for(project))
    return project


@pytest.fixture(scope="module")
def pages(project: Project) -> dict[str, Page]:
    return {file.relative_to(project.site).as_posix(): Page(file) for file in sorted(project.site.rglob("*.html"))}


def test_every_published_metric_has_a_page_and_a_tile(project: Project, pages: dict[str, Page]) -> None:
    expected = {f"metrics/{name}.html" for name in project.metrics()}
    assert set(pages) == {*PAGES, *expected}
    assert expected <= set(pages["index.html"].addresses)


def test_every_internal_link_and_anchor_resolves(project: Project, pages: dict[str, Page]) -> None:
    checked = 0
    for name, page in pages.items():
        for address in page.addresses:
            parts = urlsplit(address)
            assert not parts.scheme and not parts.netloc, f"{name} leaves the site: {address}"
            file = (page.file.parent / unquote(parts.path)).resolve() if parts.path else page.file
            assert file.is_file(), f"{name}: {address}"
            if parts.fragment:
                assert parts.fragment in pages[file.relative_to(project.site).as_posix()].ids, f"{name}: {address}"
            checked += 1
    assert checked > 200


def test_nothing_is_fetched_from_elsewhere(project: Project) -> None:
    for file in (file for file in project.site.rglob("*") if file.is_file()):
        text = file.read_text(encoding="utf-8")
        # The names of SVG and of JSON Schema are addresses that nothing asks for.
        for name in ("http://www.w3.org/", "https://json-schema.org/draft/2020-12/schema"):
            text = text.replace(name, "")
        assert not re.search(r"https?://|url\(|@import", text), file.name


def test_a_page_is_well_formed_with_headings_in_order(pages: dict[str, Page]) -> None:
    for name, page in pages.items():
        assert page.open == [], name
        assert page.headings[0] == 1 and page.headings.count(1) == 1, name
        steps = zip(page.headings, page.headings[1:], strict=False)
        assert all(after <= before + 1 for before, after in steps), f"{name}: {page.headings}"
        assert len(page.ids) == len(set(page.ids)), name


def test_the_numbers_of_a_page_are_those_of_metric_values(project: Project, pages: dict[str, Page]) -> None:
    metrics = project.metrics()
    _, figures = read_figures(engine_for(project), metrics.values())
    for name, metric in metrics.items():
        text, unit = pages[f"metrics/{name}.html"].text, metric.meta.unit
        shown = [figures[name].now, figures[name].overall, *figures[name].trend]
        shown += [figure for figure in figures[name].sliced if project.people.publishes(figure.dimension)]
        for figure in (figure for figure in shown if figure is not None and figure.value is not None):
            for number in (format_value(figure.value, unit), format_interval(figure.ci_low, figure.ci_high, unit)):
                assert number in text, f"{name}: {number}"
            assert f"{figure.n:,}" in text, f"{name}: n = {figure.n}"


def test_the_tile_shows_the_latest_mature_period(project: Project, pages: dict[str, Page]) -> None:
    metric = project.metrics()["reopen_rate"]
    _, figures = read_figures(engine_for(project), [metric])
    now = figures["reopen_rate"].now
    assert now is not None and (now.period_start.year, now.period_start.month) == (2026, 5)
    assert f"Reopen rate {format_value(now.value, 'share')}" in pages["index.html"].text


def test_a_metric_without_data_says_so_and_shows_no_zero(pages: dict[str, Page]) -> None:
    text = pages[f"metrics/{WITHOUT_DATA}.html"].text
    assert "No data. No source provides what this metric needs" in text
    assert "That is not a zero." in text
    assert "0.0 %" not in text.split("Definition The")[0]


def test_a_worked_example_shows_its_rows_and_what_comes_out(pages: dict[str, Page]) -> None:
    text = pages["metrics/reopen_rate.html"].text
    assert "From these rows of dim_customers" in text
    assert "solved_twice_reopened_three_times" in text
    assert "January 2026 50.0 % 15.0 to 85.0 % 4 A ticket reopened three times counts once" in text


def test_a_page_shows_how_others_count_the_metric(project: Project, pages: dict[str, Page]) -> None:
    shown = 0
    for name, metric in project.metrics().items():
        text = (ROOT / "metrics" / metric.domain / f"{name}.md").read_text(encoding="utf-8")
        section = re.search(r"^\*\*How others count it\.\*\*.*?(?=^\*\*|^{%|\Z)", text, re.MULTILINE | re.DOTALL)
        if section:
            shown += 1
            # Marks and blanks are all that Markdown takes away.
            words = re.sub(r"\*\*|`|\s", "", section[0])
            assert words in re.sub(r"\s", "", pages[f"metrics/{name}.html"].text), name
    assert shown


def test_a_claim_and_the_metrics_it_names_lead_to_each_other(project: Project, pages: dict[str, Page]) -> None:
    claims, sources = read_claims(project).claims, pages["sources.html"]
    assert {f"claim-{claim.claim}" for claim in claims} <= set(sources.ids)
    for claim in claims:
        assert claim.says in sources.text and (claim.missing or "") in sources.text
        for name in claim.metrics:
            assert f"metrics/{name}.html" in sources.addresses
            assert f"../sources.html#claim-{claim.claim}" in pages[f"metrics/{name}.html"].addresses


def test_service_stands_inside_experience(pages: dict[str, Page]) -> None:
    html = pages["index.html"].file.read_text(encoding="utf-8")
    outer, inner = html.index('<section class="experience box"'), html.index('<section class="service box"')
    assert outer < html.index("metrics/net_promoter_score.html") < inner < html.index("metrics/reopen_rate.html")
    assert "</section>" not in html[outer:inner]


def test_synthetic_data_is_labelled_on_every_page_and_real_data_on_none(pages: dict[str, Page], tmp_path: Path) -> None:
    assert all("Synthetic data." in page.text for page in pages.values())
    real = project_in(ROOT, tmp_path)
    publish(real, is_synthetic=False)
    site = build_site(real, engine_for(real))
    assert not any("Synthetic data" in file.read_text(encoding="utf-8") for file in site.folder.rglob("*.html"))


def test_equal_inputs_give_equal_bytes(project: Project) -> None:
    before = _bytes(project.site)
    build_site(project, engine_for(project))
    assert _bytes(project.site) == before


def _bytes(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_hostile_text_is_shown_as_text(small: SmallProject, tmp_path: Path) -> None:
    pages = _hostile_pages(small, tmp_path)
    metric, home = pages["metrics/reopen_rate.html"], pages["index.html"]
    assert metric.tags.count("script") == 0 and home.tags.count("script") == 1
    assert metric.tags.count("img") == 0
    shown = " ".join(HOSTILE.split())
    for place in ("label", "owner", "rationale", "dimension value", "doc text", "cell", "because"):
        assert f"{place} {shown}" in metric.text, place
    for place in ("label", "owner", "stage"):
        assert f"{place} {shown}" in home.text, place


def _hostile_pages(small: SmallProject, folder: Path) -> dict[str, Page]:
    """The site of a small project with hostile text in every place people write, and in the data."""

    def hostile(place: str) -> str:
        return json.dumps(f"{place} {HOSTILE}", ensure_ascii=False)

    metric = "metrics/service/reopen_rate.yml"
    small.replace(metric, "label: Reopen rate", f"label: {hostile('label')}")
    small.replace(metric, "\"{{ doc('reopen_rate') }}\"", hostile("doc text"))
    small.replace(metric, "kind: operation", f"kind: operation\n            rationale: {hostile('rationale')}")
    small.replace("models/groups.yml", "{name: Customer support}", f"{{name: {hostile('owner')}}}")
    stage = f"stage {HOSTILE}".replace('"', '""')
    small.replace("seeds/journey_stages.csv", "service,6,Service,support", f'service,6,"{stage}",support')
    shutil.rmtree(small.root / "tests")
    case = f"metric: reopen_rate\ngiven:\n  fct_tickets: [{{ticket_id: {hostile('cell')}}}]\nexpect:\n"
    small.write(
        "tests/metrics/service/reopen_rate.yml", f"{case}  - {{because: {hostile('because')}, value: null, n: 0}}\n"
    )
    project = project_in(small.root, folder)
    rate = project.metrics()["reopen_rate"]
    publish(
        project,
        extra=(
            value_row(rate, "all", FIRST_MONTH, 1, dimension="channel", dimension_value=f"dimension value {HOSTILE}"),
        ),
    )
    site = build_site(project, engine_for(project))
    return {file.relative_to(site.folder).as_posix(): Page(file) for file in site.folder.rglob("*.html")}


def test_a_missing_publication_is_an_error_with_a_next_step(tmp_path: Path) -> None:
    project = project_in(ROOT, tmp_path)
    with pytest.raises(CxError) as caught:
        build_site(project, engine_for(project))
    assert caught.value.next_step == "cx build"
    assert not project.site.exists()


def test_a_published_file_without_metric_values_is_an_error_with_a_next_step(tmp_path: Path) -> None:
    project = project_in(ROOT, tmp_path)
    project.warehouse.mkdir()
    duckdb.connect(str(project.warehouse / "cx.duckdb")).close()
    with pytest.raises(CxError) as caught:
        build_site(project, engine_for(project))
    assert caught.value.what == "the published file holds no metric values"
    assert caught.value.next_step == "cx build"


def test_a_site_that_fails_leaves_the_one_before_untouched(tmp_path: Path) -> None:
    project = project_in(ROOT, tmp_path)
    publish(project)
    build_site(project, engine_for(project))
    before = _bytes(project.site)

    def interrupted(step: str, done: int, total: int) -> None:
        if step == "writing pages" and done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_site(project, engine_for(project), interrupted)
    assert _bytes(project.site) == before
    assert [path.name for path in project.site.parent.iterdir()] == ["site"]


def test_a_trend_uses_months_before_days(project: Project) -> None:
    metrics = project.metrics()
    assert {trend_grain(metric) for metric in metrics.values()} == {"month"}


def test_a_settled_month_without_data_is_what_the_metric_says_now(tmp_path: Path) -> None:
    project = project_in(ROOT, tmp_path)
    publish(project)
    with duckdb.connect(str(project.warehouse / "cx.duckdb")) as connection:
        connection.execute(
            "update metrics.metric_values set value = null, n = 0, ci_low = null, ci_high = null, status = 'no_data',"
            " target_status = 'none' where metric = 'reopen_rate' and dimension = 'all'"
            " and period_start >= '2026-05-01' and grain = 'month'"
        )
    build_site(project, engine_for(project))
    _, figures = read_figures(engine_for(project), project.metrics().values())
    april = figures["reopen_rate"].last_known
    assert april is not None and april.period_start.month == 4
    known = format_value(april.value, "share")
    page, home, scorecard, owners = (
        Page(project.site / name).text
        for name in ("metrics/reopen_rate.html", "index.html", "scorecard.html", "owners.html")
    )
    # June is not over for it: seven days after a month tickets still come back.
    assert "May 2026 No data n 0 Status No data" in page
    assert f"No data in the 1 month after April 2026, which had {known}" in page
    assert f"Reopen rate No data the last was {known}" in home
    assert "Reopen rate May 2026, no data no data – 0" in scorecard
    assert "Reopen rate service no data 0" in owners


def test_a_quantile_that_is_not_reached_is_said_with_what_it_lies_beyond_and_its_verdict(tmp_path: Path) -> None:
    """Too many still wait: that is a number of its own, and the worst one; never "no data" or the month before."""
    project = project_in(ROOT, tmp_path)
    publish(project)
    with duckdb.connect(str(project.warehouse / "cx.duckdb")) as connection:
        connection.execute(
            "update metrics.metric_values set value = null, n = 400, ci_low = 9000, ci_high = null,"
            " status = 'not_reached', target_status = 'missed' where metric = 'resolution_time' and dimension = 'all'"
            " and (grain = 'all' or period_start = '2026-05-01' and grain = 'month')"
        )
    build_site(project, engine_for(project))
    page, home, scorecard, owners = (
        Page(project.site / name).text
        for name in ("metrics/resolution_time.html", "index.html", "scorecard.html", "owners.html")
    )
    beyond = format_interval(9000, None, "minutes")
    assert f"May 2026 Not reached Interval {beyond} n 400 Status Not reached: too many still wait" in page
    assert f"All time Not reached Interval {beyond}" in page
    assert "No data in the" not in page
    assert f"Resolution time Not reached {beyond}, n = 400 Target missed" in home
    assert f"not reached {beyond} 400" in scorecard and "Target missed" in scorecard[scorecard.index(beyond) :]
    assert "Resolution time service not reached 400" in owners

"""The demo's site with hostile text in every place people write and in the data: it is shown, and does nothing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
import yaml

from browser.conftest import serving
from cxmetrics.engines.quoting import identifier, relation
from cxmetrics.engines.sql import sql
from support.parsed_project import copy_project
from support.visits import names
from support.workplace import ROOT, Workplace

if TYPE_CHECKING:
    from support.chromium import Browser

pytestmark = pytest.mark.xdist_group("browser")

HOSTILE = (
    "</script></title></svg>--> <script>window.hit = 1</script><img src=x onerror='window.hit = 1'>"
    " \"double\" 'single' & &amp; {{ 7 * 7 }} \u05e9\u05dc\u05d5\u05dd \u202eevil\u202c \U0001f600"
)
METRIC = "metrics/service/first_contact_resolution_rate.yml"
MODEL = "models/marts/service/fct_tickets.yml"
# dbt's own page shows a model at this address of its program.
DBT_PAGE = "dbt/index.html#!/model/model.cxmetrics.fct_tickets"
CASE = "tests/metrics/service/first_contact_resolution_rate.yml"
# Columns of published tables that hold what people or sources wrote, and not codes of ours.
WRITTEN = (
    "dimension_value",
    "contact_reason",
    "segment",
    "handling_team",
    "table_name",
    "column_name",
    "rule",
    "sources",
)
# Texts that are in the definitions or in the data, by the place they stand in.
PLACES = {
    *("label", "description", "rationale", "change", "says", "owner", "group", "stage", "cell", "because"),
    *("dimension value", "contact reason", "handling team"),
}
STATE = """
const all = [...document.querySelectorAll("*")];
return {hit: window.hit ?? null, images: document.images.length,
  inline: all.filter(e => e.localName === "script" && !e.getAttribute("src")).length,
  handlers: all.filter(e => e.getAttributeNames().some(name => name.startsWith("on"))).length,
  text: document.body.textContent.replace(/\\s+/g, " ")}
"""

DBT_STATE = """
const all = [...document.querySelectorAll("*")];
return {hit: window.hit ?? null, text: document.body.textContent,
  foreign: all.filter(e => ["x", "x.png"].includes(e.getAttribute("src"))).length,
  handlers: all.filter(e => e.getAttribute("onerror")).length}
"""
PATIENCE_SECONDS = 60


def _hostile(place: str) -> str:
    return f"{place} {HOSTILE}"


def _shown(place: str) -> str:
    """How it is to be read; a description is Markdown, which has entities of its own."""
    return _hostile(place).replace("&amp;", "&") if place == "description" else _hostile(place)


@pytest.fixture(scope="module")
def hostile_site(demo: Workplace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of a copy of the project and of the demo's numbers."""
    workplace = Workplace(tmp_path_factory.mktemp("hostile"))
    root = workplace.folder / "project"
    copy_project(root)
    shutil.copytree(ROOT / "tests" / "metrics", root / "tests" / "metrics")
    shutil.copy(ROOT / "profiles.yml", root)
    _write_definitions(root)
    workplace.published.parent.mkdir()
    shutil.copy(demo.published, workplace.published)
    with duckdb.connect(str(workplace.published)) as connection:
        _write_data(connection)
    for command in (["parse"], ["docs", "generate", "--static", "--no-compile", "--empty-catalog"]):
        dbt = workplace.run("dbt", "--quiet", *command, root=root)
        assert dbt.returncode == 0, dbt.stdout + dbt.stderr
    done = workplace.cx("docs", root=root)
    assert done.returncode == 0, done.stderr
    return workplace.folder / "target" / "site"


def _write_definitions(root: Path) -> None:
    def metric(data: dict[str, Any]) -> None:
        (one,) = data["metrics"]
        meta = one["config"]["meta"]["cx"]
        one |= {"label": _hostile("label"), "description": _hostile("description")}
        meta["classification"]["rationale"] = _hostile("rationale")
        meta["changelog"] = [{"version": 1, "date": "2026-11-21", "change": _hostile("change")}]
        meta["positions"] = [{"source": "kelley", "domain": "service", "says": _hostile("says")}]

    def case(data: dict[str, Any]) -> None:
        next(iter(data["given"].values()))[0]["ticket_id"] = _hostile("cell")
        data["expect"][0]["because"] = _hostile("because")

    def groups(data: dict[str, Any]) -> None:
        for group in data["groups"]:
            group["owner"]["name"] = _hostile("owner")
            group["description"] = _hostile("group")

    _rewrite(root / METRIC, metric)
    _rewrite(root / CASE, case)

    def model(data: dict[str, Any]) -> None:
        (one,) = data["models"]
        one["description"] = f"![](x.png) [link](javascript:window.hit=1) {_hostile('model')}"
        one["columns"][0]["description"] = _hostile("column")

    _rewrite(root / MODEL, model)
    _rewrite(root / "models" / "groups.yml", groups)
    stages = root / "seeds" / "journey_stages.csv"
    quoted = _hostile("stage").replace('"', '""')
    stages.write_text(stages.read_text("utf-8").replace(",Service,", f',"{quoted}",'), "utf-8")


def _rewrite(file: Path, change: Any) -> None:
    data = yaml.safe_load(file.read_text("utf-8"))
    change(data)
    file.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), "utf-8")


def _write_data(connection: duckdb.DuckDBPyConnection) -> None:
    columns = connection.execute(
        "select table_schema, table_name, column_name from information_schema.columns"
        " where list_contains(?, column_name) and data_type = 'VARCHAR'",
        [list(WRITTEN)],
    ).fetchall()
    assert {name for _, _, name in columns} >= {"dimension_value", "contact_reason", "handling_team"}
    for schema, table, column in columns:
        # The totals stay what they are: everything and nobody have no name that anybody wrote.
        update = sql(
            "update {table} set {column} = ? || ' ' || {column} where {column} not in ('all', 'unknown')",
            table=relation(schema, table),
            column=identifier(column),
        )
        connection.execute(update, [_hostile(column.replace("_", " "))])


@pytest.fixture(scope="module")
def hostile_pages(browser: Browser, hostile_site: Path) -> Iterator[dict[str, dict[str, Any]]]:
    found = {}
    with serving(hostile_site) as address:
        for name in [name for name in names(hostile_site) if not name.startswith(("metrics/", "dbt/"))] + [
            METRIC.replace("service/", "").replace(".yml", ".html"),
            "metrics/net_promoter_score.html",
        ]:
            browser.forget()
            browser.look(address + name)
            requested = [one for one in browser.requested() if not one.startswith((address, "data:"))]
            found[name] = browser.run(STATE) | {"complaints": browser.complaints(), "requested": requested}
    yield found


def test_nothing_that_was_written_runs_or_is_fetched(hostile_pages: dict[str, dict[str, Any]]) -> None:
    assert len(hostile_pages) > 3
    for name, page in hostile_pages.items():
        assert page["hit"] is None and page["images"] == 0 and page["handlers"] == 0, name
        assert page["inline"] == 0 and page["requested"] == [] and page["complaints"] == [], name


def test_everything_that_was_written_is_shown_as_it_was_written(hostile_pages: dict[str, dict[str, Any]]) -> None:
    shown = " ".join(page["text"] for page in hostile_pages.values())
    assert {place for place in PLACES if _shown(place) not in shown} == set()
    assert f"label {HOSTILE}" in hostile_pages["index.html"]["text"]


def test_the_page_of_dbt_docs_shows_a_description_and_runs_nothing_in_it(browser: Browser, hostile_site: Path) -> None:
    from selenium.webdriver.support.wait import WebDriverWait

    with serving(hostile_site) as address:
        browser.forget()
        browser.look(address + DBT_PAGE)
        shown = "return document.body.textContent.includes('column </script>')"
        WebDriverWait(browser.driver, PATIENCE_SECONDS, 0.2).until(lambda driver: driver.execute_script(shown))
        page = browser.run(DBT_STATE) | {"complaints": browser.complaints()}
        page["requested"] = [one for one in browser.requested() if not one.startswith((address, "data:"))]
        browser.run("document.querySelectorAll('a[href^=\"javascript:\"]').forEach((link) => link.click())")
        hit = browser.run("return window.hit ?? null")
        browser.forget()
    assert page.pop("text").count("<script>window.hit = 1</script><img src=x onerror='window.hit = 1'>") >= 2
    assert page == {"hit": None, "foreign": 0, "handlers": 0, "complaints": [], "requested": []}
    assert hit is None

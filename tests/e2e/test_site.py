"""The site of the demo: what only a build of the whole way can show."""

from __future__ import annotations

import datetime
import html
import re

import duckdb
import pytest

from support.workplace import Workplace


@pytest.fixture(scope="module")
def pages(demo: Workplace, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Name -> HTML of every page."""
    demo.cx_succeeds("docs")
    site = demo.folder / "target" / "site"
    return {file.relative_to(site).as_posix(): file.read_text(encoding="utf-8") for file in site.rglob("*.html")}


@pytest.mark.parametrize("name", ["reopen_rate", "net_promoter_score", "contact_rate", "first_response_time_p90"])
def test_the_sql_of_a_page_gives_the_published_values(demo: Workplace, pages: dict[str, str], name: str) -> None:
    shown = re.search(r"<pre[^>]*><code>(select cast.*?)</code></pre>", pages[f"metrics/{name}.html"], re.DOTALL)
    assert shown is not None
    with duckdb.connect(str(demo.published), read_only=True) as connection:
        answered = dict(connection.execute(html.unescape(shown[1])).fetchall())
        published = connection.execute(
            "select period_start, value from metrics.metric_values"
            " where metric = ? and grain = 'month' and dimension = 'all' and value is not null",
            [name],
        ).fetchall()
    assert len(published) > 12
    for start, value in published:
        assert isinstance(start, datetime.date)
        assert answered[start] == pytest.approx(value, rel=1e-9), start


def test_the_way_of_a_metric_leads_from_raw_tables_to_its_mart(pages: dict[str, str]) -> None:
    page = pages["metrics/reopen_rate.html"]
    way = page[page.index('<ol class="way">') : page.index("</ol>", page.index('<ol class="way">'))]
    targets = re.findall(r'href="\.\./query\.html#(step-[^"]+)"', way)
    assert {"step-canonical.tickets", "step-stg_canonical__tickets", "step-fct_tickets"} <= set(targets)
    assert all(f'id="{target}"' in pages["query.html"] for target in targets)


def test_data_quality_shows_every_raw_table_with_its_rows(demo: Workplace, pages: dict[str, str]) -> None:
    with duckdb.connect(str(demo.published), read_only=True) as connection:
        tables = connection.execute("select table_name, raw_rows, rejected_rows from metrics.input_tables").fetchall()
    assert len(tables) == 13
    for table, raw, rejected in tables:
        row = rf'<th scope="row">{table.replace("_", " ")}</th><td class="num">1</td><td class="num">{raw:,}</td>'
        assert f'{row}<td class="num">{rejected:,}</td>' in pages["quality.html"]


def test_the_audit_shows_every_stage_once_with_its_finding(demo: Workplace, pages: dict[str, str]) -> None:
    with duckdb.connect(str(demo.published), read_only=True) as connection:
        rows = connection.execute(
            "select stage, finding from journey.experience_audit where segment = 'all' order by audit_rank"
        ).fetchall()
    page = pages["audit.html"].split("By segment")[0]
    shown = re.findall(
        r'<th scope="row"><span dir="auto">([^<]+)</span>.*?<b class="finding[^>]*>([^<]+)</b>', page, re.DOTALL
    )
    assert [(stage.lower(), finding.lower()) for stage, finding in shown] == rows


def test_the_flow_and_its_table_hold_every_contact_with_a_known_cause(demo: Workplace, pages: dict[str, str]) -> None:
    with duckdb.connect(str(demo.published), read_only=True) as connection:
        causes = connection.execute(
            "select cause_stage, sum(contacts)::bigint from journey.contact_ownership"
            " where cause_stage is not null group by 1"
        ).fetchall()
    assert 'class="flow"' in pages["journey.html"]
    for stage, contacts in causes:
        assert f'<th scope="row" dir="auto">{stage}</th><td class="num">{contacts:,}</td>' in pages["journey.html"]

"""The site as somebody meets it in a browser."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.workplace import ROOT

if TYPE_CHECKING:
    from support.chromium import Browser

pytestmark = pytest.mark.xdist_group("browser")

# As WebDriver writes these keys: https://www.w3.org/TR/webdriver2/#keyboard-actions
TAB, ENTER, ESCAPE = "\ue004", "\ue007", "\ue00c"
PAGES = ("index.html", "metrics/service_csat.html", "metrics/sla_attainment_rate.html", "metrics/contact_rate.html")
LOOKS = [(width, scheme) for width in (375, 794, 1440) for scheme in ("light", "dark")]
SHOWN_TILES = "return [...document.querySelectorAll('.tile')].filter(e => e.offsetParent).map(e => e.textContent)"

# Texts whose colour has less than 4.5:1 (3:1 when large) against the nearest painted background.
# https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
LOW_CONTRAST = """
const channels = text => (text.match(/[\\d.]+/g) || []).map(Number);
const light = text => {
  const [r, g, b] = channels(text).map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const painted = element => {
  for (let e = element; e; e = e.parentElement) {
    const colour = getComputedStyle(e).backgroundColor;
    if (channels(colour)[3] !== 0) return colour;
  }
  return "rgb(255, 255, 255)";
};
const found = [];
for (const element of document.body.querySelectorAll("*:not(svg, svg *)")) {
  const own = [...element.childNodes].filter(n => n.nodeType === 3 && n.data.trim());
  if (!own.length || !element.offsetParent) continue;
  const style = getComputedStyle(element);
  const pair = [light(style.color), light(painted(element))].sort((a, b) => b - a);
  const size = parseFloat(style.fontSize), isLarge = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
  const ratio = (pair[0] + 0.05) / (pair[1] + 0.05);
  if (ratio < (isLarge ? 3 : 4.5)) found.push(`${own[0].data.trim().slice(0, 40)}: ${ratio.toFixed(2)}`);
}
return found;
"""


@pytest.mark.parametrize("page", PAGES)
def test_no_request_leaves_the_server_and_the_console_stays_empty(browser: Browser, served: str, page: str) -> None:
    browser.forget()
    browser.look(served + page)
    requested = browser.requested()
    assert served + "assets/site.css" in requested
    assert [address for address in requested if not address.startswith((served, "data:"))] == []
    assert browser.complaints() == []


def test_the_site_opens_from_disk(browser: Browser, site: Path) -> None:
    browser.forget()
    browser.look((site / "index.html").as_uri())
    browser.run("document.querySelector('.tile a').click()")
    assert browser.run("return getComputedStyle(document.querySelector('.card')).borderTopStyle") == "solid"
    assert all(address.startswith(site.as_uri()) for address in browser.requested())
    assert browser.complaints() == []


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
@pytest.mark.parametrize("page", PAGES)
def test_text_is_readable_and_nothing_is_wider_than_the_window(
    browser: Browser, served: str, page: str, width: int, scheme: str
) -> None:
    browser.look(served + page, width=width, scheme=scheme)
    assert browser.run("return matchMedia('(prefers-color-scheme: dark)').matches") == (scheme == "dark")
    assert browser.run("return document.documentElement.scrollWidth") <= width
    browser.run("document.querySelectorAll('details').forEach(e => e.open = true)")
    assert browser.run("return document.documentElement.scrollWidth") <= width
    assert browser.run(LOW_CONTRAST) == []


@pytest.mark.parametrize("page", PAGES)
def test_a_printed_page_fits_the_paper_in_dark_ink(browser: Browser, served: str, page: str) -> None:
    browser.look(served + page, width=794, scheme="dark", media="print")
    assert browser.run("return document.documentElement.scrollWidth") <= 794
    assert browser.run("return getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert browser.run(LOW_CONTRAST) == []


def test_low_contrast_is_noticed(browser: Browser, served: str) -> None:
    browser.look(served)
    browser.run("document.querySelector('h1').style.color = '#ddd'")
    assert [text.split(":")[0] for text in browser.run(LOW_CONTRAST)] == ["How good is our service, and how good is"]


def test_the_chart_takes_the_colours_of_the_scheme(browser: Browser, served: str) -> None:
    ink = "return getComputedStyle(document.querySelector('.chart text')).fill"
    colours = []
    for scheme in ("light", "dark"):
        browser.look(served + "metrics/service_csat.html", scheme=scheme)
        colours.append(browser.run(ink))
    assert colours == ["rgb(79, 87, 98)", "rgb(169, 178, 189)"]


def test_the_search_box_leaves_the_tiles_that_hold_every_word(browser: Browser, served: str) -> None:
    browser.look(served)
    everything = browser.run(SHOWN_TILES)
    browser.run("document.getElementById('search').focus()")
    browser.press("SUPPORT rate")
    shown = browser.run(SHOWN_TILES)
    assert 0 < len(shown) < len(everything)
    assert all("rate" in text.lower() and "Customer support" in text for text in shown)
    found = browser.run("return document.getElementById('found').textContent")
    assert found == f"{len(shown)} of {len(everything)} metrics"
    browser.press(ESCAPE)
    assert browser.run(SHOWN_TILES) == everything


def test_filters_leave_the_tiles_that_fit_all_of_them(browser: Browser, served: str) -> None:
    browser.look(served)
    everything = browser.run(SHOWN_TILES)
    choose = """
    const form = document.querySelector(".search");
    for (const [name, value] of Object.entries(arguments[0])) form.elements[name].value = value;
    form.dispatchEvent(new Event("input"));
    """
    browser.driver.execute_script(choose, {"domain": "e", "group": "success", "stage": "7", "kind": "outcome"})
    shown = browser.run(SHOWN_TILES)
    assert 0 < len(shown) < len(everything)
    assert all("Customer success" in text for text in shown)
    assert any("Renewal rate" in text for text in shown) and not any("Time to value" in text for text in shown)
    browser.driver.execute_script(choose, {"state": "no_data"})
    assert browser.run(SHOWN_TILES) == []
    browser.run("document.querySelector('.search [type=reset]').click()")
    browser.run("return new Promise((done) => setTimeout(done, 50))")
    assert browser.run(SHOWN_TILES) == everything


def test_without_script_the_home_page_is_the_full_list(browser: Browser, served: str) -> None:
    browser.look(served, has_script=False)
    try:
        assert len(browser.run(SHOWN_TILES)) == len(list((ROOT / "metrics").glob("*/*.yml")))
        assert browser.run("return document.querySelector('.search').offsetParent") is None
    finally:
        browser.look("about:blank")


def test_the_keyboard_alone_leads_to_a_metric(browser: Browser, served: str) -> None:
    browser.look(served)
    browser.press(TAB)
    assert browser.run("return document.activeElement.textContent") == "Skip to the content"
    assert browser.run("return document.activeElement.getBoundingClientRect().left") >= 0
    browser.press(ENTER, TAB)
    assert browser.run("return document.activeElement.id") == "search"
    browser.press("reopen", TAB)
    assert browser.run("return document.activeElement.name") == "domain"
    browser.run("document.getElementById('search').focus()")
    browser.press(ENTER)
    assert browser.run("return document.activeElement.textContent") == "Reopen rate"
    assert browser.run("return getComputedStyle(document.activeElement, '::after').outlineStyle") == "solid"
    browser.press(ENTER)
    assert browser.run("return document.querySelector('h1').textContent") == "Reopen rate"

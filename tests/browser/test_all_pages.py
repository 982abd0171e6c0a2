"""What holds on every page of the demo's site, whichever pages these are."""

from __future__ import annotations

import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urldefrag

import pytest

from support.visits import kinds

if TYPE_CHECKING:
    from support.chromium import Browser
    from support.visits import Visited

pytestmark = pytest.mark.xdist_group("browser")

TAB = "\ue004"
# Remembers how everything looks that can be clicked, typed into or scrolled and is shown, and from then on what gets
# the focus and whether it then looks any different. Says how much there is.
WATCH_FOCUS = """
const looks = e => ["", "::after", "::before"].map(part => {
  const style = getComputedStyle(e, part);
  return [style.outlineStyle, style.outlineColor, style.boxShadow, style.backgroundColor, style.borderColor].join();
}).join();
const all = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")]
  .filter(e => e.tabIndex >= 0 && !e.disabled && e.checkVisibility({visibilityProperty: true}));
const plain = new Map(all.map(e => [e, looks(e)]));
window.reached = new Map();
document.addEventListener("focusin", ({target: e}) => reached.set(e, plain.has(e) && looks(e) !== plain.get(e)));
return all.length;
"""
REACHED = "return [...reached.values()].length"
UNMARKED = "return [...reached].filter(([, marked]) => !marked).map(([e]) => e.outerHTML.slice(0, 80))"


def test_no_request_leaves_the_server_and_no_console_says_anything(
    visited: dict[str, Visited], served_demo: str
) -> None:
    for name, page in visited.items():
        assert served_demo + name in page.requested and served_demo + "assets/site.css" in page.requested
        assert [address for address in page.requested if not address.startswith((served_demo, "data:"))] == [], name
        assert page.complaints == (), name


def test_no_link_and_no_anchor_is_broken(visited: dict[str, Visited], served_demo: str) -> None:
    linked = {address: name for name, page in visited.items() for address in page.addresses}
    assert len(linked) > len(visited)
    files = {urldefrag(address).url: name for address, name in linked.items()}
    for address, name in files.items():
        assert address.startswith(served_demo), f"{name} leaves the site: {address}"
        with urllib.request.urlopen(address) as answer:  # an answer of 404 raises  # noqa: S310 (an address of the line before)
            assert answer.status == 200
    for address, name in linked.items():
        file, anchor = urldefrag(address)
        if anchor:
            page = visited[file.removeprefix(served_demo) or "index.html"]
            assert anchor in page.ids, f"{name}: {address}"


def test_every_page_is_reached_from_the_home_page(visited: dict[str, Visited], served_demo: str) -> None:
    reached, waiting = set(), ["index.html"]
    while waiting:
        name = waiting.pop()
        reached.add(name)
        targets = {urldefrag(address).url.removeprefix(served_demo) for address in visited[name].addresses}
        waiting += [target for target in targets if target in visited and target not in reached]
    assert reached == set(visited)


def test_axe_finds_no_violation_on_any_page(visited: dict[str, Visited]) -> None:
    assert [f"{name}: {violation}" for name, page in visited.items() for violation in page.violations] == []


def test_no_page_is_wider_than_a_phone_or_a_desk(visited: dict[str, Visited]) -> None:
    assert {name: page.widths for name, page in visited.items() if page.widths[0] > 375 or page.widths[1] > 1440} == {}


@pytest.mark.parametrize(("width", "scheme"), [(375, "dark"), (1440, "light"), (1440, "dark")])
def test_axe_finds_no_violation_in_any_size_and_scheme(
    browser: Browser, demo_site: Path, served_demo: str, width: int, scheme: str
) -> None:
    found = {}
    for name in kinds(demo_site):
        browser.look(served_demo + name, width=width, scheme=scheme)
        found[name] = browser.violations()
    assert [f"{name}: {violation}" for name, violations in found.items() for violation in violations] == []


def test_axe_sees_what_is_wrong(browser: Browser, served_demo: str) -> None:
    browser.look(served_demo)
    browser.run("document.body.insertAdjacentHTML('beforeend', '<main><button></button></main>')")
    rules = {violation.split(" ")[0] for violation in browser.violations()}
    assert {"button-name", "landmark-no-duplicate-main"} <= rules


def test_the_tab_key_reaches_everything_and_shows_where_it_is(
    browser: Browser, demo_site: Path, served_demo: str
) -> None:
    for name in kinds(demo_site):
        browser.look(served_demo + name)
        wanted = browser.run(WATCH_FOCUS)
        assert wanted > 3, name
        browser.press(TAB * wanted)
        assert browser.run(UNMARKED) == [], name
        assert browser.run(REACHED) == wanted, name


def test_a_place_the_tab_key_cannot_reach_or_does_not_mark_is_noticed(browser: Browser, served_demo: str) -> None:
    browser.look(served_demo)
    # The pages take no style but that of their own sheets.
    browser.run("document.styleSheets[0].insertRule('*, *::after { outline: none !important }', 0)")
    wanted = browser.run(WATCH_FOCUS)
    browser.run("document.querySelector('main').inert = true")
    browser.press(TAB * wanted)
    assert browser.run(UNMARKED) != []
    assert browser.run(REACHED) < wanted

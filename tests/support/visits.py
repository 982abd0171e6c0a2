"""What a browser finds on the pages of a site, one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from support.chromium import Browser

# Of the pages of single metrics, which are one template, these are looked at in every size and colour: with dimensions,
# without any data, with too few answers.
METRICS = {"reopen_rate", "sla_attainment_rate", "customer_effort_score"}
# Four fifths of axe's time; colours come from the style sheet, so the pages of METRICS and all others speak for it.
SLOWEST_RULE = "color-contrast"
ADDRESSES = """
return [...document.querySelectorAll("[href], [src]")]
  .map(e => new URL(e.getAttribute("href") ?? e.getAttribute("src"), document.baseURI).href)
"""
WIDTH = "return document.documentElement.scrollWidth"
IDS = "return [...document.querySelectorAll('[id]')].map(e => e.id)"
TEXT = "return document.querySelector('main').textContent.replace(/\\s+/g, ' ')"
# Not innerText, which leaves out what is not on the screen yet.
TILES = """
return Object.fromEntries([...document.querySelectorAll(".tile a")]
  .map(a => [a.getAttribute("href"), [...a.closest(".tile").children].map(e => e.textContent.trim()).join(" ")]))
"""
TABLES = """
return [...document.querySelectorAll("table")]
  .map(t => [...t.tBodies].flatMap(b => [...b.rows])
    .map(r => [...r.cells].map(c => c.textContent.replace(/\\s+/g, " ").trim())))
"""


@dataclass(frozen=True)
class Visited:
    """What a browser found on one page; ``widths`` are those of its content on a phone and on a desk."""

    requested: tuple[str, ...]
    complaints: tuple[str, ...]
    addresses: tuple[str, ...]
    ids: frozenset[str]
    violations: tuple[str, ...]
    widths: tuple[int, int]
    text: str
    tiles: dict[str, str]
    tables: list[list[list[str]]]


def names(site: Path) -> list[str]:
    return [file.relative_to(site).as_posix() for file in sorted(site.rglob("*.html"))]


def kinds(site: Path) -> list[str]:
    """Every page that is not that of a metric, and some of those."""
    return [name for name in names(site) if not name.startswith("metrics/") or Path(name).stem in METRICS]


def visit(browser: Browser, site: Path, served: str) -> dict[str, Visited]:
    """Every page, opened once from a web server in a wide light window, with everything folded out."""
    found = {}
    for name in names(site):
        browser.forget()
        browser.look(served + name)
        requested = tuple(browser.requested())
        browser.run("document.querySelectorAll('details').forEach(e => e.open = true)")
        addresses, ids = browser.run(ADDRESSES), browser.run(IDS)
        violations, complaints = tuple(browser.violations(SLOWEST_RULE)), tuple(browser.complaints())
        text, tiles, tables, wide = (browser.run(script) for script in (TEXT, TILES, TABLES, WIDTH))
        browser.resize(375)
        widths = (browser.run(WIDTH), wide)
        found[name] = Visited(
            requested, complaints, tuple(addresses), frozenset(ids), violations, widths, text, tiles, tables
        )
    return found

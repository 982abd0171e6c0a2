"""The pictures of the site that README and docs show. ``make pictures`` keeps them; every other run only takes them."""

from __future__ import annotations

import base64
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.workplace import ROOT

if TYPE_CHECKING:
    from support.chromium import Browser

pytestmark = pytest.mark.xdist_group("browser")

PICTURES = {
    "home": "index.html",
    "metric": "metrics/first_response_time.html",
    "journey": "journey.html",
    "quality": "quality.html",
}
KEPT = ROOT / "docs" / "pictures"
# WebP: a quarter of the size of PNG, and the web shows it wherever Markdown is shown.
SHOT = {"format": "webp", "quality": 80}
LARGEST = 150_000


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_taken_and_small(browser: Browser, served_demo: str, name: str, tmp_path: Path) -> None:
    browser.look(served_demo + PICTURES[name])
    assert browser.run("return document.querySelector('h1').textContent.length") > 5
    picture = base64.b64decode(browser.driver.execute_cdp_cmd("Page.captureScreenshot", SHOT)["data"])
    assert picture[:4] == b"RIFF" and picture[8:12] == b"WEBP"
    # A blank window has fewer than 5,000 bytes.
    assert 10_000 < len(picture) < LARGEST
    folder = Path(os.environ.get("CX_PICTURES") or tmp_path)
    (folder / f"{name}.webp").write_bytes(picture)


def test_every_picture_that_is_kept_is_shown_somewhere_and_small() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    shown = {
        (page.parent / address).resolve()
        for page in pages
        for address in re.findall(r"!\[[^\]]*\]\(([^)]+\.webp)\)", page.read_text(encoding="utf-8"))
    }
    assert shown == set(KEPT.glob("*.webp")) == {KEPT / f"{name}.webp" for name in PICTURES}
    assert all(picture.stat().st_size < LARGEST for picture in shown)

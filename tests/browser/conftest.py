"""A real Chromium, and the site from disk and from a web server."""

from __future__ import annotations

import contextlib
import functools
import http.server
import importlib.util
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cxmetrics.engines.registry import engine_for
from cxmetrics.site.build import build_site
from support.chromium import Browser
from support.copied_project import small
from support.published_numbers import project_in, publish
from support.visits import Visited, visit
from support.workplace import ROOT, Workplace, need

__all__ = ["small"]

# Nothing Chromium does on its own account may look like a request of the page.
QUIET = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
)


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One Chromium for all browser tests, with a profile of its own."""
    chromium, chromedriver = shutil.which("chromium"), shutil.which("chromedriver")
    is_there = bool(chromium and chromedriver and importlib.util.find_spec("selenium"))
    need("browser", is_there, "apt-get install chromium chromium-driver, and the dev extra of the package (selenium)")
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = str(chromium)
    for argument in (*QUIET, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    # A named driver: selenium never goes and looks for one on the network.
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(executable_path=str(chromedriver)))
    try:
        yield Browser(driver)
    finally:
        driver.quit()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a site built from the project's definitions and published numbers made for the tests."""
    folder = tmp_path_factory.mktemp("site")
    project = project_in(ROOT, folder)
    publish(project)
    return build_site(project, engine_for(project)).folder


@pytest.fixture(scope="session")
def demo_site(demo: Workplace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the site that ``cx docs`` makes of the demo."""
    workplace = Workplace(tmp_path_factory.mktemp("demo_site"))
    (workplace.folder / "target").mkdir()
    shutil.copy(demo.folder / "target" / "manifest.json", workplace.folder / "target")
    (workplace.folder / "warehouse").symlink_to(demo.folder / "warehouse")
    workplace.cx_succeeds("docs")
    return workplace.folder / "target" / "site"


class _SilentHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing; a test's output is its verdict."""


@pytest.fixture(scope="session")
def served(site: Path) -> Iterator[str]:
    """The address of a web server that serves the site, ending in a slash."""
    with serving(site) as address:
        yield address


@pytest.fixture(scope="session")
def served_demo(demo_site: Path) -> Iterator[str]:
    """The same for the site of the demo."""
    with serving(demo_site) as address:
        yield address


@pytest.fixture(scope="session")
def visited(browser: Browser, demo_site: Path, served_demo: str) -> dict[str, Visited]:
    """What a browser found on each page of the demo's site."""
    return visit(browser, demo_site, served_demo)


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[str]:
    """A web server that serves a folder: its address, ending in a slash."""
    handler = functools.partial(_SilentHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()

"""The site while somebody writes a definition."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cxmetrics.definitions.project import Project
from support.copied_project import SmallProject
from support.programs import start_program
from support.published_numbers import publish
from support.workplace import ROOT, Workplace

if TYPE_CHECKING:
    from support.chromium import Browser

pytestmark = pytest.mark.xdist_group("browser")

METRIC = "metrics/service/reopen_rate.yml"
PATIENCE_SECONDS = 30


@pytest.fixture
def address(small: SmallProject, tmp_path: Path) -> Iterator[str]:
    """``cx docs --serve`` on the small project, as somebody types it."""
    profile = (ROOT / "profiles.yml").read_text(encoding="utf-8")
    small.write("profiles.yml", profile.replace("cxmetrics:", "small:"))
    # The golden cases of the small project speak of a model it does not have.
    shutil.rmtree(small.root / "tests")
    workplace = Workplace(tmp_path)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("CX_WAREHOUSE", "DBT_TARGET_PATH"):
            patch.setenv(name, workplace.environment[name])
        publish(Project(small.root))
    environment = workplace.environment | {"DBT_PROFILES_DIR": str(small.root)}
    command = [str(Path(sys.executable).with_name("cx")), "docs", "--serve", "--port", "0"]
    server = start_program(
        command,
        cwd=small.root,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        # Tests that run in the background of a shell ignore the key, and what they start would as well.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    line = server.stderr.readline()
    assert line.startswith("Serving http://127.0.0.1:"), line
    yield line.split()[1]
    server.send_signal(signal.SIGINT)
    assert server.wait(PATIENCE_SECONDS) == 0


def test_a_change_of_a_metric_file_is_seen_without_a_key_pressed(
    browser: Browser, small: SmallProject, address: str
) -> None:
    browser.look(f"{address}metrics/reopen_rate.html")
    assert _heading(browser) == "Reopen rate"
    small.replace(METRIC, "label: Reopen rate", "label: Opened <again>")
    _wait(browser, "return document.querySelector('h1').textContent === 'Opened <again>'")
    small.replace(METRIC, "unit: share", "unit: shares")
    _wait(browser, "return document.getElementById('live-problem') !== null")
    problem = browser.run("return document.getElementById('live-problem').textContent")
    assert "nearest: share" in problem and METRIC in problem
    assert _heading(browser) == "Opened <again>"
    small.replace(METRIC, "unit: shares", "unit: share")
    _wait(browser, "return document.getElementById('live-problem') === null")
    # The server is about to go, and the page would ask for it in the console for ever.
    browser.look("about:blank")
    browser.forget()


def _heading(browser: Browser) -> str:
    return browser.run("return document.querySelector('h1').textContent")


def _wait(browser: Browser, script: str) -> None:
    from selenium.webdriver.support.wait import WebDriverWait

    WebDriverWait(browser.driver, PATIENCE_SECONDS, 0.1).until(lambda driver: driver.execute_script(script))

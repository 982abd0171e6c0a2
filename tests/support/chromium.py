"""What the tests ask of a browser."""

from __future__ import annotations

import importlib.resources
import json
from typing import Any

# axe-core's rules with a machine's verdict; a pattern of words that a page should have is no violation of WCAG.
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Width -> height of the windows that are looked at: a phone, a tablet (and A4 paper at 96 dpi), a desk.
WIDTHS = {375: 812, 794: 1123, 1440: 900}


class Browser:
    """Chromium with what the tests ask of it."""

    def __init__(self, driver: Any):
        self.driver = driver

    def look(
        self,
        address: str,
        *,
        width: int = 1440,
        scheme: str = "light",
        media: str = "screen",
        has_script: bool = True,
    ) -> None:
        """Open a page in a window of this width, light or dark, on screen or in print, with or without its script."""
        self.resize(width)
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": [feature]})
        self.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not has_script})
        self.driver.get(address)

    def resize(self, width: int) -> None:
        """Make the window this wide."""
        metrics = {"width": width, "height": WIDTHS[width], "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def run(self, script: str) -> Any:
        """What a script gives back."""
        return self.driver.execute_script(script)

    def violations(self, *without: str) -> list[str]:
        """What axe-core finds wrong with the page as it is, but for rules ``without``: rule, place and what to do."""
        axe = importlib.resources.files("axe_playwright_python") / "axe.min.js"
        self.driver.execute_script(axe.read_text(encoding="utf-8"))
        done = self.driver.execute_async_script(
            "axe.run(document, {runOnly: arguments[0], rules: arguments[1]}).then(arguments[2])",
            AXE_TAGS,
            {rule: {"enabled": False} for rule in without},
        )
        return [
            f"{found['id']} in {len(found['nodes'])} places, first {found['nodes'][0]['target']}: "
            + " ".join(found["nodes"][0]["failureSummary"].split())
            for found in done["violations"]
        ]

    def press(self, *keys: str) -> None:
        """Keys as somebody presses them, wherever the focus is."""
        from selenium.webdriver import ActionChains

        ActionChains(self.driver).send_keys(*keys).perform()

    def forget(self) -> None:
        """Drop what was logged up to now."""
        self.complaints()
        self.requested()

    def complaints(self) -> list[str]:
        """What stands in the console since the last question."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def requested(self) -> list[str]:
        """Every address the page asked for since the last question."""
        events = (json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance"))
        return [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]

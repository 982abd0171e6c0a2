"""What the tests ask of a browser."""

from __future__ import annotations

import json
from typing import Any

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
        metrics = {"width": width, "height": WIDTHS[width], "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": [feature]})
        self.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not has_script})
        self.driver.get(address)

    def run(self, script: str) -> Any:
        """What a script gives back."""
        return self.driver.execute_script(script)

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

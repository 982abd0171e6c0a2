"""dbt's own page is taken along with its own program and nothing else that runs."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from cxmetrics.errors import CxError
from cxmetrics.site import dbt_docs

HOSTILE = "</script><script>window.hit = 1</script><img src=x onerror='window.hit = 1'> ![](x.png) a < b \u2028"


def page(folder: Path, manifest: dict[str, Any], catalog: dict[str, Any]) -> Path:
    """As ``dbt docs generate --static`` writes it."""
    start, between, end = dbt_docs._program()
    file = folder / "static_index.html"
    file.write_text(f"{start}{json.dumps(manifest)}{between}{json.dumps(catalog)}{end}\n", encoding="utf-8")
    return file


def test_the_only_script_of_the_page_is_dbts_and_holds_all_data(tmp_path: Path):
    node = {"description": HOSTILE, "raw_code": HOSTILE, "columns": {"n": {"name": HOSTILE, "description": HOSTILE}}}
    html = dbt_docs.safe_page(page(tmp_path, {"nodes": {"model.a": node}}, {"errors": [HOSTILE]}))
    assert html.count("</script") == 1
    assert "\u2028" not in html and "onerror='window" not in html.partition("</script>")[2]
    (script,) = re.findall(r"<script[^>]*>(.*)</script>", html, re.DOTALL)
    data, _ = json.JSONDecoder().raw_decode(script, script.index('{"nodes"'))
    shown = HOSTILE.replace("</s", "&lt;/s").replace("<s", "&lt;s").replace("<i", "&lt;i").replace("![", "!\\[")
    assert data["nodes"]["model.a"] == {
        "description": shown,
        "raw_code": HOSTILE,
        "columns": {"n": {"name": HOSTILE, "description": shown}},
    }


def test_the_page_lets_only_its_own_script_run(tmp_path: Path):
    html = dbt_docs.safe_page(page(tmp_path, {}, {}))
    policy = re.search(r'<head><meta http-equiv="Content-Security-Policy" content="([^"]*)">', html)
    assert policy is not None
    directives = dict(directive.split(" ", 1) for directive in policy[1].split("; "))
    assert directives["default-src"] == "'none'"
    assert re.fullmatch(r"'self' 'sha256-[A-Za-z0-9+/=]{44}'", directives["script-src"])


@pytest.mark.parametrize(
    "change",
    [
        lambda html: html.replace("<body>", "<body><script>window.hit = 1</script>", 1),
        lambda html: html.replace("<head>", "<head><script>window.hit = 1</script>", 1),
        lambda html: html.replace("catalog:{}", "catalog:window.hit = {}", 1),
        lambda html: html.replace("catalog:{}", "catalog:{}+hit", 1),
        lambda html: "",
    ],
)
def test_a_page_with_another_program_is_refused(tmp_path: Path, change: Any):
    file = page(tmp_path, {}, {})
    changed = change(file.read_text("utf-8"))
    file.write_text(changed, "utf-8")
    with pytest.raises(CxError, match="no page that this version of dbt docs writes"):
        dbt_docs.safe_page(file)

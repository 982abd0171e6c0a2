"""The page of dbt docs, taken along with the site: dbt's own program with the project's data, neither of them trusted
with the other.

``dbt docs generate --static`` writes the data into the program as they are, and the program shows descriptions as HTML:
a description could run a script. So the page is put together anew: the program as dbt ships it, the data as JSON that
no text in it can leave, descriptions without elements, and a policy under which nothing but that program runs.
"""

from __future__ import annotations

import importlib.resources
import json
import re
from pathlib import Path
from typing import Any

from cxmetrics.errors import CxError
from cxmetrics.site.content_policy import meta, of_dbt_docs

# Where dbt puts the data, in their order.
PLACES = ('"MANIFEST.JSON INLINE DATA"', '"CATALOG.JSON INLINE DATA"')
# Keys of texts that the program turns from Markdown into HTML.
MARKDOWN = {"description", "block_contents"}
# What begins an element, a comment or an image. "a < b" stays.
ELEMENT, IMAGE = re.compile(r"<(?=[a-zA-Z/!?])"), "!["
# What would end the script, or is a line of its own to old JavaScript.
IN_SCRIPTS = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
# The program asks for icons before their addresses are filled in; no data hold this, as they have no "<".
UNFILLED_ICON = ('<use xlink:href="{{', '<use ng-attr-xlink:href="{{')
# Icons that dbt's page names and does not have.
MISSING_FILES = re.compile(r'<link rel="(?:canonical|shortcut icon)"[^>]*/>')


def safe_page(file: Path) -> str:
    """The page in ``file``, as dbt wrote it, with data that do nothing.

    Raises CxError when it is not one that this version of dbt writes.
    """
    start, between, end = _program()
    text, decoder = file.read_text(encoding="utf-8").strip(), json.JSONDecoder()
    try:
        _require(text.startswith(start))
        manifest, at = decoder.raw_decode(text, len(start))
        _require(text.startswith(between, at))
        catalog, at = decoder.raw_decode(text, at + len(between))
        _require(text[at:] == end)
    except ValueError as error:
        raise CxError(
            "this is no page that this version of dbt docs writes",
            file=file,
            next_step="dbt docs generate --static --profiles-dir ., or delete the file",
        ) from error
    return _page(f"{start}{_in_script(_inert(manifest))}{between}{_in_script(_inert(catalog))}{end}")


def _program() -> tuple[str, str, str]:
    """dbt's page before, between and after the data; dbt strips it too."""
    page = (importlib.resources.files("dbt.task.docs") / "index.html").read_text(encoding="utf-8").strip()
    start, _, rest = page.partition(PLACES[0])
    between, _, end = rest.partition(PLACES[1])
    return start, between, end


def _require(is_so: bool) -> None:
    if not is_so:
        raise ValueError


def _inert(data: Any, key: str = "") -> Any:
    """The same data; Markdown in them makes no element and loads no image."""
    if isinstance(data, dict):
        return {name: _inert(value, name) for name, value in data.items()}
    if isinstance(data, list):
        return [_inert(value, key) for value in data]
    if isinstance(data, str) and key in MARKDOWN:
        return ELEMENT.sub("&lt;", data).replace(IMAGE, "!\\[")
    return data


def _in_script(data: Any) -> str:
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for character, escaped in IN_SCRIPTS.items():
        text = text.replace(character, escaped)
    return text


def _page(html: str) -> str:
    """With a policy in its head that lets its one script run, which then needs no way to make code of texts."""
    before, script, after = re.split(r'(?<=<script defer="defer">)|(?=</script>)', html, maxsplit=2)
    script = script.replace(*UNFILLED_ICON)
    before = MISSING_FILES.sub("", before).replace("<head>", f"<head>{meta(of_dbt_docs(script))}", 1)
    return f"{before.replace(' ng-app=', ' ng-csp=no-unsafe-eval ng-app=', 1)}{script}{after}"

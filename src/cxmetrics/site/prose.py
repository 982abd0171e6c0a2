"""Doc texts: the ``{% docs %}`` blocks beside the metric files, and their Markdown as HTML that cannot carry anything
but text."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markupsafe import Markup, escape

from cxmetrics.definitions.doc_text import DOC_REFERENCE, doc_blocks

# A doc text stands below the h2 of its section, so its own first level is h3.
HEADING_OFFSET = 2


class DocTexts:
    """The doc blocks of all ``.md`` files below the given folders, read when first asked for."""

    def __init__(self, folders: tuple[Path, ...]):
        self.folders = folders

    @cached_property
    def blocks(self) -> dict[str, str]:
        files = sorted(path for folder in self.folders if folder.is_dir() for path in folder.rglob("*.md"))
        texts = (path.read_text(encoding="utf-8") for path in files)
        return {name: body for text in texts for name, body in doc_blocks(text).items()}

    def resolved(self, description: str) -> str:
        """``description`` with every ``{{ doc('name') }}`` replaced by the block; one that is missing is named."""
        return DOC_REFERENCE.sub(lambda found: self.blocks.get(found[1], f"(no doc text {found[1]})"), description)


class Prose:
    """Markdown to HTML. Raw HTML is shown as text, images (which could be fetched) are not made.

    ``link`` gives the address of a name written as code (``reopen_rate``), or None when it is not a metric.
    """

    def __init__(self, link: Callable[[str], str | None]):
        self.link = link
        self.markdown = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
        self.markdown.add_render_rule("code_inline", lambda renderer, *given: self._code(*given))
        self.markdown.core.ruler.push("lower_headings", _lower_headings)

    def html(self, text: str) -> Markup:
        # markdown-it escapes every text it was given, and html=False leaves no other way in.
        return Markup(self.markdown.render(text))  # noqa: S704

    def _code(self, tokens: list[Token], index: int, *_: object) -> str:
        name = tokens[index].content
        address = self.link(name)
        code = f"<code>{escape(name)}</code>"
        return f'<a href="{escape(address)}">{code}</a>' if address else code


def _lower_headings(state: StateCore) -> None:
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + HEADING_OFFSET, 6)}"

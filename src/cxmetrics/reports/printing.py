"""What every report is made of: tables with colour where there is a terminal and without where there is none, JSON, and
the words for what the numbers rest on.

A cell is text and never markup, whatever stands in it; a cell with colours of our own is a ``rich.text.Text``.
"""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from cxmetrics.terminal import Shown, is_terminal, visible

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.segment import Segment

    from cxmetrics.published.build_info import BuildInfo

# Of sentences and panels in a file or a log, where nobody sees a terminal's edge; tables are as wide as they need.
PLAIN_WIDTH = 120
SYNTHETIC = "synthetic demo data"
BANNER = "SYNTHETIC DEMO DATA: nobody's customers, nobody's numbers"


def width() -> int:
    """Columns there are to write in."""
    return shutil.get_terminal_size().columns if is_terminal() else PLAIN_WIDTH


def rendered(*parts: RenderableType, is_folded: bool = True) -> Shown:
    """The parts as text for standard output, with colour only when that is a terminal.

    What is not folded may run past the edge. Nothing in the parts is markup, and nothing in them is obeyed.
    """
    file = io.StringIO()
    for part in parts:
        # A table knows its width.
        wide = getattr(part, "width", None) or width()
        _console(file, wide).print(part, soft_wrap=not is_folded)
    lines = file.getvalue().splitlines()
    return Shown("\n".join(line if is_terminal() else line.rstrip() for line in lines) + "\n")


def _console(file: io.StringIO, wide: int) -> Console:
    from rich.console import Console
    from rich.segment import Segment

    class SafeConsole(Console):
        """Makes text safe before it is measured and, for what is made elsewhere, once more when it is written."""

        def render_str(self, text: str, **options: Any) -> Any:
            return super().render_str(visible(text), **options)

        def render(self, renderable: RenderableType, options: Any = None) -> Iterator[Segment]:
            for text, style, control in super().render(renderable, options):
                yield Segment(text if control else visible(text), style, control)

    in_colour = is_terminal()
    return SafeConsole(
        file=file,
        width=wide,
        force_terminal=in_colour,
        no_color=None if in_colour else True,
        markup=False,
        emoji=False,
        highlight=False,
    )


def as_json(data: object) -> str:
    """``data`` for ``--json``: numbers at full precision, dates and times as text."""
    import json

    return json.dumps(data, indent=2, default=str) + "\n"


def as_of(info: BuildInfo) -> str:
    """``as of 2026-06-30 23:59 UTC``."""
    return f"as of {info.as_of:%Y-%m-%d %H:%M} UTC"


def foot(info: BuildInfo) -> str:
    """The line below an answer: its as-of date, and that nobody in it exists where that is so."""
    return f"{as_of(info)}, {SYNTHETIC}\n" if info.is_synthetic else f"{as_of(info)}\n"


def rests_on(info: BuildInfo) -> str:
    """The as-of date with the sources that were read."""
    return f"{as_of(info)}, sources: {info.source_names}"

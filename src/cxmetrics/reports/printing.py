"""Tables on the terminal: Rich where there is one, the same text without colour where there is not."""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

# Wide enough that no table is folded in a file or a log, where nobody sees a terminal's edge.
PLAIN_WIDTH = 120


def width() -> int:
    """Columns there are to write in."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else PLAIN_WIDTH


def rendered(shown: RenderableType) -> str:
    """``shown`` as text for standard output, with colour only when that is a terminal."""
    from rich.console import Console

    is_terminal = sys.stdout.isatty()
    console = Console(
        file=io.StringIO(), width=width(), force_terminal=is_terminal, no_color=None if is_terminal else True
    )
    console.print(shown)
    lines = console.file.getvalue().splitlines()
    return "\n".join(line if is_terminal else line.rstrip() for line in lines) + "\n"


def table(text_columns: Sequence[str], number_columns: Sequence[str], last_columns: Sequence[str] = ()) -> Table:
    """An empty table; numbers are set to the right."""
    from rich import box
    from rich.table import Table

    shown = Table(box=box.SIMPLE_HEAD)
    for name in text_columns:
        shown.add_column(name.replace("_", " "))
    for name in number_columns:
        shown.add_column(name, justify="right", no_wrap=True)
    for name in last_columns:
        shown.add_column(name)
    return shown

"""Progress bars on stderr: on a terminal, and only for work that takes longer than two seconds."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from cxmetrics.terminal import one_line

SECONDS_BEFORE_BAR = 2.0

# Told the step, how much of it is done and how much there is.
Report = Callable[[str, int, int], None]


@contextmanager
def progress_bar() -> Iterator[Report]:
    """A function to report progress to; what it is told is shown while the block lasts."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    started = time.monotonic()
    # Rich's own columns, but for the first, which would read markup in what it is told.
    columns = TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn(), TimeRemainingColumn()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", visible=False)

        def report(step: str, done: int, total: int) -> None:
            is_long = time.monotonic() - started > SECONDS_BEFORE_BAR
            bar.update(task, completed=done, total=total, description=one_line(step), visible=is_long)

        yield report

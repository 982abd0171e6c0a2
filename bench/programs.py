"""Programs that the measurements start: this project's and Python's own."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def run_program(command: Sequence[str | Path], **options: Any) -> subprocess.CompletedProcess[Any]:
    """``subprocess.run``, without a shell."""
    return subprocess.run(command, **options)  # noqa: S603 (commands of the measurements)

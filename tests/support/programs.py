"""Programs that tests start: this project's, Python's and the system's, with arguments that stand in the tests."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def run_program(command: Sequence[str | Path], **options: Any) -> subprocess.CompletedProcess[Any]:
    """``subprocess.run``, without a shell."""
    return subprocess.run(command, **options)  # noqa: S603 (commands of tests, which say whether to check)


def start_program(command: Sequence[str | Path], **options: Any) -> subprocess.Popen[Any]:
    """``subprocess.Popen``, without a shell."""
    return subprocess.Popen(command, **options)  # noqa: S603 (commands of tests)

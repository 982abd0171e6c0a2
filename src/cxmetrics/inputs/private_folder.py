"""The one place for what a load writes beside the database: copies of files, and what does not fit into memory.

It holds raw values before they are hashed, so nobody else may look into it and nothing stays there. What a killed run
left is removed by the next one.
"""

from __future__ import annotations

import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cxmetrics.errors import CxError

NAME = "reading"
LOCK = "lock"
# What has another name there is not ours, and stays.
OURS = "cx-"


@contextmanager
def private_folder(warehouse: Path) -> Iterator[Path]:
    """A new folder below ``warehouse/reading`` that is gone when the block ends. Raises CxError when there cannot be
    one."""
    parent = warehouse / NAME
    _require_ours(parent)
    try:
        parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Also one that was there already.
        parent.chmod(0o700)
        lock = (parent / LOCK).open("a")
    except OSError as error:
        raise CxError(
            f"cannot write in the warehouse: {error.strerror}",
            file=parent,
            next_step="make room or make the folder writable, or set CX_WAREHOUSE to another one",
        ) from error
    # The system lets go of a lock when its process is gone, however it went: who gets the whole one is alone.
    with lock:
        with suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for left in parent.glob(f"{OURS}*"):
                if left.is_dir() and not left.is_symlink():
                    shutil.rmtree(left)
        fcntl.flock(lock, fcntl.LOCK_SH)
        with tempfile.TemporaryDirectory(dir=parent, prefix=OURS) as folder:
            yield Path(folder)


def _require_ours(parent: Path) -> None:
    """Raises CxError for a link, and for a folder that holds something and was not made here."""
    is_ours = not parent.is_dir() or (parent / LOCK).is_file() or not any(parent.iterdir())
    if parent.is_symlink() or not is_ours:
        raise CxError(
            "cx keeps copies of raw files in a folder of this name, and this one is not its own",
            file=parent,
            next_step="move it elsewhere, or set CX_WAREHOUSE to another folder",
        )

"""Files and folders that are nobody's but their owner's, whatever umask they were made under."""

from __future__ import annotations

import stat
from pathlib import Path

FOLDER, FILE = 0o700, 0o600


def private_folder(folder: Path) -> None:
    """Make sure that a folder is there and that only its owner gets in. Raises OSError where it is somebody else's."""
    folder.mkdir(mode=FOLDER, parents=True, exist_ok=True)
    _set(folder, FOLDER)


def private_file(file: Path) -> None:
    """Make sure that a file, if it is there, is read and written by its owner alone. Raises OSError like the above."""
    if file.exists():
        _set(file, FILE)


def _set(path: Path, mode: int) -> None:
    # Asked first: on a disk that cannot be written an unneeded change is an error.
    if stat.S_IMODE(path.stat().st_mode) & ~mode:
        path.chmod(mode)

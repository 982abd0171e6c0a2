"""Disks that take no more: a small one, and folders nobody may write in. Root may write everywhere but where the file
system itself is read-only, so root mounts; others take their own rights away."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support.programs import run_program
from support.workplace import need


@contextmanager
def unwritable(folder: Path) -> Iterator[None]:
    """``folder`` and what lies in it cannot be written while the block lasts."""
    if os.geteuid() == 0:
        with _mounted("--bind", folder, folder):
            _run("mount", "-o", "remount,bind,ro", folder)
            yield
        return
    modes = {path: path.stat().st_mode for path in (folder, *folder.rglob("*"))}
    for path, mode in modes.items():
        path.chmod(mode & 0o555)
    try:
        yield
    finally:
        for path, mode in modes.items():
            path.chmod(mode)


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[None]:
    """``folder`` is a disk of its own with that much room; only root can make one."""
    need("mount", os.geteuid() == 0, "only root may mount a small disk; run the tests as root")
    folder.mkdir(parents=True, exist_ok=True)
    with _mounted("-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", folder):
        yield


@contextmanager
def _mounted(*arguments: str | Path) -> Iterator[None]:
    need("mount", _run("mount", *arguments) == 0, "root of this container has no right to mount; run the tests outside")
    try:
        yield
    finally:
        # A process that was killed may hold the disk for a moment; a lazy unmount waits for it.
        assert _run("umount", "--lazy", arguments[-1]) == 0


def _run(*command: str | Path) -> int:
    return run_program([str(part) for part in command], capture_output=True, check=False).returncode

"""One build at a time in a folder: a lock that ends with the process that holds it, whatever becomes of it."""

from __future__ import annotations

import datetime
import fcntl
import getpass
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cxmetrics.errors import CxError


@contextmanager
def exclusive(lock: Path) -> Iterator[None]:
    """Hold a file's lock. Raises CxError when another process holds it, with who and since when, and when the folder
    cannot be written in.

    The system gives the lock back when its process is gone, however it went. What a dead holder wrote into the file is
    overwritten by the next one.
    """
    descriptor = _opened(lock)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CxError(
                f"another build is at work in this warehouse{_holder(descriptor)}",
                file=lock.parent,
                next_step="wait until it has ended, then run the command again",
            ) from error
        _sign(descriptor)
        try:
            yield
        finally:
            os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def _opened(lock: Path) -> int:
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        # Without O_TRUNC: what it holds is the holder's, until the lock is ours.
        return os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise CxError(
            f"cannot write in the warehouse: {error.strerror}",
            file=lock.parent,
            next_step="make room or make the folder writable, or set CX_WAREHOUSE to another one;"
            " what was published before is untouched",
        ) from error


def _sign(descriptor: int) -> None:
    """Say who holds the lock. A full disk is no reason not to hold it."""
    since = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    signature = {"process": os.getpid(), "user": _user(), "host": socket.gethostname(), "since": since}
    with suppress(OSError):
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(signature).encode(), 0)


def _holder(descriptor: int) -> str:
    """Who holds the lock, as the end of a sentence; nothing when its holder could not say."""
    try:
        signature = json.loads(os.pread(descriptor, 4096, 0))
        return ": process {process} of {user} on {host}, since {since}".format(**signature)
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _user() -> str:
    """The name of whoever runs this; the number of a user without a name, as containers have."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())

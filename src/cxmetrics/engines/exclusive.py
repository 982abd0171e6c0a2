"""One build at a time in a folder: a lock that ends with the process that holds it, whatever becomes of it."""

from __future__ import annotations

import datetime
import getpass
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cxmetrics.engines.private import FILE, private_file, private_folder
from cxmetrics.errors import CxError


@contextmanager
def exclusive(lock: Path) -> Iterator[None]:
    """Hold a file's lock, in a folder that no other user gets into: whoever may read a file may lock it.

    Raises CxError when another process holds it, with who and since when, and when the folder cannot be written in.

    The system gives the lock back when its process is gone, however it went. What a dead holder wrote into the file is
    overwritten by the next one.
    """
    # Those who only read need no lock, and it costs twelve milliseconds.
    from filelock import FileLock, Timeout

    # A lock that is a file's existence, filelock's way out where a file system has no locks, would outlive its process.
    held = FileLock(lock, timeout=0, mode=FILE, fallback_to_soft=False, on_acquired=_sign)
    try:
        private_folder(lock.parent)
        private_file(lock)
        held.acquire()
    except Timeout as error:
        raise CxError(
            f"another build is at work in this warehouse{_holder(lock)}",
            file=lock.parent,
            next_step="wait until it has ended, then run the command again",
        ) from error
    except OSError as error:
        raise CxError(
            f"cannot write in the warehouse: {error.strerror}",
            file=lock.parent,
            next_step="make room or make the folder writable, or set CX_WAREHOUSE to another one;"
            " what was published before is untouched",
        ) from error
    try:
        yield
    finally:
        with suppress(OSError):
            os.truncate(lock, 0)
        held.release()


def _sign(descriptor: int) -> None:
    """Say in the locked file who holds it. A full disk is no reason not to hold it."""
    since = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    signature = {"process": os.getpid(), "user": _user(), "host": socket.gethostname(), "since": since}
    with suppress(OSError):
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(signature).encode(), 0)


def _holder(lock: Path) -> str:
    """Who holds the lock, as the end of a sentence; nothing when its holder could not say."""
    try:
        signature = json.loads(lock.read_text(encoding="utf-8"))
        return ": process {process} of {user} on {host}, since {since}".format(**signature)
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _user() -> str:
    """The name of whoever runs this; the number of a user without a name, as containers have."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())

"""The salt of the hashes: a secret of the project, made when something is hashed for the first time.

It lies in the project's folder ``.cx`` and not in the warehouse, which may be thrown away: with another salt every
hashed id is another. The folder ignores itself in git. ``CX_SALT`` takes its place.
"""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from cxmetrics.errors import CxError

FOLDER, NAME = ".cx", "salt"
# What is shorter can be tried; a random salt has 64 hexadecimal digits.
SHORTEST = 16
MAKE_ONE = "python -c 'import secrets; print(secrets.token_hex(32))' makes one"


@dataclass(frozen=True)
class Salt:
    """``key`` is that of HMAC-SHA256; ``made`` the file it was written to just now."""

    key: bytes = field(repr=False)
    made: Path | None = None


def salt_of(root: Path) -> Salt:
    """The salt of the project in ``root``; made, and kept for good, when there is none.

    Raises CxError for one that is too short, that others may read, or that cannot be read or written.
    """
    given = os.environ.get("CX_SALT")
    if given:
        return Salt(_checked(given, "CX_SALT"))
    file = root / FOLDER / NAME
    try:
        is_new = not file.exists() and _make(file)
        return Salt(_checked(_read(file), file), file if is_new else None)
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise CxError(
            f"the salt of the hashes cannot be read or written: {reason}",
            file=file,
            next_step="make the file readable and its folder writable, or set CX_SALT",
        ) from error


def _make(file: Path) -> bool:
    """Write a new salt; False when somebody else was quicker. A file is whole or not there."""
    file.parent.mkdir(mode=0o700, exist_ok=True)
    (file.parent / ".gitignore").write_text("*\n", encoding="utf-8")
    beside = file.with_name(f".{NAME}-{secrets.token_hex(8)}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as written:
            written.write(secrets.token_hex(32) + "\n")
            written.flush()
            os.fsync(written.fileno())
        with suppress(FileExistsError):
            os.link(beside, file)
            return True
        return False
    finally:
        beside.unlink()


def _read(file: Path) -> str:
    with os.fdopen(os.open(file, os.O_RDONLY | os.O_NOFOLLOW), encoding="utf-8") as opened:
        if stat.S_IMODE(os.fstat(opened.fileno()).st_mode) & 0o077:
            raise CxError(
                "others may read the salt of the hashes",
                file=file,
                next_step=f"chmod 600 {file}; if somebody has read it, let a new one take its place"
                " (docs/guides/inputs.md)",
            )
        return opened.read()


def _checked(text: str, location: Path | str) -> bytes:
    key = text.strip().encode()
    if len(key) < SHORTEST:
        what = f"the salt of the hashes has fewer than {SHORTEST} characters and could be guessed"
        raise CxError(what, file=location, next_step=MAKE_ONE)
    return key

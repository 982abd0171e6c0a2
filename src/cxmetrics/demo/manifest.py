"""``demo.json``, beside the files that ``cx demo`` wrote: what they are, and by what they are recognised.

Whoever writes raw files can write this file too. So it is a label and never a permission: data are called synthetic by
it, and a folder may be made anew that holds nothing but what it names.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

MANIFEST = "demo.json"
MAX_BYTES = 100_000


def write_manifest(folder: Path, said: dict[str, Any]) -> None:
    """Say of the files in a folder that ``cx demo`` made them."""
    files = {path.name: _digest(path) for path in sorted(folder.iterdir())}
    text = json.dumps({**said, "files": files}, indent=2) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8")


def made_by_demo(folder: Path) -> Callable[[Path], bool]:
    """Whether a file of the folder is, to the last byte, what the manifest names; no file without a manifest."""
    files = _files(folder / MANIFEST)

    def is_made(path: Path) -> bool:
        if path.parent != folder or not files:
            return False
        return path.name == MANIFEST or (path.name in files and _digest(path) == files[path.name])

    return is_made


def _files(manifest: Path) -> dict[str, Any]:
    try:
        # A pipe would never end.
        if not manifest.is_file() or manifest.stat().st_size > MAX_BYTES:
            return {}
        said = json.loads(manifest.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    # Folders made before say "invented".
    is_ours = isinstance(said, dict) and True in (said.get("synthetic"), said.get("invented"))
    files = said.get("files") if is_ours else None
    return files if isinstance(files, dict) else {}


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

"""SQL that was compiled before, kept beside the semantic manifest it was compiled from.

Compiling every question of ``metric_values`` costs about as much processor time as a small build's models do, and gives
the same SQL until a definition changes; so does the SQL that the pages of the site show. What is kept is found by a
fingerprint of everything it follows from: the manifest, what its user adds (the dialect, the firm's weeks),
MetricFlow's version and the code of this package. SQL with a filter or a range of dates is never kept: it holds what
somebody typed.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

FOLDER = "metric_sql"
# Enough for a few branches and engines; the oldest are removed.
KEPT = 20

Found = dict[str, Any]


def place(manifest: Path, manifest_json: str, kind: str, *follows_from: object) -> Path:
    """Where SQL of this manifest is kept, in a folder beside it. ``kind`` begins the name of the file; what else the
    SQL follows from, as JSON can say it, decides about the rest. Raises ValueError for a manifest that is none."""
    # dbt lists metrics in the order in which its threads met them.
    declared = json.loads(manifest_json)
    for nodes in ("semantic_models", "metrics", "saved_queries"):
        declared[nodes] = sorted(declared.get(nodes) or [], key=lambda node: str(node["name"]))
    everything = [declared, kind, *follows_from, version("metricflow"), _code()]
    digest = hashlib.sha256(json.dumps(everything, sort_keys=True).encode()).hexdigest()
    return manifest.parent / FOLDER / f"{kind}-{digest[:32]}.json"


def read(file: Path) -> Found:
    """What is kept in a file; nothing when there is none, or it was cut off."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def write(file: Path, found: Found) -> None:
    """Keep ``found``, whole or not at all, and remove the oldest files of the folder."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}")
    with os.fdopen(handle, "w", encoding="utf-8") as whole:
        json.dump(found, whole)
    Path(name).replace(file)
    for old in list(_newest_first(file.parent))[KEPT:]:
        old.unlink(missing_ok=True)


def _newest_first(folder: Path) -> Iterator[Path]:
    def age(file: Path) -> float:
        try:
            return -file.stat().st_mtime
        except FileNotFoundError:
            return 0.0

    yield from sorted(folder.glob("*.json"), key=age)


@cache
def _code() -> str:
    """Of the whole package: which of its modules the SQL follows from is not worth knowing."""
    digest = hashlib.sha256()
    for file in sorted(Path(__file__).parents[1].rglob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()

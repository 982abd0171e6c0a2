"""Makes the demo data: runs the SQL of this package in an in-memory DuckDB and writes one Parquet file per entity."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from cxmetrics.demo.entities import COLUMNS, KEYS, SCRIPTS
from cxmetrics.errors import CxError

if TYPE_CHECKING:
    from cxmetrics.progress import Report

END = datetime(2026, 7, 1)
AS_OF = END - timedelta(seconds=1)
MANIFEST = "demo.json"
LIMITS = {"customers": (1, 100_000), "months": (1, 60), "seed": (0, 2**63 - 1)}


@dataclass(frozen=True)
class Demo:
    """What to invent: how many customers over how many months up to ``AS_OF``. Equal demos have equal bytes.

    Raises CxError when a number is outside ``LIMITS``.
    """

    customers: int = 5_000
    seed: int = 1
    months: int = 24

    def __post_init__(self) -> None:
        for name, (low, high) in LIMITS.items():
            got = getattr(self, name)
            if not low <= got <= high:
                raise CxError(
                    f"--{name} must be between {low} and {high}",
                    got=got,
                    next_step=f"cx demo --{name} {min(max(got, low), high)}",
                )

    @property
    def window_start(self) -> datetime:
        """The first instant of the first month."""
        month = END.year * 12 + END.month - 1 - self.months
        return datetime(month // 12, month % 12 + 1, 1)

    def manifest(self) -> dict:
        """The contents of ``demo.json``, by which everything downstream knows that the data are invented."""
        return {"invented": True, **asdict(self), "as_of": AS_OF.isoformat()}


def make_demo(demo: Demo, out: Path, *, threads: int | None = None, report: Report | None = None) -> dict[str, int]:
    """Writes ``demo`` to the folder ``out`` and returns the number of rows per entity.

    The files are made in a folder beside ``out`` that takes its place when everything is there, so an interrupted run
    leaves what was there before. Raises CxError when ``out`` holds something that is not a demo.
    """
    out = out.resolve()
    _refuse_foreign(out)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    except OSError as error:
        raise CxError(f"cannot write here: {error.strerror}", file=out, next_step="cx demo --out DIR") from error
    try:
        made = beside / "made"
        made.mkdir()
        rows = _generate(demo, made, threads, report or (lambda step, done, total: None))
        (made / MANIFEST).write_text(json.dumps(demo.manifest(), indent=2) + "\n", encoding="utf-8")
        _replace(out, made, beside / "before")
    except (OSError, duckdb.IOException, duckdb.OutOfMemoryException) as error:
        reason = str(error).splitlines()[0]
        raise CxError(f"the demo could not be written: {reason}", file=out, next_step="cx demo --out DIR") from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return rows


def _refuse_foreign(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise CxError("this is a file, not a folder", file=out, next_step="cx demo --out DIR")
    held = {path.name for path in out.iterdir()} if out.is_dir() else set()
    if not held:
        return
    if not _is_invented(out / MANIFEST):
        what = f"the folder holds files but no {MANIFEST} of a demo: perhaps somebody's data, so nothing was written"
    elif foreign := sorted(held - {MANIFEST, *(f"{entity}.parquet" for entity in COLUMNS)}):
        what = f"the folder holds a demo and also {foreign[0]}, which is not part of it, so nothing was written"
    else:
        return
    raise CxError(what, file=out, next_step="cx demo --out DIR, with a new or empty folder")


def _is_invented(manifest: Path) -> bool:
    try:
        contents = json.loads(manifest.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(contents, dict) and contents.get("invented") is True


def _replace(out: Path, made: Path, before: Path) -> None:
    if out.exists():
        out.rename(before)
    try:
        made.rename(out)
    except BaseException:
        # Also when interrupted: the demo that was there comes back.
        if before.exists():
            before.rename(out)
        raise


def _generate(demo: Demo, folder: Path, threads: int | None, report: Report) -> dict[str, int]:
    total = len(SCRIPTS) + len(COLUMNS)
    rows = {}
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("set temp_directory = $folder", {"folder": str(folder.parent / "spill")})
        if threads is not None:
            connection.execute(f"set threads = {threads:d}")
        _set_variables(connection, demo)
        for done, script in enumerate(SCRIPTS):
            report(f"inventing {script.replace('_', ' ')}", done, total)
            connection.execute(files("cxmetrics.demo").joinpath("sql", f"{script}.sql").read_text(encoding="utf-8"))
        for done, entity in enumerate(COLUMNS, start=len(SCRIPTS)):
            report(f"writing {entity}.parquet", done, total)
            rows[entity] = _write(connection, entity, folder / f"{entity}.parquet")
    return rows


def _set_variables(connection: duckdb.DuckDBPyConnection, demo: Demo) -> None:
    for name, value in (*asdict(demo).items(), ("window_start", demo.window_start), ("as_of", AS_OF)):
        kind = "timestamp" if isinstance(value, datetime) else "bigint"
        connection.execute(f"set variable {name} = {kind} '{value}'")


def _write(connection: duckdb.DuckDBPyConnection, entity: str, file: Path) -> int:
    columns = ", ".join(f"{column}::{data_type} as {column}" for column, data_type in COLUMNS[entity].items())
    query = connection.sql(f"select {columns} from {entity} order by {', '.join(KEYS[entity])}")  # noqa: S608 (own names)
    query.write_parquet(str(file), compression="zstd")
    return connection.sql(f"select count(*) from {entity}").fetchone()[0]  # noqa: S608 (own names)

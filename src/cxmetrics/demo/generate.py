"""Makes the demo data: runs the SQL of this package in an in-memory DuckDB and writes one Parquet file per entity."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from cxmetrics.demo.entities import COLUMNS, KEYS, SCRIPTS
from cxmetrics.demo.manifest import made_by_demo, write_manifest
from cxmetrics.engines.sql import joined, sql
from cxmetrics.errors import CxError, nearest

if TYPE_CHECKING:
    from cxmetrics.progress import Report

END = datetime(2026, 7, 1)
AS_OF = END - timedelta(seconds=1)
LIMITS = {"customers": (1, 100_000), "months": (1, 60), "seed": (0, 2**63 - 1)}
# Nothing goes wrong at any stage.
NONE = "none"
EFFECTS = (0.01, 0.5)
USUAL_EFFECT = 0.1


@dataclass(frozen=True)
class Demo:
    """What to generate: how many customers over how many months up to ``AS_OF``. Equal demos have equal bytes.

    ``plant`` is the stage whose friction makes a share of the customers leave, ``effect``; NONE means nothing does, and
    without it several contact reasons do. Raises CxError when a number is outside ``LIMITS`` or ``EFFECTS``.
    """

    customers: int = 5_000
    seed: int = 1
    months: int = 24
    plant: str | None = None
    effect: float | None = None

    def __post_init__(self) -> None:
        for name, (low, high) in LIMITS.items():
            got = getattr(self, name)
            if not low <= got <= high:
                raise CxError(
                    f"--{name} must be between {low} and {high}",
                    got=got,
                    next_step=f"cx demo --{name} {min(max(got, low), high)}",
                )
        self._check_what_is_planted()

    def _check_what_is_planted(self) -> None:
        if self.plant is not None and self.plant not in (allowed := (*plantable_stages(), NONE)):
            raise CxError(
                "--plant takes the stage at which the experience fails",
                got=self.plant,
                allowed=allowed,
                next_step=f"cx demo --plant {nearest(self.plant, allowed) or allowed[0]}",
            )
        if self.effect is None:
            return
        if self.plant in (None, NONE):
            raise CxError(
                "--effect says how much a planted stage does, and no stage is planted",
                got=f"--plant {self.plant}" if self.plant else "no --plant",
                next_step=f"cx demo --plant {plantable_stages()[0]} --effect {self.effect:g}",
            )
        low, high = EFFECTS
        if not low <= self.effect <= high:
            raise CxError(
                f"--effect must be between {low:g} and {high:g}",
                got=self.effect,
                next_step=f"cx demo --plant {self.plant} --effect {USUAL_EFFECT:g}",
            )

    @property
    def planted_effect(self) -> float:
        """The share of customers whom a contact of the planted stage makes leave; 0 without such a stage."""
        if self.plant in (None, NONE):
            return 0.0
        return USUAL_EFFECT if self.effect is None else self.effect

    @property
    def window_start(self) -> datetime:
        """The first instant of the first month."""
        month = END.year * 12 + END.month - 1 - self.months
        return datetime(month // 12, month % 12 + 1, 1)

    def manifest(self) -> dict[str, Any]:
        """The contents of ``demo.json``, by which everything downstream knows that the data are synthetic."""
        manifest: dict[str, Any] = {
            "synthetic": True,
            "customers": self.customers,
            "seed": self.seed,
            "months": self.months,
        }
        if self.plant is not None:
            manifest["planted"] = {"stage": None if self.plant == NONE else self.plant, "effect": self.planted_effect}
        return {**manifest, "as_of": AS_OF.isoformat()}


@cache
def plantable_stages() -> tuple[str, ...]:
    """The stages at which the demo can plant friction: those with a contact reason that is made for it."""
    with duckdb.connect() as connection:
        connection.execute("set variable plant = ''")
        for script in ("planted", "contact_reasons"):
            run_script(connection, script)
        found = connection.execute("select cause_stage from plan.contact_reasons where is_friction order by rowid")
        return tuple(stage for (stage,) in found.fetchall())


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
        write_manifest(made, demo.manifest())
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
    held = sorted(out.iterdir()) if out.is_dir() else []
    is_made = made_by_demo(out)
    foreign = [path.name for path in held if not path.is_file() or not is_made(path)]
    if foreign:
        what = (
            f"the folder holds {foreign[0]}, which is not as cx demo wrote it: perhaps somebody's data, so nothing was"
        )
        raise CxError(f"{what} written", file=out, next_step="remove the folder, or cx demo --out DIR with a new one")


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
        set_variables(connection, demo)
        for done, script in enumerate(SCRIPTS):
            report(f"generating {script.replace('_', ' ')}", done, total)
            run_script(connection, script)
        for done, entity in enumerate(COLUMNS, start=len(SCRIPTS)):
            report(f"writing {entity}.parquet", done, total)
            rows[entity] = _write(connection, entity, folder / f"{entity}.parquet")
    return rows


def set_variables(connection: duckdb.DuckDBPyConnection, demo: Demo) -> None:
    """What the scripts ask for by getvariable()."""
    variables = {
        "customers": ("bigint", demo.customers),
        "seed": ("bigint", demo.seed),
        "months": ("bigint", demo.months),
        "plant": ("varchar", demo.plant or ""),
        "effect": ("double", demo.planted_effect),
        "window_start": ("timestamp", demo.window_start),
        "as_of": ("timestamp", AS_OF),
    }
    for name, (kind, value) in variables.items():
        connection.execute(f"set variable {name} = {kind} '{value}'")


def run_script(connection: duckdb.DuckDBPyConnection, script: str) -> None:
    """Runs one of ``SCRIPTS``."""
    connection.execute(files("cxmetrics.demo").joinpath("sql", f"{script}.sql").read_text(encoding="utf-8"))


def _write(connection: duckdb.DuckDBPyConnection, entity: str, file: Path) -> int:
    columns = [sql("{name}::{type} as {name}", name=name, type=kind) for name, kind in COLUMNS[entity].items()]
    query = sql(
        "select {columns} from {entity} order by {keys}",
        columns=joined(columns),
        entity=entity,
        keys=joined(KEYS[entity]),
    )
    connection.sql(query).write_parquet(str(file), compression="zstd")
    ((rows,),) = connection.sql(sql("select count(*) from {entity}", entity=entity)).fetchall()
    return int(rows)

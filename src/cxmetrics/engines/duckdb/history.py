"""Earlier publications on DuckDB: the last three files that were replaced, below ``kept/`` beside the published one.

Each lies in a folder of its own and keeps its file's name, from which DuckDB takes that of the catalogue: a query runs
on any of them. The folder is named by the moment of publication, the last change of the file. A file is kept by a link,
so that keeping takes no room until it is replaced, and no moment passes without a published file.
"""

from __future__ import annotations

import contextlib
import datetime
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from cxmetrics.engines.duckdb.warehouse import Warehouse, reading
from cxmetrics.engines.interface import Published, first_row
from cxmetrics.errors import BuildFailed, CxError

FOLDER = "kept"
KEPT_FILES = 3
WITHDRAWN = ".withdrawn"
UNTOUCHED = "what was published before is untouched"


@dataclass(frozen=True)
class Kept:
    """A file that was published before."""

    name: str
    file: Path
    is_withdrawn: bool


def keep(published: Path, *, is_withdrawn: bool = False) -> None:
    """Keep the published file, if there is one, so that another can take its place. Raises OSError."""
    if not published.is_file():
        return
    name = publication_name(published)
    folder = published.parent / FOLDER / (name + WITHDRAWN * is_withdrawn)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / published.name
    # What a killed run left here may be half of a copy.
    file.unlink(missing_ok=True)
    try:
        file.hardlink_to(published)
    except OSError:
        # Not every file system has links.
        shutil.copy2(published, file)
    # Once withdrawn, and now kept again or the other way round.
    _remove(folder.with_name(name + WITHDRAWN * (not is_withdrawn)))


def prune(published: Path) -> None:
    """Remove all but the last three, and what killed runs left. What cannot be removed waits for the next time."""
    kept = list(kept_files(published))
    for unneeded in kept[KEPT_FILES:]:
        _remove(unneeded.file.parent)
    needed = {one.file.parent for one in kept}
    for folder in _folders(published):
        if folder not in needed:
            _remove(folder)


def date(copy: Path, published: Path) -> None:
    """Make sure that a file that is to be published is later than all before it, whatever the clock says."""
    before = [published, *(one.file for one in kept_files(published))]
    latest = max((file.stat().st_mtime_ns for file in before if file.is_file()), default=0)
    if copy.stat().st_mtime_ns <= latest:
        # By a microsecond: names have no smaller unit.
        os.utime(copy, ns=(latest + 1000, latest + 1000))


def kept_files(published: Path) -> Iterator[Kept]:
    """What is kept, the latest first; the published file itself, which a killed run may have linked, is not."""
    current = publication_name(published) if published.is_file() else None
    for folder in sorted(_folders(published), reverse=True):
        file = folder / published.name
        name = folder.name.removesuffix(WITHDRAWN)
        if name != current and file.is_file():
            yield Kept(name, file, folder.name.endswith(WITHDRAWN))


def publication_name(file: Path) -> str:
    """The moment a file was published, which sorts and can be typed."""
    return _moment(file).strftime("%Y%m%dT%H%M%S.%fZ")


def _moment(file: Path) -> datetime.datetime:
    # Not by a float, which has no room for a nanosecond of today.
    seconds, nanoseconds = divmod(file.stat().st_mtime_ns, 1_000_000_000)
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).replace(microsecond=nanoseconds // 1000)


def _folders(published: Path) -> list[Path]:
    kept = published.parent / FOLDER
    return [folder for folder in kept.iterdir() if folder.is_dir()] if kept.is_dir() else []


def _remove(folder: Path) -> None:
    with contextlib.suppress(OSError):
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()


class DuckDBHistory:
    """What was published, and the way back to it."""

    def __init__(self, warehouse: Warehouse):
        self._warehouse = warehouse

    def publications(self) -> list[Published]:
        """The current one and those that are kept, the latest first. One that cannot be read says so."""
        published = self._warehouse.published_file
        found = [self._described(published, "current")] if published.is_file() else []
        found += [
            self._described(kept.file, "withdrawn" if kept.is_withdrawn else "kept") for kept in kept_files(published)
        ]
        return sorted(found, key=lambda publication: publication.name, reverse=True)

    def roll_back(self, name: str | None) -> tuple[Published, Published | None]:
        """One rename. What was current is kept; as withdrawn when it is the later of the two."""
        with self._warehouse.locked():
            return self._roll_back(name)

    def _roll_back(self, name: str | None) -> tuple[Published, Published | None]:
        published = self._warehouse.published_file
        chosen = self._chosen(name)
        with reading(chosen.file) as connection:
            (rows,) = first_row(connection, "select count(*) from metrics.metric_values")
        before = self._described(published, "current") if published.is_file() else None
        if not rows:
            raise CxError("that publication holds no value", file=chosen.file, next_step="cx publish --list")
        try:
            keep(published, is_withdrawn=before is not None and before.name > chosen.name)
            published.with_name(f"{published.name}.wal").unlink(missing_ok=True)
            chosen.file.replace(published)
        except OSError as error:
            raise BuildFailed(
                f"the publication could not be rolled back: {error.strerror or error}",
                file=published,
                next_step=f"make room or make the folder writable, then the same again; {UNTOUCHED}",
            ) from error
        sync_folder(published.parent)
        prune(published)
        return self._described(published, "current"), before

    def _chosen(self, name: str | None) -> Kept:
        published = self._warehouse.published_file
        kept = list(kept_files(published))
        if name is not None:
            chosen = next((one for one in kept if one.name == name), None)
            if chosen is None:
                names = [one.name for one in kept]
                raise CxError("no such publication is kept", got=name, allowed=names, next_step="cx publish --list")
            return chosen
        current = publication_name(published) if published.is_file() else None
        earlier = [one for one in kept if not one.is_withdrawn and (current is None or one.name < current)]
        if not earlier:
            raise CxError(
                "there is no earlier publication to go back to",
                file=published.parent / FOLDER,
                next_step="cx publish --list shows what there is; cx build publishes anew",
            )
        return earlier[0]

    def _described(self, file: Path, state: str) -> Published:
        try:
            with reading(file) as connection:
                # Version 0.1 called it is_invented.
                found = connection.execute(
                    "select strftime(as_of, '%Y-%m-%d %H:%M:%S'), sources, columns('^is_(synthetic|invented)$')"
                    " from metrics.build_info"
                ).fetchone()
        except (CxError, duckdb.Error):
            found = None
        as_of, sources, is_synthetic = found or ("cannot be read", "", False)
        moment = f"{_moment(file):%Y-%m-%d %H:%M:%S} UTC"
        return Published(publication_name(file), moment, state, str(file), as_of, sources, is_synthetic)


def sync_folder(folder: Path) -> None:
    """Make sure that a rename is on disk, where the file system can say so of a folder."""
    with contextlib.suppress(OSError):
        sync(folder)


def sync(path: Path) -> None:
    """Make sure that a file is on disk: a rename must not outlive what it names."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

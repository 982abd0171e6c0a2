"""What a raw file is called wherever people read it: a name that somebody chose may be that of a person."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from cxmetrics.inputs.declaration import RawTable
from cxmetrics.inputs.privacy import DAY, MONTH

DATE = f"20[0-9]{{2}}([-_]?{MONTH}([-_]?{DAY})?)?"
# One number a name: several may be a birth date or a telephone number.
NUMBER = "[0-9]{1,5}"


def natural(name: str) -> tuple[list[tuple[str, int]], str]:
    """The order in which people read names: export_9 before export_10."""
    parts = re.findall(r"([^0-9]*)([0-9]*)", name)
    return [(text, int(number or -1)) for text, number in parts], name


def shown_names(table: RawTable, paths: Iterable[Path], folder: Path) -> Mapping[Path, str]:
    """The name of each file of a table below the folder, as it is where a pattern's own words, the table, dates of this
    century and one short number make it up. Another has the number it has among the table's files in their order."""
    plain = [_plain(table, pattern) for pattern in table.patterns]
    names = {}
    for number, path in enumerate(paths, start=1):
        name = path.relative_to(folder).as_posix()
        is_plain = any(known.fullmatch(name) for known in plain)
        names[path] = name if is_plain else f"{_declared_folder(table, name)}(file {number}){_ending(name)}"
    return names


def _plain(table: RawTable, pattern: str) -> re.Pattern[str]:
    word = rf"({DATE}|part|gz|zst|{re.escape(table.name)})"
    free = rf"[-_.]?({word}[-_.])*({word}|{NUMBER})?([-_.]{word})*"
    return re.compile("".join(free if sign == "*" else re.escape(sign) for sign in pattern))


def _declared_folder(table: RawTable, name: str) -> str:
    folder = str(PurePosixPath(name).parent)
    declared = {str(PurePosixPath(pattern).parent) for pattern in table.patterns}
    return f"{folder}/" if folder != "." and folder in declared else ""


def _ending(name: str) -> str:
    found = re.search(r"(\.(parquet|csv|json|jsonl|ndjson))?(\.(gz|zst))?$", name)
    return found[0] if found else ""

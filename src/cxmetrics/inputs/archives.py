"""Whether a compressed file is whole. DuckDB reads one that breaks off without a word, up to the break."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path
from typing import BinaryIO

from cxmetrics.errors import CxError

CHUNK = 1 << 20
NEXT_STEP = "copy or export the file again"

# RFC 8878: frames of blocks. Every block says how long it is, so the end is found without decompressing anything.
ZSTD_FRAME = 0xFD2FB528
ZSTD_SKIPPABLE = range(0x184D2A50, 0x184D2A60)
RAW_OR_COMPRESSED, RUN_LENGTH = (0, 2), 1


def require_whole(path: Path) -> None:
    """Raises CxError for a ``.gz`` or ``.zst`` file that breaks off or is damaged; says nothing of other files."""
    problem = {".gz": _gzip_problem, ".zst": _zstd_problem}.get(path.suffix, lambda _: None)(path)
    if problem:
        raise CxError(f"the file cannot be read: {problem}", file=path, next_step=NEXT_STEP)


def _gzip_problem(path: Path) -> str | None:
    try:
        with gzip.open(path) as stream:
            while stream.read(CHUNK):
                pass
    except EOFError:
        return "the gzip archive breaks off"
    except gzip.BadGzipFile as error:
        return (
            "the gzip archive is damaged" if "CRC" in str(error) or "length" in str(error) else "it is no gzip archive"
        )
    except zlib.error:
        return "the gzip archive is damaged"
    return None


def _zstd_problem(path: Path) -> str | None:
    size = path.stat().st_size
    with path.open("rb") as stream:
        if size == 0:
            return "it is no zstd archive"
        while stream.tell() < size:
            magic = int.from_bytes(stream.read(4), "little")
            if magic in ZSTD_SKIPPABLE:
                stream.seek(int.from_bytes(stream.read(4), "little"), 1)
            elif magic == ZSTD_FRAME:
                problem = _pass_frame(stream, size)
                if problem:
                    return problem
            else:
                return "the zstd archive is damaged" if stream.tell() > 4 else "it is no zstd archive"
        return None if stream.tell() == size else "the zstd archive breaks off"


def _pass_frame(stream: BinaryIO, size: int) -> str | None:
    """Go to the end of a frame whose magic number was just read; what is wrong with it."""
    descriptor = stream.read(1)
    if not descriptor:
        return "the zstd archive breaks off"
    bits = descriptor[0]
    is_single_segment, has_checksum = bits & 0b100000, bits & 0b100
    content_size = (1 if is_single_segment else 0, 2, 4, 8)[bits >> 6]
    stream.seek((0 if is_single_segment else 1) + (0, 1, 2, 4)[bits & 0b11] + content_size, 1)
    is_last = False
    while not is_last:
        header = stream.read(3)
        if len(header) < 3 or stream.tell() > size:
            return "the zstd archive breaks off"
        block = int.from_bytes(header, "little")
        is_last, kind, length = block & 1, block >> 1 & 0b11, block >> 3
        if kind not in (*RAW_OR_COMPRESSED, RUN_LENGTH):
            return "the zstd archive is damaged"
        stream.seek(1 if kind == RUN_LENGTH else length, 1)
    if has_checksum:
        stream.seek(4, 1)
    return None if stream.tell() <= size else "the zstd archive breaks off"

"""Compressed text files: whether one is whole, and what is in it.

DuckDB reads one that breaks off up to the break, without a word.
"""

from __future__ import annotations

import gzip
import io
import zlib
from pathlib import Path

import zstandard

from cxmetrics.errors import CxError
from cxmetrics.inputs.limits import Limits, beyond

CHUNK = 1 << 20
# Of compressed bytes: a block of four may stand for 128 kB.
COMPRESSED_CHUNK = 1 << 10
NEXT_STEP = "copy or export the file again"
# Frames of data, and such as hold something else.
ZSTD_MAGIC = {zstandard.MAGIC_NUMBER, *range(0x184D2A50, 0x184D2A60)}


def require_whole(path: Path, limits: Limits) -> None:
    """Raises CxError for a ``.gz`` or ``.zst`` file that breaks off, is damaged or unpacks to more than the limits
    allow; says nothing of other files. It is unpacked up to the limit and not beyond."""
    find_problem = {".gz": _gzip_problem, ".zst": _zstd_problem}.get(path.suffix)
    problem = find_problem(path, _Unpacked(path, limits)) if find_problem else None
    if problem:
        raise CxError(f"the file cannot be read: {problem}", file=path, next_step=NEXT_STEP)


def opened(path: Path) -> io.BufferedIOBase:
    """The bytes of a text file, decompressed when its name says that it is compressed."""
    if path.suffix == ".gz":
        return gzip.open(path)
    if path.suffix == ".zst":
        frames = zstandard.ZstdDecompressor().stream_reader(path.open("rb"), read_across_frames=True, closefd=True)
        return io.BufferedReader(frames)
    return path.open("rb")


class _Unpacked:
    """Counts what a file unpacks to. Raises CxError at the limit."""

    def __init__(self, path: Path, limits: Limits):
        self._path, self._limits = path, limits
        self._size = path.stat().st_size
        self._bytes = 0

    def add(self, more: int) -> None:
        self._bytes += more
        require_bounded(self._path, self._size, self._bytes, self._limits)


def require_bounded(path: Path, size: int, unpacked: int, limits: Limits) -> None:
    """Raises CxError when ``unpacked`` bytes are more than a file of ``size`` bytes may unpack to."""
    allowed = limits.unpacked(size)
    if unpacked <= allowed:
        return
    what = f"its {size:,} bytes unpack to more than {allowed:,}"
    if allowed == limits.unpacked_bytes:
        raise beyond("unpacked_bytes", f"{what}, and unpacked_bytes allows no more", path)
    raise beyond("unpacked_ratio", f"{what}, and unpacked_ratio allows {limits.unpacked_ratio:,} times its size", path)


def _gzip_problem(path: Path, unpacked: _Unpacked) -> str | None:
    try:
        with gzip.open(path) as stream:
            while content := stream.read(CHUNK):
                unpacked.add(len(content))
    except EOFError:
        return "the gzip archive breaks off"
    except gzip.BadGzipFile as error:
        return (
            "the gzip archive is damaged" if "CRC" in str(error) or "length" in str(error) else "it is no gzip archive"
        )
    except zlib.error:
        return "the gzip archive is damaged"
    return None


def _zstd_problem(path: Path, unpacked: _Unpacked) -> str | None:
    decompressor, frame, rest = zstandard.ZstdDecompressor(), None, b""
    with path.open("rb") as stream:
        if int.from_bytes(stream.read(4), "little") not in ZSTD_MAGIC:
            return "it is no zstd archive"
        stream.seek(0)
        try:
            while chunk := rest or stream.read(COMPRESSED_CHUNK):
                frame = frame or decompressor.decompressobj()
                unpacked.add(len(frame.decompress(chunk)))
                rest = frame.unused_data
                frame = None if frame.eof else frame
        except zstandard.ZstdError as error:
            is_large = "too much memory" in str(error)
            return f"the zstd archive {'needs too much memory' if is_large else 'is damaged'}"
    return "the zstd archive breaks off" if frame else None

"""With what DuckDB reads raw files, whatever the warehouse is: the key of the hashes, memory, and room on the disk.

The key stands in a temporary table of the session and never in SQL: a statement is written to logs, shown to other
sessions and kept in query plans, also with what its parameters and variables were.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

# Bytes in a block of SHA-256, to which HMAC (RFC 2104) fills the key up.
BLOCK = 64
KEY_TABLE = "cx_key"
UNITS = {"bytes": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12,
         "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40}  # fmt: skip


@dataclass(frozen=True)
class FileReader:
    """``key`` is that of the hashes, ``memory`` the bytes DuckDB may take, ``folder`` where it puts what does not fit.

    What is None is as DuckDB has it.
    """

    key: bytes | None = field(default=None, repr=False)
    memory: int | None = None
    folder: Path | None = None

    @contextmanager
    def connected(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection to a database of its own, in memory."""
        with duckdb.connect() as connection:
            connection.execute("set TimeZone = 'UTC'")
            if self.folder is not None:
                # Else it would be a folder of the place where the command was typed.
                connection.execute("set temp_directory = $1", [str(self.folder / "spilled")])
            self.prepare(connection)
            yield connection

    def prepare(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Let a connection that is open read files so."""
        if self.memory is not None and self.memory < _bytes(connection, "memory_limit"):
            connection.execute("set memory_limit = $1", [f"{self.memory // 1000}KB"])
        if self.key is not None:
            query = f"create or replace temp table {KEY_TABLE} as select $1::blob as inner_pad, $2::blob as outer_pad"
            connection.execute(query, list(pads(self.key)))

    @staticmethod
    def forget_key(connection: duckdb.DuckDBPyConnection) -> None:
        """What runs on the connection from here on cannot read the key."""
        connection.execute(f"drop table if exists temp.{KEY_TABLE}")


def pads(key: bytes) -> tuple[bytes, bytes]:
    """What HMAC-SHA256 puts before a text, and before the hash of both."""
    filled = (hashlib.sha256(key).digest() if len(key) > BLOCK else key).ljust(BLOCK, b"\0")
    return bytes(byte ^ 0x36 for byte in filled), bytes(byte ^ 0x5C for byte in filled)


def _bytes(connection: duckdb.DuckDBPyConnection, setting: str) -> float:
    (value,) = connection.execute(f"select current_setting('{setting}')").fetchall()[0]
    number, unit = str(value).split(" ")
    return float(number) * UNITS[unit]

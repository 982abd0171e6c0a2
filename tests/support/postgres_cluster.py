"""A PostgreSQL of a test's own, where it says what is logged and may read the log.

It needs the server's programs on this machine, and a user other than root to run them.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import socket
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from support.postgres_server import need_driver
from support.programs import run_program
from support.workplace import need

USER = "cx_administrator"


@dataclass(frozen=True)
class Cluster:
    """A server on loopback with one superuser."""

    port: int
    password: str
    log: Path

    @property
    def environment(self) -> dict[str, str]:
        """What makes it the server of ``support.postgres_server``."""
        named = {"HOST": "127.0.0.1", "PORT": str(self.port), "USER": USER, "PASSWORD": self.password}
        return {f"CX_POSTGRES_{name}": value for name, value in named.items()}

    def logged(self) -> str:
        """All that the server has written so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")


def _programs() -> Path | None:
    """The folder with the server's programs, the newest where there are several."""
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    newest = max(folders, key=lambda path: int(path.parent.name), default=None)
    found = shutil.which("initdb")
    return newest or (Path(found).parent if found else None)


def _as_somebody() -> list[str]:
    """The beginning of a command that root gives: the server refuses to be root's."""
    return ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []


@contextmanager
def own_cluster(settings: Mapping[str, str]) -> Iterator[Cluster]:
    """A new server with these settings; gone with all it holds when the block ends."""
    need_driver()
    programs = _programs()
    is_there = programs is not None and (os.geteuid() != 0 or shutil.which("runuser") is not None)
    need("postgres", is_there, "apt install postgresql: a test starts a server of its own with initdb and pg_ctl")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="cx_cluster_") as name:
        folder = Path(name)
        password = folder / "password"
        password.write_text(secrets.token_hex(16))
        if os.geteuid() == 0:
            for path in (folder, password):
                os.chown(path, pwd.getpwnam("postgres").pw_uid, -1)
        cluster = Cluster(port, password.read_text(), folder / "log")
        data, log = str(folder / "data"), str(cluster.log)
        how = ["--auth=scram-sha-256", f"--pwfile={password}", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        # Nothing of it outlives a test: its disk need not be waited for.
        settings = {"port": str(port), "listen_addresses": "127.0.0.1", "unix_socket_directories": "''",
                    "fsync": "off", **settings}  # fmt: skip
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        _run("initdb", "--pgdata", data, "--username", USER, *how)
        _run("pg_ctl", "start", "--pgdata", data, "--log", log, "--wait", "--options", options)
        try:
            yield cluster
        finally:
            _run("pg_ctl", "stop", "--pgdata", data, "--mode", "immediate", "--wait")


def _run(program: str, *arguments: str) -> None:
    command = [*_as_somebody(), str(Path(_programs() or "") / program), *arguments]
    # pg_ctl's server would keep a pipe open for as long as it lives.
    with tempfile.TemporaryFile("w+") as said:
        done = run_program(command, stdout=said, stderr=said, cwd="/", check=False)
        said.seek(0)
        assert done.returncode == 0, said.read()

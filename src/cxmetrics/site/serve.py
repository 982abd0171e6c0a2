"""``cx docs --serve``: the site on this machine alone, built anew when a definition changes, shown anew by the browser.

The site on disk stays without script for it: the server adds one line to the pages it sends.
"""

from __future__ import annotations

import contextlib
import http.server
import json
import re
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from cxmetrics.errors import CxError
from cxmetrics.site.content_policy import OF_PAGES, OF_THE_SERVER
from cxmetrics.terminal import complain

if TYPE_CHECKING:
    from cxmetrics.definitions.project import Project

HOST = "127.0.0.1"
# A page of somebody else's, whose name was made to lead here, may not read the numbers.
OWN_NAMES = {HOST, "localhost"}
EVENTS, SCRIPT = "/-/live", "/-/live.js"
# No address of ours is longer, and no site is built a thousand million times while somebody looks at it.
LONGEST_ADDRESS = 500
EDITION = re.compile("[0-9]{1,9}")
# What is no page of the site runs nothing.
NO_PAGE = f"default-src 'none'; {OF_THE_SERVER}"
HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# What a page of the site is made from.
WATCHED = ("metrics", "models", "seeds", "tests/metrics", "dbt_project.yml")
SECONDS_BETWEEN_LOOKS = 0.3
# A browser that went away is noticed when something is sent to it.
SECONDS_BETWEEN_SIGNS = 10.0


class Editions:
    """How often the site was built, and what is wrong with the latest attempt (empty: nothing)."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self.number = 1
        self.problem = ""

    def announce(self, problem: str) -> None:
        """Tell everybody who waits that there was another attempt."""
        with self._changed:
            self.number += 1
            self.problem = problem
            self._changed.notify_all()

    def after(self, seen: int, seconds: float) -> tuple[int, str] | None:
        """The latest edition and its problem as soon as it is not the one ``seen``; None when nothing comes in time."""
        with self._changed:
            if self._changed.wait_for(lambda: self.number != seen, seconds):
                return self.number, self.problem
            return None


@dataclass(frozen=True)
class _Asked:
    """A path of the site, still quoted, and the edition that somebody has seen."""

    path: str
    since: int


def _asked(address: str) -> _Asked | None:
    """What an address asks for; None when it is one that nothing of ours has."""
    path, _, query = address.partition("?")
    edition = query.removeprefix("since=") if query.startswith("since=") else "0"
    if len(address) > LONGEST_ADDRESS or not unquote(path).isprintable() or not EDITION.fullmatch(edition):
        return None
    return _Asked(path, int(edition))


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int, editions: Editions, folder: Path):
        self.editions = editions
        self.folder = folder
        super().__init__((HOST, port), _Handler)

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.server_port}/"

    def handle_error(self, *_: Any) -> None:
        """A browser that closes a page in the middle of an answer is no error."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(*_)


class _Handler(http.server.SimpleHTTPRequestHandler):
    server: _Server
    policy = NO_PAGE

    def __init__(self, request: Any, client: Any, server: _Server):
        super().__init__(request, client, server, directory=str(server.folder))

    def do_GET(self) -> None:
        """What is at an address of this machine's own name."""
        if self.headers.get("Host", "").rsplit(":", 1)[0] not in OWN_NAMES:
            self.send_error(http.HTTPStatus.MISDIRECTED_REQUEST)
        elif (asked := _asked(self.path)) is None:
            self.send_error(http.HTTPStatus.BAD_REQUEST)
        elif asked.path == EVENTS:
            self._send_events(asked.since)
        elif asked.path == SCRIPT:
            self._send(Path(__file__).with_name("live.js").read_bytes(), "text/javascript")
        else:
            self._send_file(self._file(asked.path))

    def do_HEAD(self) -> None:
        """The same, of which ``_send`` then sends the head alone."""
        self.do_GET()

    def _file(self, path: str) -> Path | None:
        """The file of the site at this path, or None. A link leads to nowhere, wherever it leads."""
        try:
            file = Path(self.translate_path(path))
            file = file / "index.html" if path.endswith("/") else file
            beside = file.relative_to(self.server.folder)
            is_itself = file.resolve() == self.server.folder.resolve() / beside
            return file if is_itself and file.is_file() else None
        except (OSError, ValueError):
            return None

    def _send_file(self, file: Path | None) -> None:
        if file is None:
            self.send_error(http.HTTPStatus.NOT_FOUND)
        elif file.suffix == ".html":
            before, body, after = file.read_bytes().rpartition(b"</body>")
            script = f'<script src="{SCRIPT}?since={self.server.editions.number}"></script>\n'
            # dbt's page has a policy of its own, and two of them hold together.
            policy = OF_THE_SERVER if file.parent.name == "dbt" else f"{OF_PAGES}; {OF_THE_SERVER}"
            self._send(before + script.encode() + body + after, "text/html; charset=utf-8", policy)
        else:
            self._send(file.read_bytes(), self.guess_type(file))

    def _send(self, content: bytes, kind: str, policy: str = NO_PAGE) -> None:
        self.send_response(http.HTTPStatus.OK)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.policy = policy
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _send_events(self, seen: int) -> None:
        self.send_response(http.HTTPStatus.OK)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        while self.command != "HEAD":
            newer = self.server.editions.after(seen, SECONDS_BETWEEN_SIGNS)
            if newer:
                seen, problem = newer
                self.wfile.write(f"data: {json.dumps(problem)}\n\n".encode())
            else:
                self.wfile.write(b": nothing new\n\n")

    def end_headers(self) -> None:
        for name, value in {**HEADERS, "Content-Security-Policy": self.policy}.items():
            self.send_header(name, value)
        super().end_headers()

    def list_directory(self, path: Any) -> None:
        """No lists of files."""
        self.send_error(http.HTTPStatus.NOT_FOUND)

    def log_message(self, *_: Any) -> None:
        """Say nothing of single requests."""


def serve(
    folder: Path, port: int, build: Callable[[], Any], changes: Iterable[object], ready: Callable[[str], None]
) -> None:
    """Build, serve ``folder`` on ``port`` (0: any that is free), call ``ready`` with the address, and build again at
    every one of the ``changes``; until they end or the user interrupts.

    Raises CxError when the port cannot be used or the first build fails; later ones are told of and survived.
    """
    editions = Editions()
    with _bound(port, editions, folder) as server:
        build()
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        ready(server.address)
        try:
            for _ in changes:
                editions.announce(_problem(build))
        except KeyboardInterrupt:
            complain("\n")
        finally:
            server.shutdown()
            thread.join()


@contextlib.contextmanager
def _bound(port: int, editions: Editions, folder: Path) -> Iterator[_Server]:
    try:
        server = _Server(port, editions, folder)
    except OSError as error:
        what = f"nothing can be served on this port: {error.strerror}"
        raise CxError(what, got=port, next_step="--port 0 takes one that is free") from error
    with server:
        yield server


def _problem(build: Callable[[], Any]) -> str:
    """What is wrong with a build, or nothing."""
    try:
        build()
    except CxError as error:
        complain(f"{error}\n")
        return str(error)
    return ""


def changes(project: Project, published: str, seconds: float = SECONDS_BETWEEN_LOOKS) -> Iterator[None]:
    """An item whenever something a page is made from has changed, and rests again: editors write in several steps.

    ``published`` is where the published numbers lie; it is watched where that is a file. What changes after this call
    is told of, also when nobody has asked yet.
    """
    paths = [*(project.root / name for name in WATCHED), Path(published)]
    return _changes(paths, _states(paths), seconds)


def _changes(paths: list[Path], told: dict[Path, tuple[int, int]], seconds: float) -> Iterator[None]:
    while True:
        time.sleep(seconds)
        now = _states(paths)
        if now == told:
            continue
        time.sleep(seconds)
        if now == _states(paths):
            told = now
            yield


def _states(paths: Iterable[Path]) -> dict[Path, tuple[int, int]]:
    states = {}
    for path in paths:
        for file in [path, *path.rglob("*")]:
            # A file can go between being listed and being asked.
            with contextlib.suppress(OSError):
                state = file.stat()
                states[file] = (state.st_mtime_ns, state.st_size)
    return states

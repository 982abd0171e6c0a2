"""The local server: whom it answers, what it adds to a page, and when it builds anew."""

from __future__ import annotations

import http.client
import json
import queue
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from cxmetrics.errors import CxError
from cxmetrics.site.serve import changes, serve
from support.copied_project import SmallProject

PATIENCE_SECONDS = 30.0


class Running:
    """A server in a thread of its own; ``change`` is told of changes, ``fails_with`` is what a build raises."""

    def __init__(self, folder: Path):
        self.builds = 0
        self.fails_with: CxError | None = None
        self.change = queue.Queue[object]()
        addresses = queue.Queue[str]()
        until_none = iter(self.change.get, None)
        arguments = (folder, 0, self._build, until_none, addresses.put)
        self.thread = threading.Thread(target=serve, args=arguments, daemon=True)
        self.thread.start()
        self.address = addresses.get(timeout=PATIENCE_SECONDS)

    def _build(self) -> None:
        self.builds += 1
        if self.fails_with:
            raise self.fails_with

    def get(self, path: str, method: str = "GET", **headers: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=PATIENCE_SECONDS)
        connection.request(method, path, headers=headers)
        return connection.getresponse()


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    site = tmp_path / "site"
    (site / "assets").mkdir(parents=True)
    (site / "index.html").write_text("<html><body>Shown.</body></html>")
    (site / "assets" / "site.css").write_text("p { }")
    (tmp_path / "secret.html").write_text("<body>secret</body>")
    (site / "link.html").symlink_to(tmp_path / "secret.html")
    (site / "linked").symlink_to(tmp_path)
    (site / "own.html").symlink_to(site / "index.html")
    (site / "dbt").mkdir()
    (site / "dbt" / "index.html").write_text("<body>dbt</body>")
    running = Running(site)
    yield running
    running.change.put(None)
    running.thread.join(PATIENCE_SECONDS)
    assert not running.thread.is_alive()


@pytest.mark.parametrize("path", ["/", "/index.html", "/index.html?x=1"])
def test_a_page_gets_the_script_that_the_site_on_disk_does_not_have(running: Running, path: str) -> None:
    expected = b'<html><body>Shown.<script src="/-/live.js?since=1"></script>\n</body></html>'
    assert running.get(path).read() == expected
    assert b"EventSource" in running.get("/-/live.js?since=1").read()
    assert running.get("/assets/site.css").read() == b"p { }"


@pytest.mark.parametrize(
    ("path", "host", "status"),
    [
        ("/?since=", "127.0.0.1", 400),
        ("/%00", "127.0.0.1", 400),
        ("/index.html%00", "127.0.0.1", 400),
        ("/%1b]0;title%07", "127.0.0.1", 400),
        (f"/-/live?since={'1' * 5_000}", "127.0.0.1", 400),
        ("/-/live?since=1234567890", "127.0.0.1", 400),
        ("/-/live?since=-1", "127.0.0.1", 400),
        (f"/{'a' * 5_000}", "127.0.0.1", 400),
        (f"/{'a' * 400}", "127.0.0.1", 404),
        ("/link.html", "127.0.0.1", 404),
        ("/linked/secret.html", "127.0.0.1", 404),
        ("/own.html", "127.0.0.1", 404),
        ("/", "localhost", 200),
        ("/", "numbers.example:8000", 421),
        ("/-/live?since=0", "numbers.example", 421),
        ("/assets/", "127.0.0.1", 404),
        ("/missing.html", "127.0.0.1", 404),
        ("/../secret.html", "127.0.0.1", 404),
        ("/%2e%2e/secret.html", "127.0.0.1", 404),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_only_this_machine_reads_only_the_site(
    running: Running, capsys: pytest.CaptureFixture[str], method: str, path: str, host: str, status: int
) -> None:
    assert running.address.startswith("http://127.0.0.1:")
    answer = running.get(path, method, Host=host)
    assert answer.status == status
    assert b"secret" not in answer.read()
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("path", ["/", "/dbt/index.html", "/assets/site.css", "/missing.html", "/-/live.js"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_every_answer_says_what_a_browser_may_do_with_it(running: Running, method: str, path: str) -> None:
    headers = running.get(path, method).headers
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_a_page_runs_no_script_that_stands_in_it(running: Running) -> None:
    directives = running.get("/").headers["Content-Security-Policy"].split("; ")
    assert {"default-src 'none'", "script-src 'self' file:", "connect-src 'self'"} <= set(directives)


def test_the_head_of_an_answer_is_that_of_the_answer(running: Running) -> None:
    head, whole = running.get("/", "HEAD"), running.get("/")
    assert (head.read(), head.headers["Content-Length"]) == (b"", str(len(whole.read())))


def test_who_waits_hears_of_a_new_build_and_of_what_is_wrong_with_one(running: Running) -> None:
    events = running.get("/-/live?since=1")
    running.change.put("a file")
    assert _next(events) == ""
    running.fails_with = CxError("the key is unknown", file="metrics/service/reopen_rate.yml", line=3)
    running.change.put("a file")
    assert _next(events) == "metrics/service/reopen_rate.yml:3: the key is unknown"
    assert running.get("/").status == 200
    running.fails_with = None
    running.change.put("a file")
    assert _next(events) == ""
    assert running.builds == 4


def test_a_page_from_before_a_build_hears_of_it_at_once(running: Running) -> None:
    assert _next(running.get("/-/live?since=0")) == ""


def _next(events: http.client.HTTPResponse) -> str:
    while not (line := events.readline()).startswith(b"data: "):
        assert line, "the server hung up"
    return json.loads(line.removeprefix(b"data: "))


def test_a_port_that_is_taken_is_an_error_with_a_next_step_before_anything_is_built(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CxError, match="Address already in use") as caught:
            serve(tmp_path, port, lambda: pytest.fail("built"), (), lambda address: None)
    assert (caught.value.got, caught.value.next_step) == (port, "--port 0 takes one that is free")


def test_a_first_build_that_fails_ends_the_command(tmp_path: Path) -> None:
    def build() -> None:
        raise CxError("nothing has been published yet")

    with pytest.raises(CxError, match="nothing has been published yet"):
        serve(tmp_path, 0, build, (), lambda address: pytest.fail("served"))


def test_an_interrupt_ends_it_quietly(tmp_path: Path) -> None:
    def interrupted() -> Iterator[None]:
        yield
        raise KeyboardInterrupt

    serve(tmp_path, 0, lambda: None, interrupted(), lambda address: None)


@pytest.mark.parametrize(
    "change",
    [
        lambda small: small.replace("metrics/service/reopen_rate.yml", "label: Reopen rate", "label: Reopened"),
        lambda small: small.write("metrics/experience/new_rate.yml", "metrics: []"),
        lambda small: small.write("models/groups.md", "words"),
        lambda small: small.write("tests/metrics/service/reopen_rate.yml", "metric: reopen_rate"),
        lambda small: small.remove("seeds/journey_stages.csv"),
        lambda small: small.write("warehouse/cx.duckdb", "new numbers"),
    ],
)
def test_a_change_of_what_pages_are_made_from_is_noticed_once(
    small: SmallProject, change: Callable[[SmallProject], None]
) -> None:
    seen = queue.Queue[object]()
    noticed = changes(small.project, str(small.root / "warehouse" / "cx.duckdb"), seconds=0.01)
    change(small)
    small.write("target/site/index.html", "what is made is not watched")
    threading.Thread(target=lambda: [seen.put(one) for one in noticed], daemon=True).start()
    seen.get(timeout=PATIENCE_SECONDS)
    with pytest.raises(queue.Empty):
        seen.get(timeout=0.2)

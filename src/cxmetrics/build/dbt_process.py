"""Runs ``dbt build`` in a process of its own, which imports dbt and parses the project while the inputs are checked.

The child (``python -m cxmetrics.build.dbt_process``) reads one request from standard input when the inputs are good and
writes one JSON object a line: ``{"parsed"}`` when the project has been parsed, ``{"node", "done", "total"}`` for
each node and ``{"success", "failures", ...}`` at the end. It does what ``dbt build`` does, with the same target folder
and log file.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from rich.text import Text

from cxmetrics.errors import BuildFailed, known
from cxmetrics.progress import Report

FAILURES_SHOWN = 5


class Transform:
    """dbt, started. Leaving the ``with`` block without ``build`` ends it with nothing done."""

    def __init__(self, root: Path, target: str, variables: dict[str, Any]):
        # A file, because nobody reads it while dbt runs and a full pipe would stop it.
        self._complaints = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed when the block is left
        arguments = ["--target", target, "--vars", json.dumps(variables), "--project-dir", str(root)]
        profiles = os.environ.get("DBT_PROFILES_DIR", str(root))
        self._process = subprocess.Popen(  # noqa: S603 (this Python, and arguments that are no options of it)
            [sys.executable, "-m", "cxmetrics.build.dbt_process", *arguments, "--profiles-dir", profiles],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            text=True,
            cwd=root,
        )

    def __enter__(self) -> Transform:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
        for stream in (self._process.stdin, self._process.stdout, self._complaints):
            if stream is not None:
                stream.close()
        self._process.wait()

    def build(
        self,
        *,
        full_refresh: bool = False,
        on_parsed: Callable[[], None] = lambda: None,
        report: Report = lambda step, done, total: None,
    ) -> dict[str, Any]:
        """Build everything; the counts of passed, warned and failed nodes. Raises BuildFailed, with what failed.

        ``on_parsed`` is called once the target folder holds the artefacts of this project.
        """
        requests, answers = known(self._process.stdin), known(self._process.stdout)
        try:
            requests.write(json.dumps({"full_refresh": full_refresh}) + "\n")
            requests.flush()
        except BrokenPipeError:
            raise self._ended() from None
        for line in answers:
            message = json.loads(line)
            if "parsed" in message:
                on_parsed()
            elif "node" in message:
                report(message["node"], message["done"], message["total"])
            else:
                return self._judged(message)
        raise self._ended()

    def _judged(self, outcome: dict[str, Any]) -> dict[str, Any]:
        if outcome["success"]:
            return outcome
        failures = outcome["failures"]
        shown = [
            f"{failure['name']} ({failure['status']}): {Text.from_ansi(failure['message']).plain}"
            for failure in failures
        ]
        if len(shown) > FAILURES_SHOWN:
            shown[FAILURES_SHOWN:] = [f"and {len(failures) - FAILURES_SHOWN} more"]
        is_full = any("No space left" in failure["message"] for failure in failures)
        step = "make room, then run cx build again" if is_full else "fix what is named, then run cx build again"
        what = outcome["exception"] or f"{len(failures)} of dbt's nodes failed; nothing was published"
        raise BuildFailed(
            "\n".join(["dbt build failed: " + what, *(f"  {line}" for line in shown)]),
            file=failures[0]["file"] if failures else None,
            next_step=f"{step}; the whole report is in logs/dbt.log",
        )

    def _ended(self) -> BuildFailed:
        self._process.wait()
        self._complaints.seek(0)
        last = self._complaints.read().strip().splitlines()[-1:]
        return BuildFailed(
            "dbt ended before it had built anything" + (f": {last[0]}" if last else ""),
            next_step="dbt build --profiles-dir . shows why",
        )


def _serve(arguments: list[str], requests: TextIO, answers: TextIO) -> None:
    """The child: parse now, build when asked."""
    from dbt.cli.main import dbtRunner
    from dbt.contracts.graph.manifest import Manifest

    def answer(message: dict[str, Any]) -> None:
        answers.write(json.dumps(message) + "\n")
        answers.flush()

    parsed = dbtRunner().invoke(["--quiet", "parse", *arguments])
    request = requests.readline()
    if not request:
        return
    if not parsed.success:
        answer({"success": False, "failures": [], "exception": _sentence(parsed.exception)})
        return
    manifest = parsed.result
    if not isinstance(manifest, Manifest):
        raise TypeError("dbt parse answers with the manifest")
    answer({"parsed": True})
    threading.Thread(target=_end_with_the_requests, args=[requests.fileno()], daemon=True).start()
    started = 0

    def follow(event: Any) -> None:
        nonlocal started
        if event.info.name == "LogStartLine":
            started += 1
            answer({"node": event.data.description, "done": started, "total": event.data.total})

    command = ["--quiet", "build", *arguments]
    if json.loads(request)["full_refresh"]:
        command.append("--full-refresh")
    built = dbtRunner(manifest=manifest, callbacks=[follow]).invoke(command)
    answer(_outcome(built))


def _end_with_the_requests(descriptor: int) -> None:
    """Nothing comes after the first request; the end of them is that of the process that asked. Whatever this one went
    on to build would get in the way of the next build."""
    while os.read(descriptor, 1):
        continue
    os._exit(1)


def _outcome(built: Any) -> dict[str, Any]:
    results = list(built.result.results) if built.result is not None else []
    counts: dict[str, int] = {}
    failures = []
    for result in results:
        status = str(result.status)
        counts[status] = counts.get(status, 0) + 1
        if status in ("error", "fail", "runtime error"):
            message = " ".join((result.message or "").split())
            failures.append(
                {
                    "name": result.node.name,
                    "status": status,
                    "message": message,
                    "file": result.node.original_file_path,
                }
            )
    exception = None if built.exception is None else _sentence(built.exception)
    return {"success": built.success, "failures": failures, "exception": exception, "counts": counts}


def _sentence(error: BaseException | None) -> str:
    """What dbt says, on one line."""
    return " ".join(str(error).split()) if error is not None else "no reason was given"


if __name__ == "__main__":
    # dbt and its adapters print to standard output now and then; answers go through the descriptor it had.
    own_output = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    _serve(sys.argv[1:], sys.stdin, own_output)

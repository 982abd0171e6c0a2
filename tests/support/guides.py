"""The guides as a reader follows them: what each starts from, and its commands, edits and queries in order.

A paragraph that begins with START names the state from which all steps up to the next such paragraph run. A step is

- a command of a ``console`` block, after ``$ ``, in one shell for all of them. Below it stands what it prints, ``...``
  in place of lines or of the end of a line; a number and a bar of a chart stand for any. A command below which ``^C``
  stands is interrupted once it has printed that.
- a ``yaml`` or ``csv`` block: an edit of the file that the paragraph above it names last.
- an ``sql`` block: statements for whatever the state has.
"""

from __future__ import annotations

import csv
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from support.programs import start_program
from support.workplace import ROOT

GUIDES = ROOT / "docs" / "guides"
START = "**Start:** "

BY_SECTION = "the state that each section with commands names."
AFTER_DEMO = "a checkout after `make demo`, in its environment (`source .venv/bin/activate`)."
AFTER_BUILD = "a checkout after `cx build`, with raw files in `raw/`."
WITH_RAW_FILES = "a checkout after `make setup`, with raw files in `raw/`."
TO_ERASE = "a checkout after `cx build`, with raw files in `raw/`, from which a customer is to be erased."
TO_CHANGE_SALT = "a checkout after `cx inputs`, with raw files in `raw/`."
ON_POSTGRES = (
    "a checkout after `make setup ENGINES=1`, with raw files in `raw/`, and the database of"
    " [Operating](operating.md#postgresql-roles-and-grants)."
)
AS_ADMINISTRATOR = "a PostgreSQL server, and `psql` with a role that may create databases and roles."
ON_SPARK = "a checkout after `make setup ENGINES=1`, with raw files in `raw/`, and Java 17."

# What a guide starts from -> the tests that bring it about and run what follows.
RUN_BY = {
    AFTER_DEMO: "test_guides.py",
    AFTER_BUILD: "test_guides.py",
    WITH_RAW_FILES: "test_guides.py",
    TO_ERASE: "test_erasure.py",
    TO_CHANGE_SALT: "test_erasure.py",
    ON_POSTGRES: "test_postgres_guides.py",
    AS_ADMINISTRATOR: "test_postgres_guides.py",
    ON_SPARK: "test_spark.py",
}


@dataclass(frozen=True)
class Command:
    """What is typed, and the lines that are shown below it."""

    where: str
    text: str
    shown: tuple[str, ...]


@dataclass(frozen=True)
class Edit:
    """What is added to a file of the project."""

    where: str
    file: str
    text: str


@dataclass(frozen=True)
class Query:
    """SQL statements."""

    where: str
    text: str


Step = Command | Edit | Query


@dataclass
class Part:
    """The steps of a guide that start from one state."""

    guide: str
    start: str
    steps: list[Step] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.guide}: {self.start}"


def parts(guide: Path) -> list[Part]:
    """Those of one guide; steps above the first paragraph that names a state are in a part without one."""
    found, above = [Part(guide.name, "")], ""
    for number, paragraph in _paragraphs(guide.read_text(encoding="utf-8")):
        where = f"{guide.name}:{number}"
        if paragraph.startswith("```"):
            language, _, text = paragraph.removesuffix("```").removeprefix("```").partition("\n")
            found[-1].steps += _steps(language, text, where, above)
        else:
            above = " ".join(paragraph.split())
            if above.startswith(START):
                sentence = re.split(r"(?<=\.) (?=[A-Z])", above.removeprefix(START))[0]
                found.append(Part(guide.name, sentence))
    return [part for part in found if part.steps or part.start not in ("", BY_SECTION)]


def parts_run_by(test: str) -> list[Part]:
    """The parts of all guides that a file of tests is to run."""
    return [part for guide in sorted(GUIDES.glob("*.md")) for part in parts(guide) if RUN_BY.get(part.start) == test]


def _paragraphs(text: str) -> Iterator[tuple[int, str]]:
    """Fenced blocks as they are, and what is between them by paragraph; each with its line."""
    kept: list[str] = []
    is_fenced = False
    for number, line in enumerate([*text.splitlines(), ""], 1):
        is_fence = line.startswith("```")
        if kept and not is_fenced and (is_fence or not line.strip()):
            yield number - len(kept), "\n".join(kept)
            kept = []
        if is_fenced or line.strip():
            kept.append(line)
        if is_fence:
            if is_fenced:
                yield number - len(kept) + 1, "\n".join(kept)
                kept = []
            is_fenced = not is_fenced


def _steps(language: str, text: str, where: str, above: str) -> Iterator[Step]:
    if language == "console":
        yield from _commands(text.splitlines(), where)
    elif language in ("yaml", "csv"):
        named = re.findall(r"`([\w./]+\.(?:yml|csv))`", above)
        assert named, f"{where}: the paragraph above does not say which file this belongs to"
        yield Edit(where, named[-1], text)
    elif language == "sql":
        yield Query(where, text)
    else:
        assert language == "text", f"{where}: a block of {language or 'no language'}; text is what nobody runs"


def _commands(lines: list[str], where: str) -> Iterator[Command]:
    while lines:
        first = lines.pop(0)
        assert first.startswith("$ "), f"{where}: {first!r} stands below no command"
        typed = first.removeprefix("$ ")
        while _goes_on(typed):
            typed += f"\n{lines.pop(0)}"
        shown = []
        while lines and not lines[0].startswith("$ "):
            shown.append(lines.pop(0))
        yield Command(where, typed, tuple(line for line in shown if line.strip()))


def _goes_on(typed: str) -> bool:
    """Does the shell wait for another line: of a text in quotes, after a backslash, or of a here-document?"""
    if here := re.search(r"<<-?'?(\w+)'?", typed):
        return here[1] not in typed.splitlines()[1:]
    try:
        shlex.split(typed, comments=True)
    except ValueError:
        return True
    return False


class Reader:
    """Somebody who follows a guide in a folder, with the environment of the project active."""

    def __init__(
        self,
        folder: Path,
        query: Callable[[str], object] | None = None,
        environment: Mapping[str, str] | None = None,
        **variables: str,
    ):
        self.folder, self._query = folder, query
        programs = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        self._environment = {**(environment or _bare_environment()), "PATH": programs, **variables}
        if not (folder / ".venv").exists():
            (folder / ".venv").symlink_to(sys.prefix)

    def follow(self, steps: list[Step]) -> None:
        for step in steps:
            if isinstance(step, Edit):
                self._edit(step)
            elif isinstance(step, Query):
                assert self._query is not None, f"{step.where}: nothing here takes SQL"
                self._query(step.text)
            else:
                self.type(step)

    def type(self, command: Command) -> str:
        """What a command prints; it succeeds, and prints what is shown below it."""
        script = 'test ! -f "$0" || . "$0"; eval "$1"; status=$?; export -p > "$0"; exit $status'
        variables = self.folder.parent / f"{self.folder.name}.variables"
        process = start_program(
            ["bash", "-o", "pipefail", "-c", script, str(variables), command.text],
            cwd=self.folder, env=self._environment, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
            # Where tests run in the background an interrupt is ignored, and children inherit that.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )  # fmt: skip
        try:
            is_interrupted = command.shown[-1:] == ("^C",)
            shown = command.shown[:-1] if is_interrupted else command.shown
            printed = _until(process, shown, is_interrupted=is_interrupted)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
        assert process.returncode == 0, f"{command.where}: {command.text}\n{printed}"
        lost = missing(shown, printed)
        assert not lost, f"{command.where}: {command.text}\ndoes not print {lost[0]!r}, but\n{printed}"
        return printed

    def _edit(self, edit: Edit) -> None:
        path = self.folder / edit.file
        if edit.file.endswith(".csv"):
            text = path.read_text(encoding="utf-8")
            header, lines = text.splitlines()[0], edit.text.splitlines()
            added = lines[1:] if lines[0] == header else lines
            wide = [line for line in csv.reader(added) if len(line) != header.count(",") + 1]
            assert not wide, f"{edit.where}: {edit.file} has the columns {header}"
            path.write_text(text.rstrip("\n") + "\n" + "\n".join(added) + "\n", encoding="utf-8")
        else:
            merged = _merged(yaml.safe_load(path.read_text(encoding="utf-8")), yaml.safe_load(edit.text))
            path.write_text(yaml.safe_dump(merged, sort_keys=False), encoding="utf-8")


def _bare_environment() -> dict[str, str]:
    """That of these tests, without what they say to ``cx`` and dbt."""
    kept = {name: value for name, value in os.environ.items() if not re.match(r"(CX|DBT)_", name)}
    return kept | {
        "NO_COLOR": "1",
        "COLUMNS": "120",
        # As in Workplace: the builds of other tests run them.
        "DBT_EXCLUDE_RESOURCE_TYPES": "unit_test test",
        # `make` finds its environment and installs nothing into it.
        "MAKEFLAGS": "--old-file=.venv/installed --old-file=.venv/installed-dev",
    }


def _until(process: subprocess.Popen[str], shown: tuple[str, ...], *, is_interrupted: bool) -> str:
    """All that a process prints; it is interrupted as soon as it has printed what is shown."""
    assert process.stdout is not None
    printed = ""
    for line in process.stdout:
        printed += line
        if is_interrupted and not missing(shown, printed):
            is_interrupted = False
            os.killpg(process.pid, signal.SIGINT)
    process.wait()
    return printed


def _merged(old: Any, new: Any) -> Any:
    """A mapping with the keys of another one set."""
    if not (isinstance(old, Mapping) and isinstance(new, Mapping)):
        return new
    return {**old, **{key: _merged(old.get(key), value) for key, value in new.items()}}


def missing(shown: tuple[str, ...], printed: str) -> list[str]:
    """The first of the lines shown that is not among those printed after the one before, and all further ones."""
    lines = iter(printed.splitlines())
    for number, line in enumerate(shown):
        if line.strip() != "..." and not any(_is_form_of(line, other) for other in lines):
            return list(shown[number:])
    return []


def _is_form_of(shown: str, printed: str) -> bool:
    if shown.endswith("..."):
        return _form(printed).startswith(_form(shown.removesuffix("...")))
    return _form(shown) == _form(printed)


def _form(line: str) -> str:
    """A line without its numbers, charts and spaces."""
    line = re.sub(r"[▁-█·]+", "▁", line)
    line = re.sub(r"[+-]?\d[\d,.]*", "0", line)
    return " ".join(re.sub(r"[─-]+", "─", line).split())

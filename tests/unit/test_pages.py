"""The pages written by hand: their lines wrap, and every command they show is one that ``cx`` takes."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer
import yaml

from cxmetrics import cli
from cxmetrics.cli_reference import allowed
from support.parsed_project import ROOT

WIDTH = 120
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")]
PAGES += [*sorted((ROOT / "docs" / "guides").glob("*.md")), *sorted((ROOT / "docs" / "decisions").glob("*.md"))]
TEXTS = sorted((ROOT / "metrics").rglob("*.md"))
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.DOTALL | re.MULTILINE)


def blocks(kind: str) -> list[tuple[str, str]]:
    """Page and text of each fenced block of a kind."""
    found = [(page.name, block) for page in PAGES for block in BLOCK.findall(page.read_text(encoding="utf-8"))]
    return [(page, text) for page, (name, text) in found if name == kind]


def commands() -> list[tuple[str, str]]:
    """Page and command line, without prompt, variables, comment and what its output goes to."""
    found = []
    for page, text in blocks("console"):
        for line in text.replace("\\\n", " ").splitlines():
            if match := re.match(r"\$ (?:\w+=\S+ )*(?:\.venv/bin/)?cx (.*)", line):
                found.append((page, re.split(r" [|>#] ?| && ", match[1])[0].strip()))
    return found


@pytest.mark.parametrize("page", [*PAGES, *TEXTS], ids=lambda page: page.name)
def test_lines_wrap(page: Path):
    """A row of a table and a link to a picture cannot be wrapped."""
    lines = page.read_text(encoding="utf-8").splitlines()
    wide = [number for number, line in enumerate(lines, 1) if len(line) > WIDTH and not line.startswith(("|", "!["))]
    assert wide == []


def test_commands_are_found():
    assert len(commands()) > 20
    assert {"README.md", "operating.md", "experiments.md"} <= {page for page, _ in commands()}


@pytest.mark.parametrize(("page", "line"), commands())
def test_every_command_of_a_page_is_one_that_cx_takes(page: str, line: str):
    """Its words are read as ``cx`` reads them, and values of options with a list are on the list; nothing is run."""
    command = typer.main.get_command(cli.app())
    context = command.make_context("cx", shlex.split(line))
    words = [*context._protected_args, *context.args]
    while hasattr(command, "commands"):
        assert words, f"{page}: {line} names no command"
        command = command.commands[words[0]]
        context = command.make_context(words[0], words[1:], parent=context)
        words = [*context._protected_args, *context.args]
    for parameter in command.params:
        given, options = context.params.get(parameter.name), allowed(parameter, context)
        assert given is None or not options or given in options, f"{page}: {line}"


@pytest.mark.parametrize(("page", "text"), blocks("yaml"))
def test_every_yaml_block_is_yaml(page: str, text: str):
    assert yaml.safe_load(text), page

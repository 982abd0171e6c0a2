"""What a guide tells people to type, typed by a test."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from support.programs import run_program
from support.workplace import ROOT

GUIDES = ROOT / "docs" / "guides"
# What the guides call duckdb is another package; the SQL is the same.
DUCKDB = """#!/bin/sh
exec "{python}" -c 'import duckdb, sys; duckdb.execute(sys.argv[2])' "$@"
"""


def commands(guide: str, name: str) -> list[str]:
    """The commands of the block below ``<!-- name -->``, each with its further lines."""
    text = (GUIDES / guide).read_text(encoding="utf-8")
    block = text.partition(f"<!-- {name} -->\n```console\n$ ")[2].partition("\n```")[0]
    assert block, f"{guide} has no block {name}"
    return block.split("\n$ ")


def typed(command: str, folder: Path, environment: Mapping[str, str]) -> str:
    """What a command prints when it is typed in a folder; it succeeds."""
    programs = folder.parent / f"{folder.name}_programs"
    programs.mkdir(exist_ok=True)
    duckdb = programs / "duckdb"
    duckdb.write_text(DUCKDB.format(python=sys.executable))
    duckdb.chmod(0o700)
    path = os.pathsep.join([str(programs), str(Path(sys.executable).parent), os.environ["PATH"]])
    done = run_program(
        ["bash", "-c", command],
        cwd=folder, env=dict(environment) | {"PATH": path}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout

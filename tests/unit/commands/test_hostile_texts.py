"""Texts that a terminal would obey or Rich would read as markup, in the places people and data write to: every command
shows them and does nothing."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from cxmetrics import cli
from support.parsed_project import copy_project
from support.programs import start_program
from support.raw_inputs import DECLARATION

HOSTILE = "[/x] [link=https://e.example]a[/link] \x1b]0;title\x07\x1b[2J\u202ecod\x9b31m"
SEEN = "[/x] [link=https://e.example]a[/link] ␛]0;title␇␛[2J�cod�31m"
FORBIDDEN = ("\x1b]", "\x1b[2J", "\x07", "\x9b", "\u202e", "Traceback")


@pytest.fixture
def hostile(inside_published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the project and of what was published: hostile labels in the definitions and in the data."""
    root = tmp_path / "project"
    copy_project(root)
    file = root / "metrics" / "service" / "reopen_rate.yml"
    text = file.read_text("utf-8")
    assert "label: Reopen rate" in text
    escaped = HOSTILE.encode("unicode_escape").decode()
    file.write_text(text.replace("label: Reopen rate", f'label: "{escaped}"'), "utf-8")
    warehouse = tmp_path / "warehouse"
    shutil.copytree(inside_published, warehouse)
    with duckdb.connect(str(warehouse / "cx.duckdb")) as connection:
        connection.execute("update service.fct_tickets set channel = ? where channel is not null", [HOSTILE])
        connection.execute("update metrics.build_info set sources = ?", [HOSTILE])
    monkeypatch.setenv("CX_WAREHOUSE", str(warehouse))
    monkeypatch.setenv("DBT_PROJECT_DIR", str(root))
    monkeypatch.setenv("COLUMNS", "300")
    return root


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a raw folder whose files have hostile names and columns."""
    root = tmp_path / "shop"
    (root / "models" / "staging" / "shop").mkdir(parents=True)
    (root / "dbt_project.yml").write_text("name: shop\nvars: {sources: [shop]}\n")
    (root / "models" / "staging" / "shop" / "_shop__sources.yml").write_text(DECLARATION)
    (root / "raw" / "tickets").mkdir(parents=True)
    rows = f"ticket_id,created_at,status,{HOSTILE}\nt1,2024-01-01,open,\nt2,2024-01-01,{HOSTILE},\n"
    # Linux allows any character but / in a name, and bytes that are no UTF-8.
    name = HOSTILE.replace("/", "") + "\nPublished: nothing.csv"
    (root / "raw" / "tickets" / name).write_text(rows)
    Path(os.fsdecode(os.fsencode(root / "raw") + b"/na\xefve.csv")).write_text(rows)
    monkeypatch.setenv("CX_WAREHOUSE", str(tmp_path / "warehouse"))
    monkeypatch.setenv("DBT_PROJECT_DIR", str(root))
    monkeypatch.chdir(root)
    return root


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """All that is printed to a file or a pipe, where our own colours have no place either."""
    assert cli.main(arguments) in (0, 1, 2, 3)
    printed = capsys.readouterr()
    text = printed.out + printed.err
    assert [found for found in ("\x1b", *FORBIDDEN) if found in text] == []
    return text


@pytest.mark.parametrize(
    "arguments",
    [
        ("query", "reopen_rate", "--by", "channel"),
        ("query", "reopen_rate", "first_response_time", "--by", "channel"),
        ("query", "reopen_rate", "--by", "channel", "--format", "csv"),
        ("scorecard",),
        ("publish", "--list"),
        (HOSTILE,),
        (f"--{HOSTILE}",),
        ("query", HOSTILE),
        ("query", "reopen_rate", "--by", HOSTILE),
        ("query", "reopen_rate", "--grain", HOSTILE),
        ("query", "reopen_rate", "--where", f"channel = '{HOSTILE}'"),
        ("query", "reopen_rate", "--where", HOSTILE),
        ("query", "reopen_rate", "--out", f"{HOSTILE}/{HOSTILE}", "--format", "csv"),
        ("query", "reopen_rate", "--experiment", HOSTILE),
        ("audit", "--segment", HOSTILE),
        ("audit", "--list", HOSTILE),
        ("scorecard", "--target", HOSTILE),
        ("inputs", "--explain", HOSTILE),
        ("inputs", "--source", HOSTILE),
        ("inputs", "--raw", HOSTILE),
        ("build", "--as-of", HOSTILE),
        ("new", "metric", HOSTILE, "--domain", "service", "--group", "support"),
        ("publish", "--rollback", "--to", HOSTILE),
        ("docs", "--port", HOSTILE),
    ],
)
@pytest.mark.usefixtures("hostile")
def test_nothing_that_was_written_is_obeyed(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]):
    assert said(capsys, *arguments)


@pytest.mark.usefixtures("hostile")
def test_it_is_shown_as_it_was_written(capsys: pytest.CaptureFixture[str]):
    assert said(capsys, "query", "reopen_rate", "--by", "channel").count(SEEN) == 2  # the label and the channel
    assert f"got:     {SEEN}" in said(capsys, "query", HOSTILE)
    assert "[/x]" in said(capsys, "scorecard")


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    "arguments", [("inputs",), ("inputs", "--explain", "tickets:2"), ("inputs", "--explain", "tickets:4")]
)
def test_names_of_files_and_columns_are_not_obeyed(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]):
    text = said(capsys, "inputs") + said(capsys, *arguments)
    assert "note: tickets" in text
    assert not any(line.startswith("Published") for line in text.splitlines())


@pytest.mark.usefixtures("hostile")
@pytest.mark.parametrize("arguments", [("query", "reopen_rate", "--by", "channel"), ("scorecard",)])
def test_a_terminal_gets_our_colours_and_nothing_else(arguments: tuple[str, ...]):
    printed = on_a_terminal(*arguments)
    assert "\x1b[" in printed
    assert "␛[1m" not in printed and "␛[0m" not in printed
    assert [found for found in FORBIDDEN if found in printed] == []


def on_a_terminal(*arguments: str) -> str:
    """What ``cx`` writes to a terminal of its own."""
    ours, its = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"} | {"TERM": "xterm-256color"}
    command = [str(Path(sys.executable).with_name("cx")), *arguments]
    process = start_program(command, stdout=its, stderr=its, stdin=subprocess.DEVNULL, env=environment)
    os.close(its)
    printed = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # how Linux says that the other end is closed
            break
        if not piece:
            break
        printed += piece
    os.close(ours)
    assert process.wait() == 0, printed.decode()
    return printed.decode()

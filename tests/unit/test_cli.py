"""The entry of the command line: exit codes, words instead of tracebacks, and a fast start."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from cxmetrics import __version__, cli
from cxmetrics.errors import BuildFailed, CxError, InputsBlocked
from support.programs import run_program, start_program


@pytest.fixture
def inside(small, monkeypatch):
    """The working folder is the small project."""
    monkeypatch.delenv("DBT_PROJECT_DIR", raising=False)
    monkeypatch.delenv("DBT_TARGET_PATH", raising=False)
    monkeypatch.chdir(small.root)
    return small


@pytest.mark.parametrize("arguments", [[], ["--help"], ["new"], ["new", "--help"], ["check", "--help"]])
def test_help_is_given_and_is_no_error(arguments, capsys):
    assert cli.main(arguments) == 0
    assert "Usage: cx" in capsys.readouterr().out


def test_the_version_is_printed(capsys):
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"cxmetrics {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "what", "nearest", "next_step"),
    [
        (["chek"], "no such command", "check", "cx --help"),
        (["new", "metrics"], "no such command", "metric", "cx new --help"),
        (["check", "--jsn"], "no such option", "--json", "cx check --help"),
        (["--versoin"], "no such option", "--version", "cx --help"),
    ],
)
def test_an_unknown_word_is_answered_with_the_nearest(arguments, what, nearest, next_step, capsys):
    assert cli.main(arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"{what}\n  got:     {arguments[-1]}\n  allowed: ")
    assert f"  nearest: {nearest}\n  next:    {next_step}\n" in error


@pytest.mark.parametrize("arguments", [["scorecard", "surplus"], ["new", "metric"], ["demo", "--customers", "many"]])
def test_wrong_usage_ends_with_two_and_names_the_help(arguments, capsys):
    assert cli.main(arguments) == 2
    assert "--help\n" in capsys.readouterr().err


def test_an_error_is_json_when_json_was_asked_for(capsys):
    assert cli.main(["check", "--jsn", "--json"]) == 2
    output = capsys.readouterr()
    assert json.loads(output.out)["nearest"] == "--json"
    assert output.err == ""


@pytest.mark.parametrize(
    ("error", "code"), [(CxError("words"), 2), (InputsBlocked("words"), 3), (BuildFailed("words"), 4)]
)
def test_every_error_has_its_exit_code(error, code, inside, monkeypatch, capsys):
    def fail(_project: object) -> None:
        raise error

    monkeypatch.setattr("cxmetrics.checks.run", fail)
    assert cli.main(["check"]) == code
    assert capsys.readouterr().err == "words\n"


def test_outside_a_project_the_error_says_what_to_do(tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("DBT_PROJECT_DIR", raising=False)
    monkeypatch.chdir(tmp_path)
    assert cli.main(["check"]) == 2
    assert "DBT_PROJECT_DIR" in capsys.readouterr().err


def test_a_defect_is_called_one_and_its_traceback_goes_to_a_file(inside, monkeypatch, capsys):
    def fail(_project: object) -> None:
        raise ZeroDivisionError("the secret reason")

    monkeypatch.setattr("cxmetrics.checks.run", fail)
    assert cli.main(["check"]) == 70
    log = inside.root / "target" / "cx-error.log"
    assert capsys.readouterr().err == f"this is a defect in cxmetrics; what happened is written in {log}\n"
    assert "ZeroDivisionError: the secret reason" in log.read_text(encoding="utf-8")


def test_the_file_of_a_defect_is_ours_alone_and_no_link_is_followed(inside, tmp_path, monkeypatch, capsys):
    def fail(_project: object) -> None:
        raise ZeroDivisionError("the secret reason")

    victim = tmp_path / "victim"
    victim.write_text("precious")
    victim.chmod(0o644)
    log = inside.root / "target" / "cx-error.log"
    log.parent.mkdir()
    monkeypatch.setattr("cxmetrics.checks.run", fail)
    for put in (log.symlink_to, log.hardlink_to):
        put(victim)
        assert cli.main(["check"]) == 70
        assert victim.read_text() == "precious"
        assert "the secret reason" in log.read_text()
        assert (log.is_symlink(), stat.S_IMODE(log.stat().st_mode)) == (False, 0o600)
        log.unlink()
    capsys.readouterr()


def test_without_a_folder_for_it_the_file_of_a_defect_lies_where_nobody_can_have_put_one(inside, monkeypatch, capsys):
    def fail(_project: object) -> None:
        raise ZeroDivisionError("the secret reason")

    (inside.root / "target").write_text("no folder")
    monkeypatch.setattr("cxmetrics.checks.run", fail)
    logs = []
    for _ in range(2):
        assert cli.main(["check"]) == 70
        logs.append(Path(capsys.readouterr().err.strip().rsplit(" ", 1)[-1]))
    assert logs[0] != logs[1]
    for log in logs:
        assert stat.S_IMODE(log.stat().st_mode) == 0o600
        log.unlink()


def test_an_interrupt_ends_as_shells_expect(inside, monkeypatch, capsys):
    def interrupt(_project: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("cxmetrics.checks.run", interrupt)
    assert cli.main(["check"]) == 130
    assert capsys.readouterr().err.strip() == "interrupted"


def test_a_reader_that_goes_away_is_no_defect(inside):
    for number in range(400):
        inside.write(f"metrics/service/m{number}.yml", "")
    program = "import sys; from cxmetrics.cli import main; sys.exit(main(['check']))"
    with start_program([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.wait(timeout=60) == 141
        assert process.stderr.read() == b""


def test_importing_the_command_line_imports_nothing_slow():
    slow = "dbt", "dbt_metricflow", "metricflow", "great_expectations", "duckdb", "pandas", "altair", "yaml", "pydantic"
    program = f"import sys, cxmetrics.cli; print([name for name in {slow!r} if name in sys.modules])"
    done = run_program([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        (["sco"], ["scorecard"]),
        (["scorecard", "--gr"], ["--grain"]),
        (["scorecard", "--grain", "q"], ["quarter"]),
        (["new", "metric", "--domain", ""], ["service", "experience"]),
        (["audit", "--list", "m"], ["masked"]),
        (["query", "reopen"], ["reopen_rate"]),
        (["nonsense", "--gr"], []),
    ],
)
def test_bash_completes_what_is_typed(words, completed, cx_project):
    """By the script that ``--show-completion`` prints to the shell it is called from, as README says."""
    script = f"""
        eval "$(cx --show-completion)"
        COMP_WORDS=(cx {" ".join(words[:-1])} "{words[-1]}") COMP_CWORD={len(words)}
        _cx_completion cx
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = run_program(
        ["bash", "-c", script],
        cwd=cx_project.root, env=os.environ | {"PATH": path}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.split() == completed
    assert done.stderr == ""


def test_completion_is_installed_where_the_shell_looks(tmp_path):
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = os.environ | {"PATH": path, "HOME": str(tmp_path)}
    done = run_program(
        ["bash", "-c", "cx --install-completion; exit $?"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "bash completion installed in" in done.stdout
    script = "source ~/.bashrc; complete -p cx"
    typed = run_program(
        ["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert typed.stdout.strip() == "complete -o default -F _cx_completion cx"

"""The reference of the command line is that of the commands: nothing they take or return is missing from it."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

import cxmetrics
from cxmetrics import cli, errors
from cxmetrics.cli_reference import FILE, allowed, page_text
from cxmetrics.commands import check, golden
from support.parsed_project import ROOT

PACKAGE = Path(cxmetrics.__file__).parent


def commands(command: Any = None, context: Any = None) -> Iterator[tuple[Any, Any]]:
    """Every command with its context, outermost first."""
    command = command or typer.main.get_command(cli.app())
    context = context or typer.Context(command, info_name="cx")
    yield command, context
    for name, below in getattr(command, "commands", {}).items():
        yield from commands(below, typer.Context(below, info_name=name, parent=context))


def parameters() -> Iterator[tuple[str, Any, Any]]:
    for command, context in commands():
        for parameter in command.get_params(context):
            yield context.command_path, parameter, context


def section(page: str, path: str) -> str:
    return page.partition(f"\n## {path}\n")[2].partition("\n## ")[0]


def name_of(parameter: Any, context: Any) -> str:
    return parameter.get_help_record(context)[0].removeprefix("* ").partition(" ")[0]


def test_the_page_is_current():
    assert (ROOT / FILE).read_text(encoding="utf-8") == page_text(), "run make reference"


def test_every_command_and_whatever_it_takes_is_on_the_page_with_words():
    page = page_text()
    assert [context.command_path for command, context in commands() if not command.help] == []
    missing = [
        (path, name_of(parameter, context))
        for path, parameter, context in parameters()
        if not parameter.help or f"\n| `{name_of(parameter, context)}` | " not in section(page, path)
    ]
    assert missing == []


def test_every_default_is_on_the_page():
    page = page_text()
    rows = {
        (path, parameter.name): next(
            line for line in section(page, path).splitlines() if line.startswith(f"| `{name_of(parameter, context)}` |")
        )
        for path, parameter, context in parameters()
    }
    assert "| `24` | Months of data" in rows["cx demo", "months"]
    assert "| required |" in rows["cx query", "metrics"]
    assert "| raw | Where the files" in rows["cx build", "raw"]
    for path, parameter, context in parameters():
        default = parameter.get_default(context)
        if default not in (None, False, ()):
            assert f"| `{default}` |" in rows[path, parameter.name]


CHOICES = [(path, one, context) for path, one, context in parameters() if allowed(one, context)]


@pytest.mark.parametrize(
    ("path", "option", "context"), CHOICES, ids=[f"{path} {option.opts[0]}" for path, option, _ in CHOICES]
)
def test_the_values_on_the_page_are_those_that_the_command_takes(path, option, context):
    """Anything else is refused, and the error names the same values."""
    given = [path.split()[1:], [option.opts[0], "?"]]
    for parameter in context.command.params:
        if parameter.required and parameter is not option:
            value = (allowed(parameter, context) or ["reopen_rate"])[0]
            given.append([value] if parameter.param_type_name == "argument" else [parameter.opts[0], value])
    with pytest.raises(errors.CxError) as refused:
        cli._run([word for words in given for word in words])
    assert refused.value.got == "?"
    assert refused.value.allowed == allowed(option, context)
    assert [value for value in allowed(option, context) if option.name != "plant" and value not in option.help] == []


def constants() -> dict[str, int]:
    return {name: value for name, value in vars(errors).items() if name.startswith("EXIT_") and isinstance(value, int)}


def test_every_exit_code_that_the_code_can_return_is_on_the_page():
    page = page_text().partition("\n## Exit codes\n")[2]
    assert constants().keys() >= {"EXIT_OK", "EXIT_BUILD_FAILED", "EXIT_DEFECT"}
    assert [name for name, code in constants().items() if f"\n| `{code}` | " not in page] == []
    exceptions = [errors.CxError, *errors.CxError.__subclasses__()]
    assert {error.exit_code for error in exceptions} <= set(constants().values())


def test_no_exit_code_is_a_number_that_has_no_name():
    """Of ``typer.Exit(...)`` in a command, and of what ``main`` returns."""
    found = []
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "typer.Exit":
                numbers = [one for argument in node.args for one in ast.walk(argument) if isinstance(one, ast.Constant)]
                found += [f"{file.name}:{node.lineno}" for _ in numbers]
    assert found == []
    for function in (cli.main, cli._run):
        for node in ast.walk(ast.parse(inspect.getsource(function))):
            if isinstance(node, ast.Return):
                assert not isinstance(node.value, ast.Constant), ast.unparse(node)


def test_the_page_names_the_commands_that_find_something():
    """Exit code 1 is that of the modules that import its constant."""
    users = [file.stem for file in PACKAGE.rglob("commands/*.py") if "EXIT_FINDINGS" in file.read_text("utf-8")]
    assert sorted(users) == [check.__name__.rsplit(".")[-1], golden.__name__.rsplit(".")[-1]]
    for name in users:
        assert f"`cx {name}`" in errors.EXIT_CODES[errors.EXIT_FINDINGS]

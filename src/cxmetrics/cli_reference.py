"""The reference of the command line, made from the commands: every argument, option and exit code.

``python -m cxmetrics.cli_reference FILE`` writes the page, as ``make reference`` does.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from cxmetrics.cli import app
from cxmetrics.errors import EXIT_CODES

FILE = Path("docs", "reference", "cli.md")
_OPENING = """# The command line

`make reference` makes this page from the commands themselves. `cx COMMAND --help` prints the part on one command.
`--json` turns the message of an error into JSON, too. `cx --install-completion` lets the shell complete commands,
options, their values and the names of metrics.
"""
_DEFAULT = "Default: "
# Typer's words for what a value is, and ours.
_KINDS = {"str": "text", "int": "whole number", "int range": "whole number", "float": "number", "path": "path"}


def page_text() -> str:
    """The page (Markdown): a section per command, then the exit codes."""
    root = typer.main.get_command(app())
    parts = [_OPENING, *_sections(root, typer.Context(root, info_name="cx"))]
    parts += ["## Exit codes\n", "| code | meaning |\n|---|---|"]
    parts += [_row(f"`{code}`", meaning) for code, meaning in EXIT_CODES.items()]
    return "\n".join(parts) + "\n"


def allowed(parameter: Any, context: Any) -> list[str]:
    """The values that an option may have, where they are few and the same in every project."""
    if parameter.param_type_name == "argument":
        return []
    return [item.value for item in parameter.shell_complete(context, "")]


def _sections(command: Any, context: Any) -> Iterator[str]:
    """The section of a command, and those of the commands below it."""
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    yield f"## {context.command_path}\n"
    yield f"{' '.join(command.help.split())}\n"
    yield f"```\n{usage}\n```\n"
    parameters = command.get_params(context)
    arguments = [one for one in parameters if one.param_type_name == "argument"]
    options = [one for one in parameters if one.param_type_name == "option"]
    if arguments:
        yield "| argument | default | meaning |\n|---|---|---|"
        yield from (
            _row(f"`{_names(one, context).partition(' ')[0]}`", *_default_and_meaning(one, context))
            for one in arguments
        )
        yield ""
    yield "| option | value | default | meaning |\n|---|---|---|---|"
    for one in options:
        name, _, kind = _names(one, context).partition(" ")
        yield _row(f"`{name}`", _value(one, kind, context), *_default_and_meaning(one, context))
    yield ""
    for name in getattr(command, "commands", ()):
        below = command.get_command(context, name)
        yield from _sections(below, typer.Context(below, info_name=name, parent=context))


def _names(parameter: Any, context: Any) -> str:
    """As help names it: ``--grain TEXT``, ``--json``, ``METRIC...``."""
    return str(parameter.get_help_record(context)[0]).removeprefix("* ")


def _value(option: Any, kind: str, context: Any) -> str:
    options = allowed(option, context)
    if options:
        return ", ".join(f"`{value}`" for value in options)
    return _KINDS[kind.strip("<>").removeprefix("list[").rstrip("]")] if kind.startswith("<") else kind


def _default_and_meaning(parameter: Any, context: Any) -> tuple[str, str]:
    """Help says a default that depends on the project in words, and Typer tells the others."""
    meaning, _, told = parameter.help.partition(_DEFAULT)
    if told:
        return told.rstrip("."), meaning.strip()
    if parameter.required:
        return "required", meaning
    default = parameter.get_default(context)
    is_off = default in (None, False, [], ())
    return "" if is_off else f"`{default}`", meaning


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page_text(), encoding="utf-8")

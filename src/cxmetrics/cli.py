"""The command line ``cx``: registers the commands and turns every error into words and an exit code.

Importing this module imports the command modules, but none of what they work with: each imports that when it runs.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from cxmetrics import __version__
from cxmetrics.commands.audit import audit
from cxmetrics.commands.build import build
from cxmetrics.commands.check import check
from cxmetrics.commands.demo import demo
from cxmetrics.commands.docs import docs
from cxmetrics.commands.golden import golden
from cxmetrics.commands.inputs import inputs
from cxmetrics.commands.new import metric
from cxmetrics.commands.publish import publish
from cxmetrics.commands.query import query
from cxmetrics.commands.scorecard import scorecard
from cxmetrics.errors import EXIT_DEFECT, EXIT_INTERRUPTED, EXIT_OK, EXIT_READER_GONE, CxError
from cxmetrics.terminal import complain, is_terminal, say

# Shells set it when they ask for completions.
COMPLETION = "_CX_COMPLETE"

# New objects between two collections of garbage. A command makes next to none in the seconds it lives, while Python's
# 700 cost a seventh of the import of Great Expectations (3.6 s instead of 3.1) and of compiling all metrics.
OBJECTS_A_COLLECTION = 50_000


class NearestCommandGroup(TyperGroup):
    """Answers an unknown command with the commands there are."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        is_unknown = args and args[0] not in self.commands and not args[0].startswith("-")
        # While a shell asks for completions, what was typed so far is no mistake.
        if is_unknown and not ctx.resilient_parsing:
            help_command = f"{ctx.command_path} --help"
            raise CxError("no such command", got=args[0], allowed=self.list_commands(ctx), next_step=help_command)
        return super().resolve_command(ctx, args)


def _version(is_wanted: bool) -> None:
    if is_wanted:
        say(f"cxmetrics {__version__}\n")
        raise typer.Exit


def _cx(
    ctx: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Metrics as code for customer service and customer experience."""
    _help_unless_command(ctx)


def _new(ctx: typer.Context) -> None:
    """Start a new definition."""
    _help_unless_command(ctx)


def _help_unless_command(ctx: typer.Context) -> None:
    if ctx.invoked_subcommand is None:
        say(f"{ctx.get_help()}\n")


def app() -> typer.Typer:
    """All commands, as Typer runs them."""
    settings: dict[str, Any] = {
        "cls": NearestCommandGroup,
        "pretty_exceptions_enable": False,
        # Boxes for people, plain lines for files and pipes.
        "rich_markup_mode": "rich" if is_terminal() else None,
    }
    made = typer.Typer(**settings)
    made.callback(invoke_without_command=True)(_cx)
    for command in (demo, inputs, build, publish, check, golden, query, scorecard, audit, docs):
        made.command()(command)
    new = typer.Typer(**settings, add_completion=False)
    new.callback(invoke_without_command=True)(_new)
    new.command()(metric)
    made.add_typer(new, name="new")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``cx`` with ``arguments`` (default: those of the process) and return the exit code."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    gc.set_threshold(OBJECTS_A_COLLECTION)
    try:
        return _run(arguments)
    except CxError as error:
        _tell(error, arguments)
        return error.exit_code
    except KeyboardInterrupt:
        complain("interrupted\n")
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # Python flushes stdout once more at exit, which would fail again with a message.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_READER_GONE
    except Exception:
        complain(f"this is a defect in cxmetrics; what happened is written in {_log(arguments)}\n")
        return EXIT_DEFECT


def _run(arguments: list[str]) -> int:
    command = typer.main.get_command(app())
    try:
        if COMPLETION in os.environ:
            command.main(arguments, prog_name="cx")
        # Otherwise not command.main(), which would end the process itself when the reader of stdout goes away.
        with command.make_context("cx", arguments) as context:
            command.invoke(context)
    except typer.TyperException as error:
        raise _usage_error(error) from error
    except typer.Exit as end:
        return end.exit_code
    except SystemExit as end:
        # Typer's completion ends the process.
        return int(end.code or EXIT_OK)
    finally:
        sys.stdout.flush()
    return EXIT_OK


def _usage_error(error: typer.TyperException) -> CxError:
    """What is wrong with the command line, with the options there are for one that does not exist."""
    context = getattr(error, "ctx", None)
    next_step = f"{context.command_path} --help" if context is not None else "cx --help"
    option = getattr(error, "option_name", None)
    if option is not None and context is not None and hasattr(error, "possibilities"):
        options = [name for param in context.command.params for name in param.opts if name.startswith("-")]
        return CxError("no such option", got=option, allowed=[*options, "--help"], next_step=next_step)
    message = error.format_message().rstrip(".")
    return CxError(message[:1].lower() + message[1:], next_step=next_step)


def _tell(error: CxError, arguments: list[str]) -> None:
    if "--json" in arguments:
        say(json.dumps(error.as_dict(), indent=2) + "\n")
    else:
        complain(f"{error}\n")


def _log(arguments: list[str]) -> Path:
    """Write the traceback below the project's target folder, or where temporary files go, and return its file."""
    from cxmetrics.definitions.project import Project

    text = f"cxmetrics {__version__}, Python {sys.version}\ncx {' '.join(arguments)}\n\n{traceback.format_exc()}"
    try:
        folder = Project.find().target
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / "cx-error.log"
        # Anew, so that no link is followed and nobody else's file is written to or has others read it.
        file.unlink(missing_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except (CxError, OSError):
        descriptor, name = tempfile.mkstemp(prefix="cx-error-", suffix=".log")
        file = Path(name)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as log:
        log.write(text)
    return file

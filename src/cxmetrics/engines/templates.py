"""Long SQL as Jinja templates: files ``*.sql.j2`` beside the module that fills them in."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from cxmetrics.engines.sql import Sql

if TYPE_CHECKING:
    from jinja2 import Environment


def rendered(module: str, template: str, **values: object) -> Sql:
    """The SQL of a template that lies beside ``module`` (its ``__file__``). Raises UndefinedError for a name in the
    template that is not among ``values``."""
    return Sql(_environment(Path(module).parent).get_template(f"{template}.sql.j2").render(**values))


@cache
def _environment(folder: Path) -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(folder),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # noqa: S701 (SQL has rules of its own)
    )

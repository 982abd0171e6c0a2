"""Options that are the same on several commands: the target, the sources, and where raw data are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cxmetrics.errors import CxError

if TYPE_CHECKING:
    from cxmetrics.inputs.stored import RawSchema

Target = Annotated[
    str | None,
    typer.Option(help="A target of profiles.yml. Default: DBT_TARGET, else the profile's own.", show_default=False),
]

SourceNames = Annotated[
    list[str] | None,
    typer.Option(help="A source to read; repeatable. Default: vars.sources in dbt_project.yml.", show_default=False),
]

Raw = Annotated[Path | None, typer.Option(help="Where the files of the sources lie. Default: raw.", show_default=False)]

RawSchemaName = Annotated[
    str | None,
    typer.Option(
        "--raw-schema",
        help="A schema of the warehouse that holds the sources' tables already, instead of files.",
        show_default=False,
    ),
]


def raw_data(raw: Path | None, raw_schema: str | None) -> Path | RawSchema:
    """Where raw data are. Raises CxError when both places are named."""
    if raw_schema is None:
        return raw or Path("raw")
    if raw is not None:
        raise CxError("raw data come from files or from a schema, not both", next_step="--raw DIR or --raw-schema NAME")
    from cxmetrics.inputs.stored import RawSchema

    return RawSchema(raw_schema)

"""The option ``--target``, which is the same on every command."""

from __future__ import annotations

from typing import Annotated

import typer

Target = Annotated[
    str | None,
    typer.Option(help="A target of profiles.yml. Default: DBT_TARGET, else the profile's own.", show_default=False),
]

"""``cx docs``: builds the documentation site, and serves it to this machine."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cxmetrics.commands.target import Target
from cxmetrics.terminal import complain, from_here, say

if TYPE_CHECKING:
    from cxmetrics.site.build import Site


def docs(
    target: Target = None,
    is_served: Annotated[
        bool, typer.Option("--serve", help="Serve it to this machine, built anew when a definition changes.")
    ] = False,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The port to serve it on, 0 to 65535; 0 is any free one.")
    ] = 8000,
    json: Annotated[bool, typer.Option("--json", help="Print what was built as JSON.")] = False,
) -> None:
    """Build the documentation site from the definitions and the published numbers into target/site."""
    from cxmetrics.definitions.project import Project

    root = Project.find().root
    if is_served:
        _serve(root, target, port, json)
    else:
        _print(_build(root, target), json)


def _build(root: Path, target: str | None) -> Site:
    """The site, from the definitions as they are now."""
    from cxmetrics.definitions.project import Project
    from cxmetrics.engines.registry import engine_for
    from cxmetrics.progress import progress_bar
    from cxmetrics.site.build import build_site

    project = Project(root)
    engine = engine_for(project, target)
    with progress_bar() as report:
        return build_site(project, engine, report)


def _serve(root: Path, target: str | None, port: int, json: bool) -> None:
    from cxmetrics.definitions.project import Project
    from cxmetrics.engines.registry import engine_for
    from cxmetrics.site.serve import changes, serve

    project = Project(root)

    def build() -> None:
        _print(_build(root, target), json)

    def ready(address: str) -> None:
        complain(f"Serving {address} until Ctrl-C; a change of a definition builds it anew.\n")

    serve(project.site, port, build, changes(project, engine_for(project, target).published_location), ready)


def _print(site: Site, json: bool) -> None:
    if json:
        _print_json(site)
    else:
        say(f"The site has {site.pages} pages on {site.metrics} metrics.\nOpen {from_here(site.home)}\n")
    sys.stdout.flush()


def _print_json(site: Site) -> None:
    import json

    made = {"site": str(site.folder), "home": str(site.home), "pages": site.pages, "metrics": site.metrics}
    say(json.dumps(made, indent=2) + "\n")

"""``cx docs``: builds the documentation site."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from cxmetrics.commands.target import Target

if TYPE_CHECKING:
    from cxmetrics.site.build import Site


def docs(
    target: Target = None,
    json: Annotated[bool, typer.Option("--json", help="Print what was built as JSON.")] = False,
) -> None:
    """Build the documentation site from the definitions and the published numbers into target/site."""
    from cxmetrics.engines import engine_for
    from cxmetrics.progress import progress_bar
    from cxmetrics.project import Project
    from cxmetrics.site.build import build_site

    project = Project.find()
    engine = engine_for(project, target)
    with progress_bar() as report:
        site = build_site(project, engine, lambda done, pages: report("writing pages", done, pages))
    if json:
        _print_json(site)
    else:
        sys.stdout.write(f"The site has {site.pages} pages on {site.metrics} metrics.\nOpen {site.home}\n")


def _print_json(site: Site) -> None:
    import json

    made = {"site": str(site.folder), "home": str(site.home), "pages": site.pages, "metrics": site.metrics}
    sys.stdout.write(json.dumps(made, indent=2) + "\n")

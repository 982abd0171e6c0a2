"""``cx new metric``: a metric file, its doc text and its golden case, to be filled in with the help of ``cx check``."""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection
from pathlib import Path
from typing import Annotated, get_args

import typer

from cxmetrics.commands import values
from cxmetrics.errors import CxError
from cxmetrics.terminal import say

TYPES = ("ratio", "derived")

DEFINITIONS = {
    "ratio": "    numerator:\n    denominator:\n",
    "derived": "    expr:\n    input_metrics: []\n",
}
# What follows from a ratio does not follow from an expression.
SAMPLES = {
    "ratio": "",
    "derived": """          sample: # the simple metric that is n
          interval: {method: none, reason: } # or nps, mean, ratio, quantile
""",
}

METRIC = """\
{editor_line}metrics:
  - name: {name}
    label: {label}
    description: "{{{{ doc('{name}') }}}}"
    type: {type}
{definition}    config:
      group: {group}
      meta:
        cx:
          changelog: [{{version: 1, date: {today}, change: First definition.}}]
          unit: # {units}
          direction: # {directions}
          classification:
            scope: # {scopes}
            stance: # {stances}
            kind: # {kinds}
          stages: [] # see seeds/journey_stages.csv
          positions: []
{sample}          dimensions: []
          lifecycle: {{state: draft}}
"""
DOC = """\
{{% docs {name} %}}
(What it counts, in one sentence.)

- **Starts**
- **Ends**
- **Without a value**
- **Period**:
- **Benchmark**:

**Why {domain}.**
{{% enddocs %}}
"""
GOLDEN = """\
metric: {name}
given: {{}} # rows by model, among them the awkward ones; a column that is not named is null
expect: [] # - {{because: which rows it is about, grain: month, period: 2026-01-01, value: 0.5, n: 2}}, by hand
"""


def metric(
    name: Annotated[str, typer.Argument(help="Its name, for example escalation_rate.", show_default=False)],
    domain: Annotated[
        str,
        typer.Option(
            help="What it measures: service or experience.", show_default=False, autocompletion=values.domains
        ),
    ],
    group: Annotated[str, typer.Option(help="The accountable group of models/groups.yml.", show_default=False)],
    type: Annotated[
        str, typer.Option(help=f"How it is computed: {' or '.join(TYPES)}.", autocompletion=lambda: list(TYPES))
    ] = "ratio",
) -> None:
    """Start a metric: its file, its doc text and its golden case."""
    from cxmetrics.definitions.metric import DOMAINS
    from cxmetrics.definitions.project import Project

    project = Project.find()
    _refuse_unknown("domain", domain, DOMAINS)
    _refuse_unknown("type", type, TYPES)
    _refuse_unknown("group", group, project.read_declared().groups)
    _refuse_name(name, [*project.read_declared().blocks, *(m.name for m in project.read_metrics().metrics)])
    files = _files(name, domain, group, type)
    for file in files:
        if (project.root / file).exists():
            raise CxError("the file exists already, and nothing was written", file=file)
    for file, text in files.items():
        (project.root / file).parent.mkdir(parents=True, exist_ok=True)
        (project.root / file).write_text(text, encoding="utf-8")
        say(f"wrote {file}\n")
    say("Next: cx check, which says what is still missing\n")


def _refuse_unknown(option: str, got: str, allowed: Collection[str]) -> None:
    if got not in allowed:
        raise CxError(f"no such {option}", got=got, allowed=allowed)


def _refuse_name(name: str, taken: list[str]) -> None:
    from cxmetrics.definitions.metric import NAME_PATTERN

    if not re.fullmatch(NAME_PATTERN, name) or len(name) > 60:
        suggestion = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_0123456789")[:60]
        raise CxError(
            "a metric's name is lower-case words joined by _, at most 60 characters",
            got=name,
            next_step=f"cx new metric {suggestion}" if suggestion else None,
        )
    if name in taken:
        raise CxError("a metric or simple metric of this name exists already", got=name)


def _files(name: str, domain: str, group: str, kind: str) -> dict[Path, str]:
    from cxmetrics.definitions.metric import Direction, Kind, Scope, Stance, Unit
    from cxmetrics.definitions.reference import EDITOR_LINE

    values = {
        "name": name,
        "group": group,
        "type": kind,
        "label": name.replace("_", " ").capitalize(),
        "definition": DEFINITIONS[kind],
        "sample": SAMPLES[kind],
        "domain": domain,
        "editor_line": EDITOR_LINE,
        "today": datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
    }
    vocabularies = {"units": Unit, "directions": Direction, "scopes": Scope, "stances": Stance, "kinds": Kind}
    values |= {key: " | ".join(get_args(vocabulary)) for key, vocabulary in vocabularies.items()}
    return {
        Path("metrics", domain, f"{name}.yml"): METRIC.format(**values),
        Path("metrics", domain, f"{name}.md"): DOC.format(**values),
        Path("tests", "metrics", domain, f"{name}.yml"): GOLDEN.format(**values),
    }

"""Metrics that name other metrics, and what else names one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from cxmetrics.checks.finding import Finding
from cxmetrics.definitions.all_definitions import Definitions
from cxmetrics.definitions.doc_text import DOC_REFERENCE
from cxmetrics.definitions.metric import Metric
from cxmetrics.definitions.models import entries
from cxmetrics.errors import CxError

# Where people write about metrics; a doc text may also stand below models/.
TEXTS = ("README.md", "docs/**/*.md", "metrics/**/*.md", "models/**/*.md")
CODE = re.compile(r"`(\w+)`")
METRIC_CALL = re.compile(r"metric\(\s*['\"](\w+)['\"]\s*\)")


def other_metrics_exist(definitions: Definitions) -> Iterator[Finding]:
    """A reference to a metric that was renamed leads readers nowhere."""
    for metric in definitions.metrics.values():
        others = [name for name in definitions.metric_names if name != metric.name]
        for keys, name in _named(metric):
            if name not in others and name not in definitions.switched_off:
                sentence = f"'{keys[0]}' names a metric that does not exist"
                if name == metric.name:
                    sentence = f"'{keys[0]}' names the metric itself"
                line = metric.line_of(*keys)
                yield Finding(metric.file, line, sentence, "name another published metric", name, others)


def nothing_refers_to_a_metric_that_is_switched_off(definitions: Definitions) -> Iterator[Finding]:
    """A metric that is switched off has no value and no page: whatever still names it leads readers nowhere."""
    off = definitions.switched_off
    if not off:
        return
    help = "remove the reference, or switch the metric on again"
    for file, line, what, name in _references(definitions):
        if name in off:
            yield Finding(file, line, f"{what} names a metric that is switched off in {off[name].name}", help, name)


def _named(metric: Metric) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every place in which a metric names another one beside its inputs: keys and name."""
    meta = metric.meta
    if meta.counterpart is not None:
        yield ("counterpart",), meta.counterpart
    if meta.lifecycle.replaced_by is not None:
        yield ("lifecycle", "replaced_by"), meta.lifecycle.replaced_by
    for key, names in (("related", meta.related), ("not_a_proxy_for", meta.not_a_proxy_for)):
        yield from (((key, index), name) for index, name in enumerate(names))


def _references(definitions: Definitions) -> Iterator[tuple[str, int, str, str]]:
    """Every reference to a metric by name: file, line, what refers, the name."""
    for metric in definitions.metrics.values():
        for keys, name in _named(metric):
            yield metric.file, metric.line_of(*keys), f"'{keys[0]}'", name
        for name in metric.inputs:
            yield metric.file, metric.line_of_input(name), "an input metric", name
    yield from _claims(definitions)
    yield from _exposures(definitions)
    for pattern in TEXTS:
        for file in sorted(definitions.project.root.glob(pattern)):
            yield from _texts(definitions, file)


def _claims(definitions: Definitions) -> Iterator[tuple[str, int, str, str]]:
    claims = definitions.claims
    for index, claim in enumerate(claims.claims):
        for position, name in enumerate(claim.metrics):
            if claims.file is not None:
                yield claims.file.name, claims.line(index, "metrics", position), f"the claim '{claim.claim}'", name


def _exposures(definitions: Definitions) -> Iterator[tuple[str, int, str, str]]:
    for path in sorted(definitions.path("models").rglob("*.yml")):
        try:
            source = definitions.project.read(path)
            exposures = list(entries(source, "exposures"))
        except CxError:
            continue  # The finding of another check.
        for key_path, exposure in exposures:
            for index, dependency in enumerate(exposure.get("depends_on") or []):
                for name in METRIC_CALL.findall(str(dependency)):
                    line = source.line((*key_path, "depends_on", index))
                    yield source.name, line, f"the exposure '{exposure['name']}'", name


def _texts(definitions: Definitions, file: Path) -> Iterator[tuple[str, int, str, str]]:
    """What a text names as code or as a doc block; the text of a metric may name the metric."""
    shown = file.relative_to(definitions.project.root).as_posix()
    for number, line in enumerate(file.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
        for name in (*CODE.findall(line), *DOC_REFERENCE.findall(line)):
            if name != file.stem:
                yield shown, number, "a text", name


def counterparts_answer(definitions: Definitions) -> Iterator[Finding]:
    """Where one name serves both domains there are two metrics, and each leads to the other."""
    for metric in definitions.metrics.values():
        other = definitions.metrics.get(metric.meta.counterpart or "")
        if other is None or other is metric:
            continue
        line = metric.line_of("counterpart")
        if other.domain == metric.domain:
            sentence = f"the counterpart '{other.name}' is a {other.domain} metric too"
            help = "a counterpart is the metric of the same name-family in the other domain; else use related"
            yield Finding(metric.file, line, sentence, help)
        elif other.meta.counterpart != metric.name:
            sentence = f"the counterpart '{other.name}' does not name this metric in return"
            yield Finding(metric.file, line, sentence, f"write counterpart: {metric.name} in {other.file}")

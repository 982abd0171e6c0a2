"""What a team does to the catalogue it was given: every change in files that are no Python."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

from support.parsed_project import ROOT, copy_project


def copy_catalogue(root: Path) -> None:
    """The project with its golden cases and texts, in ``root``, to be changed there."""
    copy_project(root)
    for folder in ("docs", "tests/metrics", "tests/support"):
        shutil.copytree(ROOT / folder, root / folder)
    for file in ("README.md", "profiles.yml", "pyproject.toml", "tests/conftest.py"):
        shutil.copy(ROOT / file, root / file)


def add(root: Path) -> None:
    """A metric on columns that are there, with a simple metric of its own."""
    urgent = "priority = 'urgent' and not coalesce(is_merged, false)"
    block = f'{{name: tickets_urgent, type: simple, agg: sum_boolean, expr: "{urgent}", hidden: true}}'
    _replace(root / "models/marts/service/fct_tickets.yml", "\n    metrics:\n", f"\n    metrics:\n      - {block}\n")
    new = {
        "proactive_contact_share": "urgent_ticket_share",
        "Proactive contact share": "Urgent ticket share",
        "tickets_proactive": "tickets_urgent",
        "          counterpart: proactive_touchpoint_share\n": "",
    }
    for file in ("metrics/service/{}.yml", "metrics/service/{}.md", "tests/metrics/service/{}.yml"):
        text = (root / file.format("proactive_contact_share")).read_text(encoding="utf-8")
        for old, other in new.items():
            text = text.replace(old, other)
        (root / file.format("urgent_ticket_share")).write_text(text, encoding="utf-8")
    case = root / "tests/metrics/service/urgent_ticket_share.yml"
    text = case.read_text(encoding="utf-8")
    text = text.replace("is_proactive: true", "is_proactive: true, priority: urgent")
    case.write_text(text.replace("is_proactive: false", "is_proactive: false, priority: low"), encoding="utf-8")


def draft(root: Path) -> None:
    _state(root / "metrics/service/interaction_volume.yml", "{state: draft}")


def deprecate(root: Path) -> None:
    state = "{state: deprecated, replaced_by: resolution_time, sunset: 2027-06-30}"
    _state(root / "metrics/service/first_resolution_time.yml", state)


def switch_off(root: Path) -> None:
    """dbt's own switch, and nothing names the metric any more."""
    name = "escalation_rate"
    _replace(root / f"metrics/service/{name}.yml", "    config:\n", "    config:\n      enabled: false\n")
    for file in _texts(root):
        text = file.read_text(encoding="utf-8")
        if file.stem != name:
            text = text.replace(f", {name}", "").replace(f"{name}, ", "").replace(f"`{name}`", "that rate")
            file.write_text(text, encoding="utf-8")


def rename(root: Path) -> None:
    """The files of the metric and everything that names it."""
    old, new = "transfer_rate", "handover_rate"
    for file in _texts(root):
        text = file.read_text(encoding="utf-8")
        file.write_text(re.sub(rf"\b{old}\b", new, text), encoding="utf-8")
        if file.stem == old:
            file.rename(file.with_stem(new))


def add_a_stage(root: Path) -> None:
    with (root / "seeds/journey_stages.csv").open("a", encoding="utf-8") as seed:
        seed.write("return,9,Return,product\n")


CHANGES: dict[str, Callable[[Path], None]] = {
    "added": add,
    "drafted": draft,
    "switched off": switch_off,
    "renamed": rename,
    "deprecated": deprecate,
    "a ninth stage": add_a_stage,
}


def _texts(root: Path) -> list[Path]:
    folders = ("metrics", "tests/metrics", "docs", "models")
    files = [file for folder in folders for file in (root / folder).rglob("*") if file.suffix in (".yml", ".md")]
    return [root / "README.md", *files]


def _state(file: Path, state: str) -> None:
    file.write_text(f"{file.read_text(encoding='utf-8')}          lifecycle: {state}\n", encoding="utf-8")


def _replace(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
    file.write_text(text.replace(old, new), encoding="utf-8")

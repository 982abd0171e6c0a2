"""A golden case of the project with one thing changed."""

from pathlib import Path

from support.parsed_project import ROOT

CASE = ROOT / "tests" / "metrics" / "service" / "reopen_rate.yml"


def planted(folder: Path, old: str, new: str) -> Path:
    """The case of the reopen rate in a file of its own in ``folder``, with ``new`` for the first ``old``."""
    text = CASE.read_text(encoding="utf-8")
    assert old in text
    file = folder / "reopen_rate.yml"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return file

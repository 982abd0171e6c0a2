"""What is installed: everything by version and hash, development apart, under licences we may use."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from importlib.metadata import PackageMetadata, PackageNotFoundError, metadata

import pytest

from support.workplace import ROOT

FILES = ("requirements.txt", "requirements-dev.txt", "requirements-engines.txt", "requirements-tools.txt")
PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^ ;\\]+)(?: ; (?P<marker>[^\\]+?))? \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")

# Licences that let anybody use and pass on the package, with the texts by which older packages call them.
PERMISSIVE = {
    *("MIT", "MIT-0", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "ISC", "PSF-2.0", "Zlib", "CC0-1.0"),
    *("CNRI-Python", "MIT License", "Apache Software License", "Apache 2.0", "BSD License", "3-Clause BSD License"),
    *("BSD", "ISC License (ISCL)", "Artistic License"),
}
# Those that ask the same of changes to the package itself. We change none and pass none on.
OF_CHANGES_ALONE = {
    *("MPL-2.0", "Mozilla Public License 2.0 (MPL 2.0)", "LGPL-3.0-only"),
    "GNU Library or Lesser General Public License (LGPL)",
}
ALLOWED = PERMISSIVE | OF_CHANGES_ALONE
# Packages whose metadata say nothing, and what their own files say.
SAID_ELSEWHERE = {"axe-playwright-python": "MIT"}


@dataclass(frozen=True)
class Pin:
    """A package that a file of requirements names."""

    name: str
    version: str
    hashes: int


def pins(file: str) -> list[Pin]:
    """Every package of a file. Fails on a line that is neither a package, one of its hashes nor a comment."""
    found: list[Pin] = []
    for line in (ROOT / file).read_text(encoding="utf-8").splitlines():
        if HASH.match(line):
            found[-1] = Pin(found[-1].name, found[-1].version, found[-1].hashes + 1)
        elif pin := PIN.match(line):
            found.append(Pin(folded(pin["name"]), pin["version"], 0))
        else:
            assert line.lstrip().startswith("#"), f"{file}: {line}"
    return found


def folded(name: str) -> str:
    """A package's name as all its spellings are compared."""
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(*extras: str) -> set[str]:
    """What pyproject.toml asks for: of the package, or of its extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [wanted for extra in extras for wanted in project["optional-dependencies"][extra]]
    return {folded(re.split(r"[ \[<>=!~;]", wanted)[0]) for wanted in asked or project["dependencies"]}


@pytest.mark.parametrize("file", FILES)
def test_every_package_has_its_hashes_and_no_address_of_an_index(file: str):
    assert [pin.name for pin in pins(file) if not pin.hashes] == []
    text = (ROOT / file).read_text(encoding="utf-8")
    assert re.findall(r"://|--index|--find-links|--extra-index|file:", text) == []


def test_the_demo_installs_nothing_that_only_development_needs():
    names = {pin.name for pin in pins("requirements.txt")}
    assert names >= declared() | declared("build")
    # Great Expectations needs jsonschema, too.
    assert names & declared("dev") == {"jsonschema"}
    assert {pin.name for pin in pins("requirements-dev.txt")} >= declared("dev")
    assert {pin.name for pin in pins("requirements-engines.txt")} >= declared("postgres", "spark", "compile")


def test_a_package_has_one_version_whatever_is_installed():
    first, *others = ([(pin.name, pin.version) for pin in pins(file)] for file in FILES[:3])
    names = {name for name, _ in first}
    # Some packages have a version for each Python.
    assert [[pin for pin in other if pin[0] in names] for other in others] == [
        [pin for pin in first if pin[0] in {name for name, _ in other}] for other in others
    ]


def test_everything_that_is_installed_is_under_a_licence_of_the_list():
    looked_at, refused = 0, {}
    for name in sorted({pin.name for file in FILES for pin in pins(file)}):
        try:
            about = metadata(name)
        except PackageNotFoundError:  # of another system, or of an engine that is not here
            continue
        looked_at += 1
        if not is_allowed(SAID_ELSEWHERE.get(name) or licence(about)):
            refused[name] = licence(about)
    assert refused == {}
    assert looked_at > 80


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("MIT OR GPL-3.0-only", True),
        ("MIT AND GPL-3.0-only", False),
        ("(MIT OR GPL-3.0-only) AND Apache-2.0", False),
        ("BSD-3-Clause AND 0BSD AND MIT", True),
        ("AGPL-3.0-or-later", False),
        ("GNU General Public License (GPL) OR Artistic License", True),
        ("", False),
    ],
)
def test_a_licence_must_be_known(text: str, expected: bool):
    assert is_allowed(text) == expected


def licence(about: PackageMetadata) -> str:
    """The expression that the metadata give, or their classifiers, any of which may be chosen, or their free text."""
    classifiers = [text.rsplit(" :: ", 1)[-1] for text in about.get_all("Classifier") or [] if "License ::" in text]
    return about.get("License-Expression") or " OR ".join(classifiers) or about.get("License", "").strip()


def is_allowed(text: str) -> bool:
    """An expression in parentheses is not read: none of those needed so far has any."""
    return any(all(part in ALLOWED for part in choice.split(" AND ")) for choice in text.split(" OR "))

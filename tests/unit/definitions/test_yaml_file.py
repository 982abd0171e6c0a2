"""Reading YAML: values as PyYAML's safe loader gives them, lines as a person counts them, and nothing that bites."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
import yaml

from cxmetrics.definitions import yaml_file
from cxmetrics.errors import CxError

REPOSITORY = Path(__file__).parents[3]


@pytest.fixture
def read(tmp_path: Path):
    def write_and_read(text: str | bytes) -> yaml_file.YamlFile:
        content = text.encode() if isinstance(text, str) else text
        (tmp_path / "some.yml").write_bytes(content)
        return yaml_file.read(tmp_path / "some.yml", tmp_path)

    return write_and_read


def test_every_key_and_item_knows_its_line(read):
    file = read("a: 1\nb:\n  - x\n  - {c: 2,\n     d: 3}\n")
    assert file.data == {"a": 1, "b": ["x", {"c": 2, "d": 3}]}
    assert [file.line(path) for path in [("a",), ("b",), ("b", 0), ("b", 1, "c"), ("b", 1, "d")]] == [1, 2, 3, 4, 5]


def test_a_key_that_is_absent_has_the_line_of_its_parent(read):
    file = read("a:\n  b: 1\nc:\n  d: 1\n")
    assert file.line(("c", "missing", "deeper")) == 3
    assert file.line(("missing",)) == 1


def test_values_are_those_of_the_safe_loader(read):
    text = "a: 2026-01-31\nb: [1, 1.5, true, null, 'x', 010, ~]\nc: |\n  two\n  lines\nd: &one {e: 1}\nf: *one\n"
    assert read(text).data == yaml.safe_load(text)
    assert read("a: 2026-01-31").data == {"a": datetime.date(2026, 1, 31)}


def test_every_yaml_file_of_the_project_reads_as_the_safe_loader_reads_it():
    files = [file for folder in ("models", "metrics") for file in (REPOSITORY / folder).rglob("*.yml")]
    assert files
    for file in files:
        assert yaml_file.read(file).data == yaml.safe_load(file.read_text(encoding="utf-8")), file


def test_an_empty_file_has_no_data(read):
    assert read("").data is None
    assert read("# nothing\n").line(("a",)) == 1


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "'a' is given twice, first on line 1"),
        ("a:\n\tb: 1\n", 2, "indent with blanks, not tabs"),
        ("a: [1,\n", 2, "not valid YAML"),
        ("a: 1\n---\nb: 2\n", 2, "one document a file"),
        ("a:\n  <<: {b: 1}\n", 2, "merge keys"),
        ("? [a]\n: 1\n", 1, "a key must be text"),
        ("null: 1\n", 1, "a key must be text or a number"),
        ("a: 1\nb: *nowhere\n", 2, "*nowhere"),
        ("a: &a [*a]\n", 1, "*a"),
        ("a: 2026-02-30\n", 1, "day"),
        ("a: !!int x\n", 1, "not a valid int"),
        ("a: !!bool x\n", 1, "not a valid bool"),
        ("a: !!timestamp x\n", 1, "not a valid timestamp"),
        ("a: !!python/object:os.system x\n", 1, "could not determine a constructor"),
        ("[" * 300_000, 1, "nested more than"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(read, text, line, words):
    with pytest.raises(CxError) as raised:
        read(text)
    assert words in raised.value.what
    assert raised.value.where == f"some.yml:{line}"


def test_aliases_cannot_multiply_without_a_limit(read):
    levels = ["l0: &l0 [x, x, x, x, x, x, x, x, x, x]"]
    levels += [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 9)]
    with pytest.raises(CxError, match="values once aliases are followed"):
        read("\n".join(levels))


def test_a_file_that_is_missing_binary_or_huge_is_refused(read, tmp_path):
    with pytest.raises(CxError, match="does not exist"):
        yaml_file.read(tmp_path / "nowhere.yml")
    with pytest.raises(CxError, match="not UTF-8"):
        read(b"\xff\xfe\x00a")
    with pytest.raises(CxError, match="larger than"):
        read("a" * (yaml_file.MAX_BYTES + 1))
    with pytest.raises(CxError, match="control characters"):
        read("\x00")

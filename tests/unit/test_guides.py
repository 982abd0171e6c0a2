"""Each guide says what it starts from, somebody runs it, and whoever follows it sees what does not hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.guides import GUIDES, RUN_BY, START, Command, Edit, Part, Query, Reader, missing, parts
from support.workplace import ROOT

PARTS = [part for guide in sorted(GUIDES.glob("*.md")) for part in parts(guide)]


@pytest.mark.parametrize("guide", sorted(GUIDES.glob("*.md")), ids=lambda guide: guide.name)
def test_the_first_line_of_a_guide_names_a_state(guide: Path):
    _, _, first = guide.read_text(encoding="utf-8").split("\n", 2)
    assert first.startswith(START), f"{guide.name} begins with: {first.splitlines()[0]}"


@pytest.mark.parametrize("part", PARTS, ids=str)
def test_every_state_is_one_that_tests_bring_about(part: Part):
    assert part.start in RUN_BY, f"{part.guide} starts from {part.start!r}; a test must know it, or say one of RUN_BY"
    assert (ROOT / "tests" / "e2e" / RUN_BY[part.start]).is_file()


def test_no_state_is_left_that_no_guide_names():
    assert {part.start for part in PARTS} == set(RUN_BY)


GUIDE = """# A guide

**Start:** somewhere. More of it.

```console
$ echo one; echo 21   # two lines
one
...
21
$ cat <<'END'
$ no command
END
$ echo "over
two lines"
```

Add to `seeds/labels.csv`:

```csv
column_name,label
team,North
```

**Start:** elsewhere.

```sql
select 1;
```
"""


def test_steps_are_read_in_order_below_the_state_they_start_from(tmp_path: Path):
    (tmp_path / "guide.md").write_text(GUIDE)
    first, second = parts(tmp_path / "guide.md")
    assert (first.start, second.start) == ("somewhere.", "elsewhere.")
    assert first.steps == [
        Command("guide.md:5", "echo one; echo 21   # two lines", ("one", "...", "21")),
        Command("guide.md:5", "cat <<'END'\n$ no command\nEND", ()),
        Command("guide.md:5", 'echo "over\ntwo lines"', ()),
        Edit("guide.md:19", "seeds/labels.csv", "column_name,label\nteam,North\n"),
    ]
    assert second.steps == [Query("guide.md:26", "select 1;\n")]


@pytest.mark.parametrize(
    ("block", "said"),
    [
        ("```\nwhat is this\n```", "a block of no language"),
        ("Nothing is named:\n\n```yaml\na: 1\n```", "does not say which file"),
        ("```console\nno prompt\n```", "stands below no command"),
    ],
)
def test_a_block_that_cannot_be_followed_is_refused(tmp_path: Path, block: str, said: str):
    (tmp_path / "guide.md").write_text(f"# A guide\n\n{START}somewhere.\n\n{block}\n")
    with pytest.raises(AssertionError, match=said):
        parts(tmp_path / "guide.md")


def test_what_is_shown_may_have_other_numbers_and_no_other_words():
    printed = "name   value  trend\n────\nfirst  1,204.5 %  ▁▂▃\nsecond 7"
    assert missing(("name value trend", "...", "second 12"), printed) == []
    assert missing(("first 3 % ▅▅",), printed) == []
    assert missing(("fir...",), printed) == []
    assert missing(("third...",), printed) == ["third..."]
    assert missing(("second 7", "name value trend"), printed) == ["name value trend"]
    assert missing(("name other trend",), printed) == ["name other trend"]


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    (tmp_path / "here" / "seeds").mkdir(parents=True)
    return Reader(tmp_path / "here")


def typed(text: str, *shown: str) -> Command:
    return Command("guide.md:1", text, shown)


def test_commands_share_a_shell_and_none_may_fail(reader: Reader):
    reader.type(typed("export CX_NAME='one; $two'"))
    reader.type(typed('echo "is $CX_NAME"', "is one; $two"))
    with pytest.raises(AssertionError, match=r"guide.md:1: ls nowhere"):
        reader.type(typed("ls nowhere | cat"))
    with pytest.raises(AssertionError, match="does not print 'two'"):
        reader.type(typed("echo one", "two"))


def test_what_goes_on_is_interrupted_once_it_has_printed_what_is_shown(reader: Reader):
    reader.type(typed("trap 'exit 0' INT; echo ready; while true; do sleep 0.1; done", "ready", "^C"))


def test_edits_are_added_to_files_that_have_their_columns(reader: Reader):
    labels, project = reader.folder / "seeds" / "labels.csv", reader.folder / "dbt_project.yml"
    labels.write_text("column_name,label\nteam,South\n")
    project.write_text("name: cx\nvars: {currency: EUR, sources: [one]}\n")
    reader.follow(
        [Edit("", "seeds/labels.csv", "team,North\n"), Edit("", "dbt_project.yml", "vars: {currency: USD}\n")]
    )
    assert labels.read_text() == "column_name,label\nteam,South\nteam,North\n"
    assert project.read_text() == "name: cx\nvars:\n  currency: USD\n  sources:\n  - one\n"
    with pytest.raises(AssertionError, match="has the columns column_name,label"):
        reader.follow([Edit("", "seeds/labels.csv", "team,North,1\n")])

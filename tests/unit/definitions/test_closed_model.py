"""Closed models: every refusal knows its line, what was got and what is allowed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import Field

from cxmetrics.definitions.closed_model import ClosedModel, validate
from cxmetrics.definitions.yaml_file import read
from cxmetrics.errors import CxError


class Circle(ClosedModel):
    shape: Literal["circle"]
    radius: float


class Square(ClosedModel):
    shape: Literal["square"]
    side: float


class Drawing(ClosedModel):
    title: Annotated[str, Field(min_length=1)]
    colour: Literal["red", "blue"] = "red"
    shapes: list[Annotated[Circle | Square, Field(discriminator="shape")]] = Field(default_factory=list)
    sizes: dict[str, int] = Field(default_factory=dict)


def problems(folder: Path, text: str) -> list[CxError]:
    file = folder / "drawing.yml"
    file.write_text(text, encoding="utf-8")
    source = read(file, folder)
    parsed, found = validate(Drawing, source.data, source)
    assert (parsed is None) == bool(found)
    return found


def test_what_fits_becomes_a_model(tmp_path: Path):
    assert problems(tmp_path, "title: A\nshapes: [{shape: circle, radius: 1.5}]\nsizes: {a: 1}\n") == []


@pytest.mark.parametrize(
    ("text", "what", "line", "got", "allowed"),
    [
        ("title: A\ncolor: red\n", "unknown key 'color'", 2, "color", ["title", "colour", "shapes", "sizes"]),
        ("colour: red\n", "'title' is missing", 1, None, None),
        ("title:\n", "'title' is empty", 1, None, None),
        ("title: ''\n", "'title' is empty", 1, None, None),
        ("title: A\ncolour: green\n", "bad value for 'colour'", 2, "green", ["red", "blue"]),
        ("title: 1\n", "bad value for 'title': should be a valid string", 1, "1", None),
        ("title: A\nsizes: {a: b}\n", "bad value for 'sizes.a': should be a valid integer", 2, "b", None),
        ("title: A\nshapes:\n  - {shape: cirle}\n", "bad value for 'shapes.shape'", 3, "cirle", ["circle", "square"]),
        ("title: A\nshapes:\n  - {radius: 1.5}\n", "'shapes.shape' is missing", 3, None, None),
        ("title: A\nshapes:\n  - {shape: square, sid: 1.5, side: 1.5}\n", "unknown key 'shapes.sid'", 3, "sid",
         ["shape", "side"]),
        ("title: A\nshapes:\n  - {shape: square}\n", "'shapes.side' is missing", 3, None, None),
        ("just words\n", "'the definition' holds keys and values, not one value", 1, "just words", None),
    ],
)  # fmt: skip
def test_a_refusal_says_where_what_and_what_is_allowed(tmp_path: Path, text, what, line, got, allowed):
    (problem,) = problems(tmp_path, text)
    assert (problem.what, problem.where, problem.got, problem.allowed) == (what, f"drawing.yml:{line}", got, allowed)


def test_a_long_value_is_cut(tmp_path: Path):
    (problem,) = problems(tmp_path, f"title: A\nsizes: {{a: {'b' * 100}}}\n")
    assert problem.got == "b" * 77 + "..."


def test_everything_that_is_wrong_is_said(tmp_path: Path):
    assert len(problems(tmp_path, "colour: green\nsizes: {a: b, c: d}\n")) == 4

"""The reference of the metric file, made from its models: a page of all keys for people, a JSON Schema for editors.

``python -m cxmetrics.definitions.reference FOLDER`` writes both into a folder, as ``make reference`` does.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from cxmetrics.definitions.defaults import IMPLIED
from cxmetrics.definitions.doc_text import BENCHMARK, CLOCK, NONE_FOUND
from cxmetrics.definitions.metric import MetricFile, MetricMeta

FOLDER = Path("docs", "reference")
SCHEMA, PAGE = "metric.schema.json", "metric-file.md"
# The line by which editors find the schema from a file in metrics/<domain>/.
EDITOR_LINE = f"# yaml-language-server: $schema=../../{(FOLDER / SCHEMA).as_posix()}\n"
_META = MetricMeta.__name__
_OPENING = f"""# The metric file

One metric is one file, `metrics/<domain>/<name>.yml`, in dbt's own YAML. Whatever is the default or follows from the
rest is left out; `cx check --expand METRIC` prints the full form. Unknown keys are refused. `make reference` makes this
page and the schema for editors, [{SCHEMA}]({SCHEMA}), from the models that read the files.

What starts and ends the clock of a metric stands in the `.md` beside its file, in four bullets:
{", ".join(f"**{heading}**" for heading in CLOCK)}. A fifth, **{BENCHMARK}**, names the published figure to
compare with, its source (name, address, and year or "undated") and how its definition differs; or it says
"{NONE_FOUND}", and what was looked for.
"""


def metric_schema() -> dict[str, Any]:
    """The JSON Schema of a metric file as people write it: what is implied is not required."""
    schema = MetricFile.model_json_schema(mode="validation")
    meta = schema["$defs"][_META]
    meta["required"] = [key for key in meta["required"] if key not in IMPLIED]
    for key, implied in IMPLIED.items():
        meta["properties"][key].pop("default", None)
        meta["properties"][key]["description"] += f" Left out: {implied}."
    return {"$schema": GenerateJsonSchema.schema_dialect, **schema}


def schema_text() -> str:
    """The schema as its file holds it."""
    return json.dumps(metric_schema(), indent=2, ensure_ascii=False) + "\n"


def page_text() -> str:
    """The page of all keys (Markdown): a table for each model, outermost first."""
    schema = metric_schema()
    parts = [_OPENING, *_section(MetricFile.__name__, schema)]
    for name in _reached(schema):
        parts += _section(name, schema["$defs"][name])
    return "\n".join(parts)


def write_reference(folder: Path) -> None:
    """Write page and schema into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / SCHEMA).write_text(schema_text(), encoding="utf-8")
    (folder / PAGE).write_text(page_text(), encoding="utf-8")


def _reached(schema: dict[str, Any]) -> list[str]:
    """The models in the order in which one leads to the next."""
    names: list[str] = []
    waiting = [schema]
    while waiting:
        # A discriminator names the models once more, in another order.
        for name in re.findall(r'"\$ref": "#/\$defs/(\w+)"', json.dumps(waiting.pop(0)["properties"])):
            if name not in names:
                names.append(name)
                waiting.append(schema["$defs"][name])
    return names


def _section(name: str, model: dict[str, Any]) -> Iterator[str]:
    """A heading, the docstring of the model and a table of its keys."""
    yield f"## {name}\n"
    yield " ".join(model.get("description", "").replace("``", "`").split()) + "\n"
    yield "| key | value | left out | meaning |\n|---|---|---|---|"
    for key, field in model["properties"].items():
        text = " ".join(field.get("description", "").split())
        meaning, _, implied = text.partition(" Left out: ")
        yield _row(f"`{key}`", _value(field), _left_out(key, field, model, implied), meaning)
    yield ""


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _left_out(key: str, field: dict[str, Any], model: dict[str, Any], implied: str) -> str:
    if implied:
        return implied.rstrip(".")
    if key in model.get("required", ()):
        return "required"
    default = field.get("default", "all" if key == "grains" else [])
    return "nothing" if default in (None, [], {}) else f"`{json.dumps(default)}`" if default != "all" else "all"


def _value(field: dict[str, Any]) -> str:
    """What may stand there, in words."""
    if "$ref" in field:
        name = field["$ref"].rsplit("/", 1)[-1]
        return f"[{name}](#{name.lower()})"
    if "const" in field:
        return f"`{field['const']}`"
    if "enum" in field:
        return ", ".join(f"`{option}`" for option in field["enum"])
    options = field.get("oneOf") or [one for one in field.get("anyOf", ()) if one.get("type") != "null"]
    if options:
        return " or ".join(dict.fromkeys(_value(option) for option in options))
    if field.get("type") == "array":
        return f"list of {_value(field['items'])}"
    if field.get("type") == "object":
        (of_name,) = field["patternProperties"].values()
        return f"names, each with {_value(of_name)}"
    if field.get("format") == "date":
        return "date"
    if field.get("pattern"):
        return "name" if field.get("maxLength") else "variables, added up"
    return {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}[field["type"]]


if __name__ == "__main__":
    write_reference(Path(sys.argv[1]))

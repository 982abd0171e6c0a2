"""Closed Pydantic models: an unknown key is refused, and every refusal knows its file, line, what was got and what is
allowed. One mechanism for every definition people write in YAML."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from typing import Any, TypeGuard, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo

from cxmetrics.definitions.yaml_file import KeyPath, YamlFile
from cxmetrics.errors import CxError


class ClosedModel(BaseModel):
    """Unknown keys are refused, values are not converted (``"1"`` is not a number) and instances do not change."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


Model = TypeVar("Model", bound=BaseModel)


def validate(model: type[Model], data: Any, file: YamlFile, at: KeyPath = ()) -> tuple[Model | None, list[CxError]]:
    """``data``, which stands at ``at`` in ``file``, as ``model``; or None and an error for each thing wrong with it."""
    try:
        return model.model_validate(data), []
    except ValidationError as error:
        return None, [_explained(model, detail, data, file, at) for detail in error.errors(include_url=False)]


def _explained(model: type[BaseModel], detail: Any, data: Any, file: YamlFile, at: KeyPath) -> CxError:
    """One of Pydantic's error details with file, line, got, allowed and a sentence."""
    location, kind, context = detail["loc"], detail["type"], detail.get("ctx", {})
    key_path, parent = _located(model, location, data)
    # The line says where; two keys are enough to recognise it.
    name = ".".join([part for part in key_path if isinstance(part, str)][-2:]) or "the definition"
    line = file.line((*at, *key_path))
    if kind == "extra_forbidden":
        got, allowed, what = location[-1], _keys(parent), f"unknown key '{name}'"
    elif kind == "missing":
        got, allowed, what = None, None, f"'{name}' is missing"
    elif kind in ("too_short", "string_too_short") or (detail["input"] is None and kind != "literal_error"):
        got, allowed, what = None, None, f"'{name}' is empty"
    elif kind == "union_tag_invalid":
        discriminator = context["discriminator"].strip("'")
        line = file.line((*at, *key_path, discriminator))
        what = f"bad value for '{name}.{discriminator}'"
        got, allowed = context["tag"], [tag.strip("'") for tag in context["expected_tags"].split(", ")]
    elif kind == "union_tag_not_found":
        got, allowed, what = None, None, f"'{name}.{context['discriminator'].strip(chr(39))}' is missing"
    elif kind in ("model_type", "dict_type"):
        what, got, allowed = f"'{name}' holds keys and values, not one value", _short(detail["input"]), None
    elif kind in ("literal_error", "enum"):
        what, got = f"bad value for '{name}'", _short(detail["input"])
        allowed = [option.strip("'") for option in context["expected"].replace(" or ", ", ").split(", ")]
    else:
        message = detail["msg"].removeprefix("Value error, ").removeprefix("Input ")
        what, got, allowed = f"bad value for '{name}': {message}", _short(detail["input"]), None
    return CxError(what, file=file.name, line=line, got=got, allowed=allowed)


def _short(value: Any) -> str:
    text = "nothing" if value is None else str(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _located(
    model: type[BaseModel], location: tuple[str | int, ...], data: Any
) -> tuple[KeyPath, type[BaseModel] | None]:
    """The key path in the data that Pydantic's location means, and the model that holds its last key.

    The two differ by the tags of discriminated unions, which Pydantic puts into the location.
    """
    key_path: list[str | int] = []
    holder: type[BaseModel] | None = None
    current: Any = model
    for part in location:
        tagged = _tagged(current, part)
        if tagged is not None:
            current = tagged
            continue
        key_path.append(part)
        candidates = [option for option in _options(current) if _is_model(option)]
        holder = candidates[0] if candidates else None
        field = holder.model_fields.get(part) if holder is not None and isinstance(part, str) else None
        current = field if field is not None else _item(current)
    return tuple(key_path), holder


def _keys(model: type[BaseModel] | None) -> list[str]:
    return list(model.model_fields) if model is not None else []


def _is_model(annotation: Any) -> TypeGuard[type[BaseModel]]:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _options(annotation: Any) -> Iterator[Any]:
    """The members of a union, through Annotated, Optional and field declarations; else the annotation itself."""
    if isinstance(annotation, FieldInfo):
        annotation = annotation.annotation
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        yield from _options(typing.get_args(annotation)[0])
    elif origin in (typing.Union, types.UnionType):
        for option in typing.get_args(annotation):
            yield from _options(option)
    else:
        yield annotation


def _tagged(annotation: Any, tag: str | int) -> type[BaseModel] | None:
    """The member of a discriminated union whose Literal discriminator is ``tag``."""
    candidates = [option for option in _options(annotation) if _is_model(option)]
    if len(candidates) < 2:
        return None
    for candidate in candidates:
        if any(tag in typing.get_args(field.annotation) for field in candidate.model_fields.values()):
            return candidate
    return None


def _item(annotation: Any) -> Any:
    """The annotation of a list's items (or a mapping's values)."""
    for option in _options(annotation):
        arguments = typing.get_args(option)
        if arguments:
            return arguments[-1]
    return None

"""YAML files as data plus the line of every key.

dbt reads the same files with PyYAML's safe loader; this reader agrees with it on values, and additionally refuses what
that one lets pass in silence (a key given twice: the last one wins) and what a definition never needs (merge keys,
unbounded aliases, deep nesting).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from cxmetrics.errors import CxError

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# A key of YAML may also be true, or a number with digits after the point.
KeyPath = tuple[str | int | float, ...]
TEXT = "tag:yaml.org,2002:str"

# The largest definition in the project has some hundred values. The limits only have to stop a file that would take
# the machine down: aliases multiply values without making the file longer.
MAX_BYTES = 1_000_000
MAX_VALUES = 50_000
MAX_DEPTH = 40


@dataclass(frozen=True)
class YamlFile:
    """What one file says. ``name`` is how it is shown to people: its path below the project root where there is one."""

    path: Path
    name: str
    data: Any
    lines: dict[KeyPath, int] = field(repr=False)

    def line(self, key_path: KeyPath) -> int:
        """The 1-based line of the key (or list item) at ``key_path``; of its nearest known parent when it is absent."""
        key_path = tuple(key_path)
        while key_path and key_path not in self.lines:
            key_path = key_path[:-1]
        return self.lines.get(key_path, 1)


def read(path: Path, root: Path | None = None) -> YamlFile:
    """Read one YAML document.

    Raises CxError, with file and line, when the file is missing, not UTF-8, too large, not YAML, nested or aliased
    beyond the limits, holds more than one document, a key twice, a merge key or a key that is not text or a number.
    """
    name = shown(path, root)
    loader = Loader(_text(path, name))
    reading = _Reading(name, loader)
    try:
        data = reading.document()
    except yaml.MarkedYAMLError as error:
        # Their marks are of the C parser or of the Python one, which have a line alike.
        mark: Any = error.problem_mark or error.context_mark
        problem = error.problem or error.context or "cannot be read"
        if "cannot start any token" in problem:
            problem += " (indent with blanks, not tabs; quote text that opens with @, ` or %)"
        raise CxError(f"not valid YAML: {problem}", file=name, line=mark.line + 1 if mark else None) from error
    except yaml.YAMLError as error:
        raise CxError(f"not valid YAML: {str(error).splitlines()[0]}", file=name) from error
    finally:
        loader.dispose()
    return YamlFile(path=path, name=name, data=data, lines=reading.lines)


def shown(path: Path, root: Path | None) -> str:
    """How ``path`` is shown: below ``root`` as a relative POSIX path, else as given."""
    if root is not None and path.is_relative_to(root):
        return path.relative_to(root).as_posix()
    return str(path)


def _text(path: Path, name: str) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise CxError(f"the file is larger than {MAX_BYTES:,} bytes", file=name, got=f"{path.stat().st_size:,}")
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise CxError("the file does not exist", file=name) from error
    except UnicodeDecodeError as error:
        raise CxError("the file is not UTF-8 text", file=name) from error
    except OSError as error:
        raise CxError(f"the file cannot be read: {error.strerror}", file=name) from error


class _Reading:
    """Turns the parser's events into data, counting values and remembering lines.

    Works on events because PyYAML's own tree builder recurses in C without a limit: 300,000 open brackets end the
    process with a segmentation fault.
    """

    def __init__(self, name: str, loader: Any):
        self.name = name
        self.loader = loader
        self.lines: dict[KeyPath, int] = {}
        self.anchors: dict[str, tuple[Any, int]] = {}
        self.values = 0

    def document(self) -> Any:
        """The only document of the stream; None when there is none."""
        self._next(yaml.StreamStartEvent)
        if self.loader.check_event(yaml.StreamEndEvent):
            return None
        self._next(yaml.DocumentStartEvent)
        data = self._value(())
        self._next(yaml.DocumentEndEvent)
        if not self.loader.check_event(yaml.StreamEndEvent):
            raise self._refused("a second document begins here; write one document a file", self.loader.get_event())
        return data

    def _next(self, kind: type[yaml.Event]) -> yaml.Event:
        event = self.loader.get_event()
        if not isinstance(event, kind):
            raise TypeError(f"the parser sent {event} for {kind.__name__}")
        return event

    def _refused(self, what: str, event: yaml.Event, got: object = None) -> CxError:
        mark: Any = event.start_mark
        return CxError(what, file=self.name, line=mark.line + 1, got=got)

    def _value(self, key_path: KeyPath) -> Any:
        event = self.loader.get_event()
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self.anchors:
                raise self._refused(f"the alias *{event.anchor} stands before the end of what it names", event)
            data, values = self.anchors[event.anchor]
            self._count(values, event)
        else:
            if len(key_path) > MAX_DEPTH:
                raise self._refused(f"nested more than {MAX_DEPTH} levels deep", event)
            before = self.values
            self._count(1, event)
            data = self._data(event, key_path)
            if event.anchor is not None:
                self.anchors[event.anchor] = (data, self.values - before)
        self.lines.setdefault(key_path, event.start_mark.line + 1)
        return data

    def _count(self, values: int, event: yaml.Event) -> None:
        self.values += values
        if self.values > MAX_VALUES:
            raise self._refused(f"more than {MAX_VALUES:,} values once aliases are followed", event)

    def _data(self, event: yaml.Event, key_path: KeyPath) -> Any:
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if isinstance(event, yaml.SequenceStartEvent):
            items: list[Any] = []
            while not self.loader.check_event(yaml.SequenceEndEvent):
                items.append(self._value((*key_path, len(items))))
            self.loader.get_event()
            return items
        mapping: dict[Any, Any] = {}
        while not self.loader.check_event(yaml.MappingEndEvent):
            key_event = self.loader.get_event()
            key = self._key(key_event)
            if key in mapping:
                first = self.lines[(*key_path, key)]
                raise self._refused(f"the key '{key}' is given twice, first on line {first}", key_event)
            self.lines[(*key_path, key)] = key_event.start_mark.line + 1
            mapping[key] = self._value((*key_path, key))
        self.loader.get_event()
        return mapping

    def _scalar(self, event: yaml.ScalarEvent) -> Any:
        tag = event.tag or self.loader.resolve(yaml.ScalarNode, event.value, event.implicit)
        if tag == TEXT:
            return event.value
        start: Any = event.start_mark
        end: Any = event.end_mark
        node = yaml.ScalarNode(tag, event.value, start, end)
        try:
            return self.loader.construct_object(node)
        except (ValueError, KeyError, AttributeError) as error:  # what PyYAML lets out for !!bool x, !!timestamp x
            kind = tag.rsplit(":", 1)[-1]
            raise self._refused(f"not a valid {kind}: {error}", event, got=event.value) from error

    def _key(self, event: yaml.Event) -> str | int | float | bool:
        if not isinstance(event, yaml.ScalarEvent):
            raise self._refused("a key must be text, not an alias, a list or a mapping", event)
        if event.value == "<<" and event.implicit[0]:
            raise self._refused("merge keys (<<) are not read here; write the keys out", event)
        key = self._scalar(event)
        if not isinstance(key, str | int | float | bool):
            raise self._refused("a key must be text or a number", event, got=event.value)
        return key

"""YAML 1.2 under caps: events of a pure-Python parser, built into plain data.

Built from events, so that a hostile block is given up at its first anchor, alias,
tag, repeated key, or at the level or value that is one too many.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from ..model.parts import FrontLimits

# Deeper nesting of brackets makes the scanner slow before it says anything.
BRACKETS = 16

_INT = re.compile(r"-?(?:0|[1-9][0-9]{0,17})\Z")
_FLOAT = re.compile(r"-?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,17}(?:[eE][-+]?[0-9]{1,2})?\Z")
_WORDS: dict[str, bool | None] = {"": None, "~": None}
for _word, _value in (("null", None), ("true", True), ("false", False)):
    _WORDS |= {w: _value for w in (_word, _word.title(), _word.upper())}
_PLAIN = re.compile(r"[^\W\d_](?:[\w .,;()/+’'!?-]{0,199}[\w.)!?])?\Z")
_UNPRINTABLE = re.compile(r"[\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")


class Fault(Exception):
    """Why a block cannot be read; ``line`` counts from 1 within it, 0 if unknown."""

    def __init__(self, message: str, line: int = 0, **params: Any) -> None:
        super().__init__(message)
        self.message, self.line, self.params = message, line, params


def load(block: str, limits: FrontLimits) -> dict[str, Any]:
    """Return the fields of a block; raises Fault."""
    size = len(block.encode("utf-8", "surrogatepass"))
    if size > limits.size:
        raise Fault(
            "The fields at the top of the page are too long "
            "(%(size)d of %(limit)d kB). Move long text below them.",
            size=-(-size // 1024),
            limit=limits.size // 1024,
        )
    _check_brackets(block)
    try:
        return _Builder(_events(block), limits).document()
    except (YAMLError, ValueError, IndexError, RecursionError) as error:
        mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
        line = mark.line + 1 if mark else 0
        raise Fault(
            "The fields at the top of the page have a mistake near line %(line)d. "
            "Check its colon, its quotes and the spaces at its start.",
            min(line, block.count("\n")) or 1,
        ) from None


def dump(value: Any) -> str:
    """Return a value as YAML on one line."""
    if isinstance(value, str):
        plain = _PLAIN.match(value) and value not in _WORDS and ": " not in value
        return value if plain else _quote(value)
    if isinstance(value, list | tuple):
        # A comma ends a plain item inside brackets.
        items = [_quote(v) if "," in str(v) else dump(v) for v in value]
        return f"[{', '.join(items)}]"
    return _UNPRINTABLE.sub(_escape, json.dumps(value, ensure_ascii=False))


def _quote(value: Any) -> str:
    if not isinstance(value, str):
        return dump(value)
    return _UNPRINTABLE.sub(_escape, json.dumps(value, ensure_ascii=False))


def _escape(found: re.Match[str]) -> str:
    return f"\\u{ord(found.group()):04x}"


def _check_brackets(block: str) -> None:
    level = 0
    for found in re.finditer(r"[\[\]{}]", block):
        level = level + 1 if found.group() in "[{" else max(level - 1, 0)
        if level > BRACKETS:
            raise _too_deep(block.count("\n", 0, found.start()) + 1)


def _too_deep(line: int) -> Fault:
    return Fault(
        "The fields at the top of the page are nested too deeply in line %(line)d. "
        "Use fewer levels.",
        line,
    )


def _events(block: str) -> Iterator[Event]:
    yaml = YAML(typ="safe", pure=True)
    yaml.version = (1, 2)
    return iter(yaml.parse(block))


class _Builder:
    """Builds plain data from events and gives up at the first thing not allowed."""

    def __init__(self, events: Iterator[Event], limits: FrontLimits) -> None:
        self.events, self.limits = events, limits
        self.values = 0

    def document(self) -> dict[str, Any]:
        for event in self.events:
            if isinstance(event, DocumentStartEvent):
                break
        else:
            return {}
        first = next(self.events)
        if isinstance(first, ScalarEvent) and not first.value and not first.style:
            return {}
        if not isinstance(first, MappingStartEvent):
            raise Fault(
                "The fields at the top of the page must be lines like “name: value”.",
                _line(first),
            )
        data: dict[str, Any] = self.node(first, 0)
        for event in self.events:
            if isinstance(event, DocumentStartEvent):
                raise Fault(
                    "The fields at the top of the page end twice, in line %(line)d.",
                    _line(event),
                )
        return data

    def node(self, event: Event, depth: int) -> Any:
        self.allow(event, depth)
        if isinstance(event, ScalarEvent):
            return _scalar(event)
        if isinstance(event, SequenceStartEvent):
            return list(self.items(depth))
        return self.mapping(depth)

    def allow(self, event: Event, depth: int) -> None:
        if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
            raise Fault(
                "“&” and “*” at the start of a value have a special meaning that is "
                "not allowed here. Put the value of line %(line)d in quotes.",
                _line(event),
            )
        if not isinstance(event, NodeEvent) or _tagged(event):
            raise Fault(
                "“!” at the start of a value is not allowed. "
                "Put the value of line %(line)d in quotes.",
                _line(event),
            )
        self.values += 1
        if self.values > self.limits.values * 2:
            raise Fault(
                "The fields at the top of the page hold too many values "
                "(more than %(limit)d).",
                _line(event),
                limit=self.limits.values,
            )
        if isinstance(event, CollectionStartEvent) and depth > self.limits.depth:
            raise _too_deep(_line(event))

    def items(self, depth: int) -> Iterator[Any]:
        for event in self.events:
            if isinstance(event, SequenceEndEvent):
                return
            yield self.node(event, depth + 1)

    def mapping(self, depth: int) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for event in self.events:
            if isinstance(event, MappingEndEvent):
                break
            key = self.key(event, depth)
            if key in data:
                raise Fault(
                    "“%(key)s” is given twice in the fields at the top, the second "
                    "time in line %(line)d. Keep one.",
                    _line(event),
                    key=key[:60],
                )
            if len(data) >= self.limits.values:
                raise Fault(
                    "The fields at the top of the page are too many "
                    "(more than %(limit)d).",
                    _line(event),
                    limit=self.limits.values,
                )
            data[key] = self.node(next(self.events), depth + 1)
        return data

    def key(self, event: Event, depth: int) -> str:
        self.allow(event, depth)
        if not isinstance(event, ScalarEvent):
            raise Fault(
                "The name of a field must be plain words; see line %(line)d.",
                _line(event),
            )
        return str(event.value)


def _line(event: Event) -> int:
    mark = event.start_mark
    return mark.line + 1 if mark else 0


def _tagged(event: NodeEvent) -> bool:
    tag = getattr(event, "ctag", None)
    return tag is not None and str(tag) not in ("", "None")


def _scalar(event: ScalarEvent) -> Any:
    text: str = event.value
    if event.style:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INT.match(text):
        return int(text)
    return float(text) if _FLOAT.match(text) else text

"""Front matter: the fields at the top of a page, read with care and never rewritten.

A block opens with ``---`` on the first line and ends with ``---`` or ``...``. It is
read as YAML 1.2 under the caps of security.md R8: no anchors, aliases, tags or
duplicate keys. Dates, numbers with leading zeros, ``on`` and ``1:30`` stay text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from ..errors import NotValid
from ..model.page import ERROR, Problem
from ..model.parts import FrontLimits
from .yaml import Fault, dump, load

FIELD = "front matter"

# A blank line may stand first where an audience is named: a page that its writer
# meant for few must not be open to all because of it.
_OPEN = re.compile(
    r"\ufeff?---[ \t]*\r?\n"
    r"(?=[^\s]|(?:[ \t]*\r?\n)+(?:[^\n]*\n){0,64}?audience[ \t]*:)"
)
_CLOSE = re.compile(r"^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.M)
_TYPE = re.compile(r"^type:[ \t]+[\"']?([^\s\"'#]{1,60})", re.M)
_KEY = re.compile(
    r"^(?:\"([^\"\\\n]*)\"|'([^'\n]*)'|([^\s#\"'\-\[\]{},&*!|>%@`:][^:\n]*?))"
    r"[ \t]*:(?=[ \t\r\n]|\Z)",
    re.M,
)
# A value on one line with a comment behind it, which stays when the value changes.
_COMMENT = re.compile(
    r"[ \t]+(?:\"(?:[^\"\\\n]|\\.)*+\"|'(?:[^'\n]|'')*+'|\[[^\]\n]*+\]"
    r"|[^\n\"'|>\[{#]*?)([ \t]+#[^\n]*)\n\Z"
)


@dataclass(frozen=True, slots=True)
class Front:
    """What a text says above its body; ``raw + body`` is the text.

    ``lines`` is the number of lines before the body.
    """

    data: dict[str, Any] = field(default_factory=dict)
    body: str = ""
    lines: int = 0
    problems: tuple[Problem, ...] = ()
    raw: str = ""


def split(text: str, limits: FrontLimits | None = None) -> Front:
    """Part a page into its fields and its body; faults are reported, never raised."""
    start, end, body = _bounds(text)
    if not body:
        return Front(body=text)
    raw = text[:body]
    lines = raw.count("\n")
    try:
        data = _copy(_load(text[start:end], limits or FrontLimits()))
    except Fault as fault:
        line = fault.line + 1 if fault.line else 0
        params = {"line": line, **fault.params}
        problem = Problem(ERROR, FIELD, fault.message, line, params)
        return Front({}, text[body:], lines, (problem,), raw)
    return Front(data, text[body:], lines, (), raw)


def kind_of(text: str) -> str:
    """Return the page type named by a first cheap look, or an empty string."""
    start, end, body = _bounds(text)
    if not body:
        return ""
    found = _TYPE.search(text, start, min(end, start + 64 * 1024))
    return found.group(1).lower() if found else ""


def set_fields(text: str, changes: Mapping[str, Any]) -> str:
    """Change only these top-level fields; a value of None removes one.

    Everything else stays byte for byte. Raises NotValid where the block cannot be
    read or a field is written in a way that cannot be replaced safely.
    """
    limits = FrontLimits(64 * 1024, 5000, 12)
    before = split(text, limits)
    if before.problems:
        raise NotValid(before.problems)
    start, end, body = _bounds(text)
    block = text[start:end]
    for key, value in changes.items():
        block = _replace(block, key, value)
    fences = (text[:start], text[end:body]) if body else ("---\n", "---\n")
    head = fences[0] + block + fences[1] if block.strip() else ""
    result = head + text[body:]
    wanted = {**before.data, **changes}
    after = split(result, limits)
    gone = {key for key, value in changes.items() if value is None}
    if after.data != {k: v for k, v in wanted.items() if k not in gone}:
        raise NotValid((_cannot_change(after.problems),))
    return result


def _cannot_change(problems: tuple[Problem, ...]) -> Problem:
    if problems:
        return problems[0]
    return Problem(
        ERROR,
        FIELD,
        "The fields at the top of this page are written in a way that cannot be "
        "changed from here. Edit them in the source of the page.",
    )


def _bounds(text: str) -> tuple[int, int, int]:
    """Return where the block starts and ends and where the body starts, or zeros."""
    opening = _OPEN.match(text)
    if not opening:
        return 0, 0, 0
    closing = _CLOSE.search(text, opening.end())
    if not closing:
        return 0, 0, 0
    return opening.end(), closing.start(), closing.end()


@lru_cache(maxsize=512)
def _load(block: str, limits: FrontLimits) -> dict[str, Any]:
    return load(block, limits)


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_copy(item) for item in value]
    return value


def _replace(block: str, key: str, value: Any) -> str:
    keys = list(_KEY.finditer(block))
    for place, found in enumerate(keys):
        if key not in found.groups():
            continue
        stop = keys[place + 1].start() if place + 1 < len(keys) else len(block)
        stop = found.start() + _length(block[found.start() : stop])
        if value is None:
            return block[: found.start()] + block[stop:]
        old = block[found.end() : stop]
        kept = _COMMENT.match(old)
        line = f"{found.group(0)} {dump(value)}{kept.group(1) if kept else ''}\n"
        return block[: found.start()] + line + block[stop:]
    if value is None:
        return block
    if block and not block.endswith("\n"):
        block += "\n"
    return f"{block}{dump(key)}: {dump(value)}\n"


def _length(part: str) -> int:
    """Return the length of a field without the comments and blank lines behind it."""
    lines = part.splitlines(keepends=True)
    while len(lines) > 1 and (not lines[-1].strip() or lines[-1].startswith("#")):
        lines.pop()
    return sum(map(len, lines))

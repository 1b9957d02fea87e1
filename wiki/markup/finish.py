"""What becomes of blocks once they are read and before their text is.

Blank lines and what is hidden go; list items with a box become tasks; quotes that
begin with ``[!NOTE]`` and the like become alerts; details tags find their ends.
"""

from __future__ import annotations

import re

from mistune.core import BlockState

from ..model.parts import Token
from .caps import NESTING

ALERTS = ("note", "tip", "important", "warning", "caution")

_TASK = re.compile(r"\[([ xX])\](?=\s)[ \t]*")
_DETAILS_END = re.compile(r"</details[ \t]*>\s*\Z", re.I)
_ALERT = re.compile(r"\[!(" + "|".join(ALERTS) + r")\][ \t]*(?:\n|\Z)", re.I)


def finish(state: BlockState) -> None:
    """Finish the blocks of a state in place."""
    state.tokens = _finish(state.tokens)


def _finish(tokens: list[Token]) -> list[Token]:
    result: list[Token] = []
    folded = False
    for token in tokens:
        kind = token["type"]
        if kind in ("blank_line", "hidden"):
            continue
        if "children" in token:
            token["children"] = _finish(token["children"])
            if kind == "list":
                _tasks(token)
            elif kind == "block_quote":
                _alert(token)
        folded = folded or kind == "details_tag"
        result.append(token)
    return _details(result) if folded else result


def _tasks(token: Token) -> None:
    for item in token["children"]:
        first = item["children"][0] if item["children"] else None
        if not first or first["type"] not in ("paragraph", "block_text"):
            continue
        found = _TASK.match(first["text"])
        if found:
            first["text"] = first["text"][found.end() :]
            item["type"] = "task_list_item"
            item["attrs"] = {"checked": found.group(1) != " "}


def _alert(token: Token) -> None:
    first = token["children"][0] if token["children"] else None
    if not first or first["type"] != "paragraph":
        return
    found = _ALERT.match(first["text"])
    if not found:
        return
    first["text"] = first["text"][found.end() :]
    if not first["text"].strip():
        token["children"].pop(0)
    token["type"], token["attrs"] = "alert", {"kind": found.group(1).lower()}


def _details(tokens: list[Token]) -> list[Token]:
    """Nest what stands between details tags; a tag without partner is text."""
    levels: list[list[Token]] = [[]]
    opened: list[Token] = []
    for token in tokens:
        if token["type"] == "paragraph" and opened and _ends_details(token):
            levels[-1] += [token] * bool(token["text"])
            _close(levels, opened)
        elif token["type"] != "details_tag":
            levels[-1].append(token)
        elif token["attrs"]["closes"]:
            if opened:
                _close(levels, opened)
            else:
                levels[-1].append({"type": "paragraph", "text": token["raw"]})
        elif len(opened) >= NESTING // 2:
            levels[-1].append({"type": "paragraph", "text": token["raw"]})
        else:
            opened.append(token)
            levels.append([])
    while opened:
        _close(levels, opened)
    return levels[0]


def _ends_details(token: Token) -> bool:
    """Cut a closing tag from the end of a paragraph; tell whether there was one."""
    found = _DETAILS_END.search(token["text"], max(len(token["text"]) - 40, 0))
    if found:
        token["text"] = token["text"][: found.start()].strip()
    return bool(found)


def _close(levels: list[list[Token]], opened: list[Token]) -> None:
    inner, start = levels.pop(), opened.pop()
    attrs = {"open": start["attrs"]["open"]}
    levels[-1].append({"type": "details", "children": inner, "attrs": attrs})

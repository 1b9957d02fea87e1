"""Footnotes: ``[^name]`` in the text, ``[^name]: …`` anywhere, shown at the end.

Numbered in the order of their first mention; notes may mention notes. A note that
is never mentioned is not shown, and the editor is told.
"""

from __future__ import annotations

import re
from re import Match
from typing import TYPE_CHECKING, Any, cast

from mistune.block_parser import BlockParser
from mistune.core import BlockState, InlineState
from mistune.inline_parser import InlineParser

from ..model.parts import Token
from .caps import warn
from .finish import finish

if TYPE_CHECKING:
    from mistune.markdown import Markdown

_LABEL = r"[^\[\]\s\\]{1,200}"
DEFINITION = r"^ {0,3}\[\^(?P<note_key>" + _LABEL + r")\]:(?P<note_text>[^\n]*)$"
MENTION = r"\[\^(?P<mention_key>" + _LABEL + r")\]"
# Links back from a note to its mentions.
BACK_LINKS = 20

_INDENT = re.compile(r"^(?: {4}| {0,3}\t)", re.M)
_NEW_BLOCK = re.compile(
    r" {0,3}(?:\[\^|#{1,6}(?:\s|$)|[-*+][ \t]|>|```|~~~|\d{1,9}[.)]\s)"
)


def footnotes(md: Markdown) -> None:
    """Add footnotes to a parser."""
    md.block.register("note", DEFINITION, _define, before="ref_link")
    md.inline.register("mention", MENTION, _mention, before="wiki_link")
    md.after_render_hooks.append(_append)  # type: ignore[arg-type]


def _define(block: BlockParser, m: Match[str], state: BlockState) -> int:
    lines = [m.group("note_text").strip()]
    position, blank = min(m.end() + 1, state.cursor_max), False
    while position < state.cursor_max:
        line = state.get_line(position)
        empty, indented = not line.strip(), bool(_INDENT.match(line))
        if not empty and not indented and (blank or _NEW_BLOCK.match(line)):
            break
        lines.append(_INDENT.sub("", line.rstrip("\n")))
        blank = empty
        position += len(line)
    notes = state.env.setdefault("note_texts", {})
    notes.setdefault(_key(m.group("note_key")), "\n".join(lines).strip("\n"))
    # Definitions end what stands before them, so that no text joins across them.
    state.append_token({"type": "hidden"})
    return position


def _key(label: str) -> str:
    return label.casefold()


def _mention(inline: InlineParser, m: Match[str], state: InlineState) -> int | None:
    key = _key(m.group("mention_key"))
    if key not in state.env.get("note_texts", ()) or state.in_image:
        return None
    order: list[str] = state.env.setdefault("note_order", [])
    # For each key: its number, and how often it was mentioned so far.
    seen: dict[str, list[int]] = state.env.setdefault("note_mentions", {})
    if key not in seen:
        order.append(key)
        seen[key] = [len(order), 0]
    seen[key][1] += 1
    attrs = {"number": seen[key][0], "mention": seen[key][1]}
    state.append_token({"type": "footnote_ref", "raw": m.group(0), "attrs": attrs})
    return m.end()


def _append(md: Markdown, result: list[Token], state: BlockState) -> list[Token]:
    """Lay out the notes that were mentioned, in turn, as each may mention others."""
    texts: dict[str, str] = state.env.get("note_texts", {})
    order: list[str] = state.env.setdefault("note_order", [])
    items: list[Token] = []
    while len(items) < len(order):
        key = order[len(items)]
        attrs: dict[str, Any] = {"number": len(items) + 1, "key": key}
        children = _lay_out(md, texts[key], state)
        items.append({"type": "footnote_item", "children": children, "attrs": attrs})
    for item in items:
        mentions = state.env["note_mentions"][item["attrs"].pop("key")][1]
        item["attrs"]["mentions"] = min(mentions, BACK_LINKS)
    if len(order) < len(texts):
        warn(
            state.env,
            "A footnote of this page is never mentioned in its text and so is not "
            "shown. Mention it with its name in [^…], or remove it.",
        )
    return [*result, {"type": "footnotes", "children": items}] if items else result


def _lay_out(md: Markdown, text: str, state: BlockState) -> list[Token]:
    child = state.child_state(text + "\n")
    if "\n" not in text and text[:1].isalnum():
        child.tokens = [{"type": "paragraph", "text": text}]
    else:
        md.block.parse(child)
        finish(child)
    return cast(list[Token], md.render_state(child))

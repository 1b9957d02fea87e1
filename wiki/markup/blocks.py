"""Blocks: mistune's block parser with our caps and our reading of HTML.

A heading over 500 characters stays a paragraph. Comments are dropped; ``details``,
``summary`` and ``hr`` are read as single tags; all other HTML is text.
"""

from __future__ import annotations

import re
import string
from re import Match

from mistune.block_parser import BlockParser
from mistune.core import BlockState

from .caps import HEADING, NESTING, warn
from .containers import parse_list, parse_quote
from .directives import COLONS, Forms, Reader
from .tags import BLOCK_TAG, read_attributes

_COMMENT = r"(?P<block_comment><!--)"
HTML = r"^ {0,3}(?:" + _COMMENT + "|" + BLOCK_TAG + ")"
# mistune's label looks 999 characters ahead at each bracket; this one never looks
# past the next bracket.
REFERENCE = r"^ {0,3}\[(?P<reflink_1>(?!\^)(?:[^\\\[\]]|\\.){0,999}+)\]:"
_TAG = re.compile(r"[ \t]*" + BLOCK_TAG)
_SUMMARY_END = re.compile(r"</summary[ \t]*>", re.I)
_CLOSING_HASHES = re.compile(r"[ \t]#+\Z")
_BLANK = re.compile(r"[ \t]*(?:\n|\Z)")


class Block(BlockParser):
    """mistune's block parser under our rules."""

    def __init__(self, forms: Forms) -> None:
        super().__init__(max_nested_level=NESTING)
        self._directives = Reader(forms)
        self.specification["colons"] = COLONS
        self._methods["colons"] = self.parse_colons
        self.specification["ref_link"] = REFERENCE
        self.specification["block_html"] = HTML
        self._methods["block_html"] = self.parse_block_html
        rules = [r for r in self.rules if r not in ("blank_line", "raw_html")]
        rules = ["blank_line", *rules, "colons", "block_html"]
        # One list for all places, so that what a plugin adds works in each.
        self.rules = self.list_rules = self.block_quote_rules = rules

    def _parse_indent_code_fast(self, state: BlockState) -> int | None:
        # A line of white space is no code.
        if not state.get_line(state.cursor).strip():
            return None
        return super()._parse_indent_code_fast(state)

    def parse_atx_heading(self, m: Match[str], state: BlockState) -> int:
        text = m.group("atx_2").strip(string.whitespace)
        if text and not text.strip("#"):
            text = ""
        elif text.endswith("#"):
            text = _CLOSING_HASHES.sub("", text).rstrip()
        if len(text) > HEADING:
            _too_long(state, text)
            state.add_paragraph(m.group(0) + "\n")
        else:
            attrs = {"level": len(m.group("atx_1"))}
            state.append_token({"type": "heading", "text": text, "attrs": attrs})
        return m.end() + 1

    def parse_setex_heading(self, m: Match[str], state: BlockState) -> int | None:
        last = state.last_token()
        if last and last["type"] == "paragraph" and len(last["text"]) > HEADING:
            _too_long(state, last["text"].strip())
            rules = self.compile_sc(["thematic_break", "list"])
            found = rules.match(state.src, state.cursor)
            return self.parse_method(found, state) if found else None
        return super().parse_setex_heading(m, state)

    def parse_fenced_code(self, m: Match[str], state: BlockState) -> int | None:
        end = super().parse_fenced_code(m, state)
        return self._directives.from_code(self, m, state, end) if end else None

    def parse_colons(self, m: Match[str], state: BlockState) -> int | None:
        return self._directives.from_colons(self, m, state)

    def parse_block_quote(self, m: Match[str], state: BlockState) -> int:
        return parse_quote(self, m, state)

    def parse_list(self, m: Match[str], state: BlockState) -> int | None:  # type: ignore[override]
        return parse_list(self, m, state)

    def parse_block_html(self, m: Match[str], state: BlockState) -> int | None:
        if m.group("block_comment"):
            return _comment(state, m.end())
        name = m.group("block_tag_name").lower()
        if name == "hr" and not m.group("block_tag_close"):
            state.append_token({"type": "thematic_break"})
            return _after(state, m.end())
        if name == "details":
            return _details(m, state)
        return None


def _too_long(state: BlockState, text: str) -> None:
    source: str = state.env.get("source", "")
    line = source.count("\n", 0, source.find(text.split("\n", 1)[0])) + 1
    warn(
        state.env,
        "The heading in line %(line)d is too long and is shown as a paragraph. "
        "Shorten it to 500 characters.",
        line,
    )


def _comment(state: BlockState, start: int) -> int | None:
    close = _last_close(state)
    if close < start:
        return None
    end = state.src.find("-->", start) + 3
    state.append_token({"type": "hidden"})
    return _after(state, end)


def _last_close(state: BlockState) -> int:
    """Return where the last comment ends; looked up once for each source."""
    known = state.env.get("last_comment")
    if not known or known[0] is not state.src:
        known = state.env["last_comment"] = (state.src, state.src.rfind("-->"))
    return int(known[1])


def _after(state: BlockState, end: int) -> int:
    """Return where to go on behind a tag: on the next line if nothing follows."""
    blank = _BLANK.match(state.src, end)
    return blank.end() if blank else end


def _details(m: Match[str], state: BlockState) -> int:
    """Read a details tag, and a summary that follows it at once."""
    closes = bool(m.group("block_tag_close"))
    attributes = read_attributes(m.group("block_tag_attrs"))
    attrs = {"closes": closes, "open": "open" in attributes}
    state.append_token({"type": "details_tag", "raw": m.group(0), "attrs": attrs})
    end = _after(state, m.end())
    found = None if closes else _TAG.match(state.src, end)
    if not found or found.group("block_tag_name").lower() != "summary":
        return end
    if found.group("block_tag_close"):
        return end
    close = _SUMMARY_END.search(state.src, found.end(), found.end() + 2000)
    if not close:
        return end
    text = state.src[found.end() : close.start()].strip()
    state.append_token({"type": "summary", "text": text})
    return _after(state, close.end())

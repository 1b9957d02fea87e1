"""What stands within a block: our rules in the place of mistune's.

Own rules: emphasis (emphasis.py), ``[[wiki links]]``, the links that GitHub finds in
plain text, the few HTML tags of security.md R1, comments. A tag is one exact token
(``{"type": "tag"}``), paired later by ``tags.pair``; all other HTML is text.
"""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from re import Match
from typing import Any

from mistune.core import InlineState
from mistune.inline_parser import InlineParser
from mistune.util import escape_url, unescape, unikey

from ..model.parts import Token
from . import emphasis
from .caps import INLINE_NESTING
from .tags import ANCHOR, INLINE_TAG, read_tag

WIKI_LINK = (
    r"!?\[\[(?P<wiki_target>[^\[\]|\n<>]{1,250})"
    r"(?:\|(?P<wiki_text>[^\[\]\n]{1,300}))?\]\]"
)
# Where text stops being plain: mistune's characters, and the starts of bare links.
_TRIGGER = re.compile(r"[\\`*_~!\[\]<\n@]|(?<![A-Za-z0-9])(?i:https?://|www\.)(?=\w)")
_URL = re.compile(r"(?i:https?://|www\.)(?P<host>[\w.-]+)(?P<rest>[^\s<]*)")
# Full-width punctuation ends a sentence, not an address.
_URL_END = re.compile(r"[，。、；：！？）】」』》〉“”‘’…]")
_ENTITY_END = re.compile(r"&[A-Za-z0-9]{1,32};\Z")
_LOCAL_END = re.compile(r"[A-Za-z0-9.+_-]{1,64}\Z")
_PICTURE = re.compile(r"\.(?:png|jpe?g|gif|webp|avif)\Z", re.I)
_MAIL_HOST = re.compile(r"[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63}){1,8}")

RULES = [
    "escape",
    "codespan",
    "delimiters",
    "wiki_link",
    "link",
    "link_close",
    "auto_link",
    "auto_email",
    "comment",
    "anchor",
    "tag",
    "linebreak",
    "softbreak",
    "bare_url",
    "bare_mail",
]


class Inline(InlineParser):
    """mistune's inline parser with our rules; plugins add theirs as usual."""

    def __init__(self) -> None:
        super().__init__(max_nested_level=INLINE_NESTING)
        self.rules = [r for r in RULES if r in self._methods]
        self.register("delimiters", r"\*+|_+|~+", _delimiters)
        self.register("wiki_link", WIKI_LINK, _wiki_link)
        self.register("comment", r"<!--(?!-?>)", _comment)
        self.register("anchor", ANCHOR, _anchor)
        self.register("tag", INLINE_TAG, _tag)
        self.register("bare_url", r"(?i:https?://|www\.)(?=\w)", _bare_url)
        self.register("bare_mail", r"@(?=[A-Za-z0-9])", _bare_mail)
        self.rules = list(RULES)
        self._stops: re.Pattern[str] | None = _TRIGGER

    def _find_fast_text_end(self, src: str, pos: int) -> int | None:
        if self._stops is None:
            return None
        found = self._stops.search(src, pos)
        if found is None:
            return len(src)
        if found.group(0) == "\n":
            return self._find_linebreak_start(src, pos, found.start())
        return found.start()

    def prepare(self) -> None:
        """Take note of the rules that plugins added; call it after the last one."""
        extra = [self.specification[r] for r in self.rules if r not in RULES]
        if extra:
            named = "|".join(re.sub(r"\(\?P<\w+>", "(?:", part) for part in extra)
            try:
                self._stops = re.compile(f"{_TRIGGER.pattern}|{named}")
            except re.error:  # a pattern that needs its names: search the slow way
                self._stops = None

    def process_text(
        self, text: str, state: InlineState, parse_emphasis: bool = True
    ) -> None:
        if "&" in text:
            text = unescape(text)
        state.tokens.append({"type": "text", "raw": text})

    def finalize_tokens(self, tokens: list[Token], depth: int) -> list[Token]:
        return emphasis.resolve(tokens, max(self.max_nested_level - depth, 0))

    def __call__(self, s: str, env: MutableMapping[str, Any]) -> list[Token]:
        if self._stops and not self._stops.search(s):
            return [{"type": "text", "raw": unescape(s)}] if s else []
        return super().__call__(s, env)


def _delimiters(inline: InlineParser, m: Match[str], state: InlineState) -> int:
    state.tokens.append(emphasis.run(state.src, m.start(), m.end()))
    return m.end()


def _wiki_link(inline: InlineParser, m: Match[str], state: InlineState) -> int | None:
    target = m.group("wiki_target").strip()
    picture = m.group(0)[0] == "!" and bool(_PICTURE.search(target))
    if not target or unikey(target) in state.env.get("ref_links", ()):
        return None  # "[[x]]" where "[x]: …" stands elsewhere is Markdown's own
    if state.depth >= inline.max_nested_level or (state.in_link and not picture):
        return None
    text = (m.group("wiki_text") or "").strip()
    shown = unescape(text or _name_shown(target))
    state.append_token(
        {
            "type": "image" if picture else "link",
            "children": [{"type": "text", "raw": shown}],
            # A bare link shows its page's title, once it is known.
            "attrs": {"url": "", "wiki": unescape(target), "bare": not text},
            "_autolink": m.group(0),
        }
    )
    return m.end()


def _name_shown(target: str) -> str:
    """Return what a link without words shows: the name, its prefix left out."""
    prefix, colon, rest = target.partition(":")
    if colon and rest.strip() and re.fullmatch(r"[a-z][a-z0-9-]*", prefix):
        return rest.strip()
    return target.lstrip("#/") or target


def _comment(inline: InlineParser, m: Match[str], state: InlineState) -> int | None:
    close = state.delimiters.find("-->", m.end())
    return None if close is None else close + 3


def _anchor(inline: InlineParser, m: Match[str], state: InlineState) -> int:
    state.append_token({"type": "anchor", "attrs": {"name": m.group("anchor_name")}})
    return m.end()


def _tag(inline: InlineParser, m: Match[str], state: InlineState) -> int | None:
    token = read_tag(m.group(0))
    if token is None:
        return None
    state.env["tags"] = True
    state.append_token(token)
    return m.end()


def _bare_url(inline: InlineParser, m: Match[str], state: InlineState) -> int | None:
    found = _URL.match(state.src, m.start())
    if not found or not _is_host(found.group("host")):
        return None
    text = _trim(found.group(0))
    if state.brackets and (close := text.find("]")) >= 0:
        text = text[:close]
    end = m.start() + len(text)
    if len(text) <= len(m.group(0)):
        return None
    if state.in_link or state.depth >= inline.max_nested_level:
        inline.process_text(text, state)
        return end
    url = text if text[:4].lower() == "http" else f"http://{text}"
    _add_link(state, escape_url(url), unescape(text), text)
    return end


def _is_host(host: str) -> bool:
    parts = host.rstrip(".-").split(".")
    return all(parts) and not any("_" in part for part in parts[-2:])


def _trim(text: str) -> str:
    """Cut what belongs to the sentence, not to the address (GFM, 6.9)."""
    if not text.isascii() and (end := _URL_END.search(text)):
        text = text[: end.start()]
    opened, closed = text.count("("), text.count(")")
    while text:
        if text[-1] in "?!.,:*_~'\"":
            text = text[:-1]
        elif text[-1] == ")" and closed > opened:
            text, closed = text[:-1], closed - 1
        elif text[-1] == ";" and (entity := _ENTITY_END.search(text[-40:])):
            text = text[: len(text) - len(entity.group(0))]
        elif text[-1] == ";":
            text = text[:-1]
        else:
            break
    return text


def _bare_mail(inline: InlineParser, m: Match[str], state: InlineState) -> int | None:
    start = m.start()
    local = _LOCAL_END.search(state.src, max(start - 64, 0), start)
    host = _MAIL_HOST.match(state.src, m.end())
    if not local or not host or host.group(0)[-1] in "-_":
        return None
    if state.in_link or state.depth >= inline.max_nested_level:
        return None
    if not _take_back(state, len(local.group(0))):
        return None
    address = f"{local.group(0)}@{host.group(0)}"
    _add_link(state, f"mailto:{address}", address, address)
    return host.end()


def _take_back(state: InlineState, count: int) -> bool:
    """Remove the last characters of text already read; False if they are not text."""
    tokens, have = state.tokens, 0
    first = state.brackets[-1].token_index + 1 if state.brackets else 0
    place = len(tokens)
    while have < count:
        place -= 1
        if place < first or tokens[place]["type"] != "text":
            return False
        have += len(tokens[place]["raw"])
    kept = tokens[place]["raw"][: have - count]
    del tokens[place:]
    if kept:
        tokens.append({"type": "text", "raw": kept})
    return True


def _add_link(state: InlineState, url: str, shown: str, source: str) -> None:
    state.append_token(
        {
            "type": "link",
            "children": [{"type": "text", "raw": shown}],
            "attrs": {"url": url},
            "_autolink": source,
        }
    )

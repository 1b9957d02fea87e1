"""Where links lead: what an author wrote, read as a target.

Relative links are read from the folder of the page, as file tools and GitHub do; a
final ``.md`` is left out. ``[[name]]`` is always a whole name, unless it begins with
``./`` or ``../``. Nothing is looked up here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import unescape
from typing import Literal
from urllib.parse import quote, unquote

from ..model import names
from ..model.parts import Token

Kind = Literal["page", "file", "external", "anchor", "prefixed", "route", "bad"]

SCHEMES = ("http", "https", "mailto", "tel")
# What a path may show unescaped: URL code points that mean nothing there.
SAFE = "/!$&'()*+,;=:@-._~"

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.I)
_EXTERNAL = re.compile(
    r"(?:https?://[^\s/\\\"<>][^\s\"<>]*|mailto:[^\s\"<>]+|tel:[+0-9][^\s\"<>]*)\Z",
    re.I,
)
_PREFIXED = re.compile(r"[a-z][a-z0-9-]{0,30}:(?=\S)")
_MARKDOWN = re.compile(r"\.(?:md|markdown)\Z", re.I)
_FILE = re.compile(r"\.[a-z][a-z0-9]{1,4}\Z", re.I)
_UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp", "Zs")


@dataclass(frozen=True, slots=True)
class Target:
    """What a link leads to.

    ``name`` is a page name as written, the path of a file, the address of an external
    link, or for ``prefixed`` the prefix, a colon and the rest. ``fragment`` is the
    part of the page, without ``#``. ``raw`` is what the author wrote.
    """

    kind: Kind
    name: str = ""
    fragment: str = ""
    raw: str = ""


def targets(tokens: Sequence[Token], page_name: str) -> tuple[Target, ...]:
    """Return the targets of all links and images, each once, in their order."""
    found: dict[Target, None] = {}
    for token in walk(tokens):
        found[target_of(token, page_name)] = None
    return tuple(found)


def walk(tokens: Sequence[Token]) -> Iterator[Token]:
    """Yield the link and image tokens of a tree."""
    for token in tokens:
        if token["type"] in ("link", "image"):
            yield token
        if "children" in token:
            yield from walk(token["children"])


def target_of(token: Token, page_name: str) -> Target:
    """Return the target of a link or image token."""
    attrs = token.get("attrs") or {}
    image = token["type"] == "image"
    if "wiki" in attrs and image:
        return read_url(_quote(str(attrs["wiki"])), page_name, True)
    if "wiki" in attrs:
        return read_wiki(str(attrs["wiki"]), page_name)
    return read_url(str(attrs.get("url", "")), page_name, image)


@lru_cache(maxsize=2048)
def read_wiki(source: str, page_name: str) -> Target:
    """Return the target of ``[[source]]``."""
    name, _, fragment = source.partition("#")
    name, fragment = name.strip(), fragment.strip()
    if not name:
        return Target("anchor", "", fragment, source)
    if _PREFIXED.match(name):
        return Target("prefixed", name, fragment, source)
    if name.startswith(("./", "../")):
        name = _join(page_name, name)
    return Target("page", name.strip("/"), fragment, source)


@lru_cache(maxsize=2048)
def read_url(url: str, page_name: str, image: bool = False) -> Target:
    """Return the target of a link or, with ``image``, of an image."""
    bare = _bare(url)
    if _SCHEME.match(bare):
        allowed = _EXTERNAL.match(url) and not _hides(url)
        return Target("external" if allowed else "bad", url, "", url)
    if bare.startswith("//") or "\\" in bare:
        return Target("bad", url, "", url)
    path, _, fragment = url.strip().partition("#")
    path, fragment = unquote(path.partition("?")[0]), unquote(fragment)
    if not path:
        return Target("anchor", "", fragment, url)
    if path.startswith("/-/"):
        return Target("route", url, "", url)
    path = _join(page_name, path)
    if _MARKDOWN.search(path) and not image:
        return Target("page", _MARKDOWN.sub("", path), fragment, url)
    kind: Kind = "file" if image or _FILE.search(path) else "page"
    return Target(kind, path, fragment, url)


def url_of(name: str, fragment: str = "") -> str:
    """Return the address of a page, percent-encoded."""
    # A second slash in front would lead to another site.
    path = _quote(name.lstrip("/"))
    # A colon in the first part would read as a scheme, were the slash ever lost.
    return f"/{path}#{fragment}" if fragment else f"/{path}"


def new_url(name: str) -> str:
    """Return the address at which a missing page can be written."""
    return f"/-/new?name={_quote(name, '/')}"


def _quote(text: str, safe: str = SAFE) -> str:
    return quote(text, safe=safe, errors="replace")


def _bare(url: str) -> str:
    """Return a URL as a browser might read it at its most lenient."""
    text = url
    for _ in range(3):
        decoded = unquote(unescape(text))
        if decoded == text:
            break
        text = decoded
    return "".join(c for c in text if unicodedata.category(c) not in _UNSEEN)


def _hides(url: str) -> bool:
    return any(unicodedata.category(c) in _UNSEEN for c in url)


def _join(page_name: str, path: str) -> str:
    """Return a path relative to a page's folder as one from the root."""
    folder = [] if path.startswith("/") else names.namespace(page_name).split("/")
    parts = [part for part in folder if part]
    for part in path.split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)

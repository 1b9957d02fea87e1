"""A value that is to be gone: found in whatever spelling it has, and what it leaves.

The spellings: composed and decomposed letters, other white space between words, and
the escapes of addresses (%20), HTML (&amp;) and JSON. Anything else is another value.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from typing import Any
from urllib.parse import quote

from wiki.errors import BadRequest

from .page import Problem

# What stands where something was erased; the short one where there is no room.
MARK, SHORT_MARK = "▇▇▇", "▇"
LEAST, MOST = 3, 1000  # characters

TOO_SHORT = "This is too short to be erased everywhere: give %(least)d characters."
TOO_LONG = "This is too long (%(size)d of at most %(most)d characters). Erase a part."
ONE_LINE = "Give one line. Of several lines, erase one after the other."
ONLY_MARKS = "This is the mark that erased text leaves. There is nothing to erase."
_SPACE = r"(?:[^\S\n]{1,4}|[^\S\n]{0,4}\n[^\S\n]{0,4}|%20|\+|&nbsp;|&#160;)"


@dataclass(slots=True)
class Places:
    """Where a value stands: how often, in which pages (ids), and what stays.

    ``files`` are those that hold it and can only be removed whole; ``left`` says what
    is not erased, and why.
    """

    count: int = 0
    pages: set[int] = field(default_factory=set)
    files: list[str] = field(default_factory=list)
    left: list[Problem] = field(default_factory=list)

    def add(self, other: Places) -> None:
        self.count += other.count
        self.pages |= other.pages
        self.files += other.files
        self.left += other.left


class Redaction:
    """One value to be erased; raises BadRequest for what cannot be one."""

    def __init__(self, value: str, *, ignore_case: bool = False) -> None:
        value = unicodedata.normalize("NFC", value.strip())
        _check(value)
        flags = re.IGNORECASE if ignore_case else 0
        pattern = "".join(map(_spelled, value))
        self._text = re.compile(pattern, flags)
        self._raw = re.compile(b"|".join(_raw_spellings(value, ignore_case)), flags)

    def count(self, text: str) -> int:
        """Return how often the value stands in a text."""
        return sum(1 for _ in self._text.finditer(text))

    def hits(self, text: str) -> bool:
        return self._text.search(text) is not None

    def hits_raw(self, raw: bytes) -> bool:
        """Tell whether the value stands in bytes, as UTF-8 or UTF-16."""
        return self._raw.search(raw) is not None

    def apply(self, text: str, most: int | None = None) -> str:
        """Return a text without the value; ``most`` bounds its bytes of UTF-8.

        Where there is no room for the mark the short one stands: no text grows by it.
        """
        done = self._replaced(text, MARK)
        if most is not None and done != text and len(done.encode()) > most:
            done = self._replaced(text, SHORT_MARK)
        return done

    def _replaced(self, text: str, mark: str) -> str:
        # What stands left and right of a mark may be the value again.
        while self._text.search(text):
            text = self._text.sub(mark, text)
        return text

    def apply_json(self, text: str) -> str:
        """Return JSON without the value in its texts and keys."""
        if not self.hits(text):
            return text
        return json.dumps(
            self.inside(json.loads(text)), ensure_ascii=False, separators=(",", ":")
        )

    def inside(self, value: Any) -> Any:
        """Return lists, mappings and texts without the value."""
        if isinstance(value, str):
            return self.apply(value)
        if isinstance(value, list | tuple):
            return type(value)(self.inside(item) for item in value)
        if isinstance(value, dict):
            return {self.apply(str(k)): self.inside(item) for k, item in value.items()}
        return value


def _check(value: str) -> None:
    if len(value) > MOST:
        raise BadRequest(TOO_LONG, size=len(value), most=MOST)
    if not value.isprintable():
        raise BadRequest(ONE_LINE)
    if value and not value.strip(SHORT_MARK + " "):
        raise BadRequest(ONLY_MARKS)
    if len(value) < LEAST:
        raise BadRequest(TOO_SHORT, least=LEAST)


def _spelled(char: str) -> str:
    """Return a pattern for one character in all its spellings."""
    if char.isascii() and char.isalnum():
        return char
    if char == " ":
        return _SPACE
    ways = dict.fromkeys(map(re.escape, (char, unicodedata.normalize("NFD", char))))
    ways.update(dict.fromkeys(_escaped(char)))
    return f"(?:{'|'.join(ways)})"


def _escaped(char: str) -> Iterator[str]:
    number = ord(char)
    if (in_address := quote(char, safe="")) != char:
        yield f"(?i:{re.escape(in_address)})"
    for in_html in (escape(char), "&apos;" if char == "'" else char):
        if in_html != char:
            yield re.escape(in_html)
    yield f"(?i:&#(?:0*{number}|x0*{number:x});)"
    in_json = json.dumps(char)[1:-1]
    if in_json != char:
        yield f"(?i:{re.escape(in_json)})"


def _raw_spellings(value: str, ignore_case: bool) -> list[bytes]:
    forms = {value, unicodedata.normalize("NFD", value)}
    if ignore_case:
        forms |= {f(one) for one in forms for f in (str.lower, str.upper, str.title)}
    found: set[bytes] = set()
    for form in forms:
        for code in ("utf-8", "utf-16-le", "utf-16-be"):
            found.add(re.escape(form.encode(code, "surrogatepass")))
    return sorted(found)

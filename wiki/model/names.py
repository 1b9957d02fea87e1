"""Page names: cleaned, keyed and mapped to file paths (spec: storage, section 7).

The mapping is total and safe for every name that `clean` lets through; what it does
not let through is refused with a sentence that names the character or the part.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from wiki.errors import BadName

MAX_SEGMENT_BYTES = 200
MAX_NAME_BYTES = 1024
# As typed, with what cleaning drops: longer ones are not even looked at, or kept.
MAX_TYPED_BYTES = 4096

EMPTY = "A page name cannot be empty. Type a name."
EMPTY_PART = "A name cannot have an empty part. Put text between the slashes."
DOTS = "A name cannot contain a '..' part."
CHARACTER = "A name cannot contain %(character)s. Leave it out."
MARKS_ONLY = "The part “%(part)s” shows nothing by itself. Add a letter or a digit."
# Also what is said of the name of a page that somebody may not know of.
RESERVED = "This name cannot be used. Choose another."
LONG_PART = (
    "The part “%(part)s” is too long: %(size)d of at most %(limit)d bytes. Shorten it."
)
LONG_NAME = (
    "This name is too long: %(size)d of at most %(limit)d bytes. "
    "Shorten it or use fewer parts."
)

_SUFFIX = re.compile(r"\.(?:md|markdown)\Z", re.IGNORECASE)
_SPACES = re.compile(r"[ \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
# Invisible, without a meaning of their own in a name: dropped (ZWJ, ZWNJ are kept).
_DROPPED = dict.fromkeys(map(ord, "\u00ad\u061c\u200b\u200e\u200f\u2060\ufeff"))
_REFUSED = re.compile(
    r"[\x00-\x1f\x7f-\x9f\\\u2028-\u202e\u2066-\u2069\ud800-\udfff"
    r"\U000e0001\U000e0020-\U000e007f]"
)
_SELECTORS = re.compile(r"[\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
# Letters by category that show nothing: Hangul fillers and the empty Braille cell.
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800")
_DOT_PART = re.compile(r"\.\Z|\.\.(?![.\w])|\.\.(?=_)")
_CONTROL_FOLDERS = frozenset({".git", ".hg", ".svn"})
_FIRST_RESERVED = frozenset({"-", ".well-known"})
_TOP_RESERVED = frozenset({"robots.txt", "favicon.ico", "sitemap.xml"})
_ENCODED = frozenset('<>:"|?*%')
_DEVICE = re.compile(
    r"(?:CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(?:COM|LPT)[0-9¹²³]) *(?:\.|\Z)",
    re.IGNORECASE | re.ASCII,
)
_ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})+")


def _is_format(char: str) -> bool:
    return unicodedata.category(char) == "Cf"


def _bare(text: str) -> str:
    """Return the text without characters that carry no letter, compatibility-folded."""
    if not text.isascii():
        text = _SELECTORS.sub("", text)
        text = "".join(char for char in text if not _is_format(char))
    return unicodedata.normalize("NFKC", text)


def _named(char: str) -> str:
    """Return a character as a person can find it: shown if it shows, and named."""
    code = f"U+{ord(char):04X}"
    name = unicodedata.name(char, "")
    label = f"{code} {name}".strip()
    return f"“{char}” ({label})" if char.isprintable() else label


def _refuse_characters(text: str) -> None:
    if found := _REFUSED.search(text):
        raise BadName(CHARACTER, character=_named(found[0]))
    if text.isascii():
        return
    for char in text:
        folded = unicodedata.normalize("NFKC", char)
        if char != "/" and ("/" in folded or "\\" in folded):
            raise BadName(CHARACTER, character=_named(char))


def _trim(segment: str) -> str:
    return _SPACES.sub(" ", segment).strip(" ")


def _without_suffix(segment: str) -> str:
    while (shorter := _trim(_SUFFIX.sub("", segment))) != segment:
        segment = shorter
    return segment


def _shows_something(bare: str) -> bool:
    return any(
        unicodedata.category(char)[0] != "M" and char not in _BLANK for char in bare
    )


def check_segment(segment: str) -> None:
    """Raise BadName where one part of a name, already cleaned, breaks a rule."""
    if not segment:
        raise BadName(EMPTY_PART)
    bare = _bare(segment)
    if _DOT_PART.match(bare):
        raise BadName(DOTS)
    if bare.casefold() in _CONTROL_FOLDERS:
        raise BadName(RESERVED, part=segment)
    if not _shows_something(bare):
        raise BadName(MARKS_ONLY, part=segment)
    size = len(encode_segment(segment).encode())
    if size > MAX_SEGMENT_BYTES:
        raise BadName(
            LONG_PART, part=segment[:20] + "…", size=size, limit=MAX_SEGMENT_BYTES
        )


def clean_segments(text: str, *, drop_suffix: bool = True) -> list[str]:
    """Return the cleaned parts of a name or of a file's place; raises BadName."""
    _refuse_characters(text)
    text = unicodedata.normalize("NFC", text.translate(_DROPPED))
    text = text.strip("/" + " \u00a0\u1680\u202f\u205f\u3000" + "\u2000\u200a")
    segments = [_trim(segment) for segment in text.split("/")]
    while len(segments) > 1 and not segments[-1]:
        segments.pop()
    if drop_suffix:
        segments[-1] = _without_suffix(segments[-1])
    if segments == [""]:
        raise BadName(EMPTY)
    for segment in segments:
        check_segment(segment)
    return segments


def clean(name: str) -> str:
    """Return the canonical spelling of a typed name; raises BadName."""
    # Most names are shorter than this in any script, so that nothing is encoded.
    if len(name) * 4 > MAX_TYPED_BYTES:
        size = len(name.encode("utf-8", "surrogatepass"))
        if size > MAX_TYPED_BYTES:
            raise BadName(LONG_NAME, size=size, limit=MAX_NAME_BYTES)
    return _clean(name)


@lru_cache(4096)
def _clean(name: str) -> str:
    segments = clean_segments(name)
    first = _bare(segments[0]).casefold()
    reserved = _FIRST_RESERVED | (_TOP_RESERVED if len(segments) == 1 else set())
    if first in reserved:
        raise BadName(RESERVED)
    size = sum(len(encode_segment(segment).encode()) + 1 for segment in segments) - 1
    if size > MAX_NAME_BYTES:
        raise BadName(LONG_NAME, size=size, limit=MAX_NAME_BYTES)
    return "/".join(segments)


def key(name: str) -> str:
    """Return the key of a cleaned name: same key, same page."""
    # Titles and tags are folded with this too; long ones are not kept in memory.
    return _key(name) if len(name) <= MAX_NAME_BYTES else _folded(name)


@lru_cache(4096)
def _key(name: str) -> str:
    return _folded(name)


def _folded(name: str) -> str:
    folded = _bare(name)
    # One round does for nearly all; a few characters fold to ones that fold again.
    for _ in range(4):
        again = unicodedata.normalize("NFKC", folded.casefold())
        if again == folded:
            break
        folded = again
    return folded


def encode_segment(segment: str) -> str:
    """Return one part of a name as a file name that every system can hold."""
    device = bool(_DEVICE.match(segment))
    last = len(segment) - 1
    out: list[str] = []
    after_escape = False
    for at, char in enumerate(segment):
        after_escape = (
            char in _ENCODED
            or (at == 0 and (device or char in ".~-_"))
            or (at == last and char == ".")
            or (not char.isascii() and _must_escape(char, after_escape))
        )
        out.append(_escape(char) if after_escape else char)
    return "".join(out)


def _must_escape(char: str, after_escape: bool) -> bool:
    # A mark behind an escape would join its last hex digit when normalized.
    category = unicodedata.category(char)
    return category == "Cf" or (after_escape and category[0] == "M")


def _escape(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode())


def to_path(name: str) -> str:
    """Return the file path, relative to the pages folder, of a cleaned name."""
    return "/".join(encode_segment(segment) for segment in name.split("/")) + ".md"


def _decode(escapes: re.Match[str]) -> str:
    try:
        text = bytes.fromhex(escapes[0].replace("%", "")).decode()
    except UnicodeDecodeError:
        return escapes[0]
    # An escaped slash was never written by us: it is part of that file's name.
    return escapes[0] if "/" in text or _REFUSED.search(text) else text


def from_path(path: str) -> str:
    """Return the name that a file path stands for; raises BadName."""
    return clean(_ESCAPES.sub(_decode, _SUFFIX.sub("", path)))


def namespace(name: str) -> str:
    """Return the part before the last slash, or an empty string."""
    return name.rpartition("/")[0]


_IN_SUGGESTION = {"／": "-", "∕": "-", "\\": "-"}


def _suggest_part(segment: str) -> str:
    chars = []
    for char in segment:
        folded = unicodedata.normalize("NFKC", char)
        refused = _REFUSED.search(char) or "/" in folded or "\\" in folded
        chars.append(_IN_SUGGESTION.get(char, " ") if refused else char)
    part = _trim("".join(chars).translate(_DROPPED))
    bare = _bare(part)
    if _DOT_PART.match(bare) or bare.casefold() in _CONTROL_FOLDERS:
        part = _trim(bare.lstrip("."))
    while part and len(encode_segment(part).encode()) > MAX_SEGMENT_BYTES:
        part = part[:-1]
    return part.rstrip()


def suggest(name: str) -> str:
    """Return a possible name near one that was refused, or an empty string."""
    parts = [part for part in map(_suggest_part, name.split("/")) if part]
    for candidate in ("/".join(parts), "/".join(parts[-2:]), f"Page {parts[:1]}"):
        try:
            return clean(candidate)
        except BadName:
            continue
    return ""


_MIXED = {
    frozenset({"LATIN", "CYRILLIC"}): (
        "This name mixes Latin and Cyrillic letters in one word. "
        "It can be mistaken for another name."
    ),
    frozenset({"LATIN", "GREEK"}): (
        "This name mixes Latin and Greek letters in one word. "
        "It can be mistaken for another name."
    ),
    frozenset({"CYRILLIC", "GREEK"}): (
        "This name mixes Cyrillic and Greek letters in one word. "
        "It can be mistaken for another name."
    ),
    frozenset({"LATIN", "CYRILLIC", "GREEK"}): (
        "This name mixes Latin, Cyrillic and Greek letters in one word. "
        "It can be mistaken for another name."
    ),
}
_WORDS = re.compile(r"[^\W\d_]+")


def _scripts(word: str) -> frozenset[str]:
    scripts = {unicodedata.name(char, "").partition(" ")[0] for char in word}
    return frozenset(scripts & {"LATIN", "CYRILLIC", "GREEK"})


def mixed_scripts(segment: str) -> str:
    """Return a warning naming the scripts mixed in one word, or an empty string."""
    if segment.isascii():
        return ""
    for word in _WORDS.findall(segment):
        if warning := _MIXED.get(_scripts(word)):
            return warning
    return ""

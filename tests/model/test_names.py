"""Names: the table of the specification and the property S-21."""

from __future__ import annotations

import os
import random
import unicodedata
from pathlib import PurePosixPath

import pytest

from wiki.errors import BadName
from wiki.model import names

ZWNJ, ZWJ, ZWSP = "\u200c", "\u200d", "\u200b"

# Row, typed, cleaned, key, path
TABLE = [
    (1, "Home", "Home", "home", "Home.md"),
    (
        2,
        "Guides/Tabling 101",
        "Guides/Tabling 101",
        "guides/tabling 101",
        "Guides/Tabling 101.md",
    ),
    (3, "Straße", "Straße", "strasse", "Straße.md"),
    (4, "STRASSE", "STRASSE", "strasse", "STRASSE.md"),
    (5, "Cafe\u0301", "Café", "café", "Café.md"),
    (6, "Ⅳ", "Ⅳ", "iv", "Ⅳ.md"),
    (7, "联盟建设指南", "联盟建设指南", "联盟建设指南", "联盟建设指南.md"),
    (8, "تحالف المنظمات", "تحالف المنظمات", "تحالف المنظمات", "تحالف المنظمات.md"),
    (9, f"می{ZWNJ}خواهم", f"می{ZWNJ}خواهم", "میخواهم", "می%E2%80%8Cخواهم.md"),
    (10, f"👩{ZWJ}👧 care", f"👩{ZWJ}👧 care", "👩👧 care", "👩%E2%80%8D👧 care.md"),
    (11, "50% rule", "50% rule", "50% rule", "50%25 rule.md"),
    (
        12,
        "Coalición 101: ¿por qué?",
        "Coalición 101: ¿por qué?",
        "coalición 101: ¿por qué?",
        "Coalición 101%3A ¿por qué%3F.md",
    ),
    (13, "A/B testing", "A/B testing", "a/b testing", "A/B testing.md"),
    (14, "a%2Fb", "a%2Fb", "a%2fb", "a%252Fb.md"),
    (15, "notes.md", "notes", "notes", "notes.md"),
    (
        16,
        "/Guides/  Big   tent /",
        "Guides/Big tent",
        "guides/big tent",
        "Guides/Big tent.md",
    ),
    (17, f"adm{ZWSP}in", "admin", "admin", "admin.md"),
    (18, "C++", "C++", "c++", "C++.md"),
    (19, "CON", "CON", "con", "%43ON.md"),
    (20, "aux.notes", "aux.notes", "aux.notes", "%61ux.notes.md"),
    (21, "LPT¹", "LPT¹", "lpt1", "%4CPT¹.md"),
    (22, "plan.", "plan.", "plan.", "plan%2E.md"),
    (23, ".htaccess", ".htaccess", ".htaccess", "%2Ehtaccess.md"),
    (24, "-rf", "-rf", "-rf", "%2Drf.md"),
    (25, "...and justice", "...and justice", "...and justice", "%2E..and justice.md"),
]

REFUSED = [
    (26, "../secret", "'..'"),
    (26, "..%2fsecret", "'..'"),
    (26, "‥/secret", "'..'"),
    (27, "Guides//Start", "empty"),
    (27, "/", "empty"),
    (27, "\u3000", "empty"),
    (28, "a\\b", "U+005C"),
    (28, "a\nb", "U+000A"),
    (28, "\u202eabc", "RIGHT-TO-LEFT OVERRIDE"),
    (28, "a／b", "U+FF0F"),
    (29, ".git/config", "cannot be used"),
    (29, ".GIT/x", "cannot be used"),
    (29, f".g{ZWNJ}it/x", "cannot be used"),
    (30, "-", "cannot be used"),
    (30, "robots.txt", "cannot be used"),
    (30, "x" * 201, "201 of at most 200 bytes"),
    (0, "\u0301\u0302", "shows nothing"),
    (0, "\u200d", "shows nothing"),
    (0, "\u3164", "shows nothing"),
    (0, "a/\udcff", "U+DCFF"),
    (0, ".well-known/x", "cannot be used"),
    (0, "/".join(["x" * 190] * 6), "1145 of at most 1024 bytes"),
    (0, ".md", "empty"),
    (0, "a\U000e0041", "U+E0041"),
    (0, f".{ZWJ}.", "'..'"),
]


@pytest.mark.parametrize(("row", "typed", "cleaned", "key", "path"), TABLE)
def test_names_of_the_table(row, typed, cleaned, key, path):
    assert names.clean(typed) == cleaned
    assert names.key(cleaned) == key
    assert names.to_path(cleaned) == path
    assert names.from_path(path) == cleaned


@pytest.mark.parametrize(("row", "typed", "part"), REFUSED)
def test_refusals_of_the_table_name_what_is_wrong(row, typed, part):
    with pytest.raises(BadName) as refused:
        names.clean(typed)
    assert part in str(refused.value)


@pytest.mark.parametrize("typed", [typed for _, typed, _ in REFUSED])
def test_a_suggestion_is_a_possible_name_or_nothing(typed):
    near = names.suggest(typed)
    assert near == "" or names.clean(near) == near


def test_suggestions_stay_near():
    assert names.suggest("a\\b") == "a-b"
    assert names.suggest("Guides//Start") == "Guides/Start"
    assert names.suggest("../secret") == "secret"
    assert names.suggest("x" * 201) == "x" * 200


def test_suffix_and_spaces_are_taken_off_until_nothing_is_left_to_take():
    assert names.clean("a.md .MD") == "a"
    assert names.clean("a .markdown") == "a"
    assert names.clean("Guides.md/b") == "Guides.md/b"


def test_a_file_that_does_not_map_back_keeps_a_readable_name():
    assert names.from_path("_posts/2020-01-01-a.md") == "_posts/2020-01-01-a"
    assert names.to_path("_posts/a") != "_posts/a.md"
    assert names.from_path("100%.md") == "100%"
    assert names.from_path("a%FF.md") == "a%FF"
    assert names.from_path("a%2Fb.md") == "a%2Fb"


def test_a_mark_behind_an_escape_does_not_join_its_digit():
    name = names.clean("a>\u0327\u0301b")
    path = names.to_path(name)
    assert unicodedata.normalize("NFC", path) == path
    assert names.from_path(unicodedata.normalize("NFD", path)) == name


@pytest.mark.parametrize(
    ("segment", "scripts"),
    [
        ("раypal", "Latin and Cyrillic"),
        ("Αlpha", "Latin and Greek"),
        ("Ωмега", "Cyrillic and Greek"),
        ("Tabling 101", ""),
        ("Москва and Paris", ""),
        ("联盟 guide", ""),
    ],
)
def test_mixed_scripts(segment, scripts):
    warning = names.mixed_scripts(segment)
    assert (scripts in warning) if scripts else warning == ""


def test_namespace():
    assert names.namespace("a/b/c") == "a/b"
    assert names.namespace("a") == ""


PIECES = [
    *"aAzZ09 .-_~%/\\<>:\"|?*'+&#",
    *("..", ".", "CON", "nul", "com1", "LPT¹", ".md", ".git", "%2F", "%2E", "%", "%4"),
    *("ß", "ẞ", "İ", "ı", "ſ", "K", "Å", "é", "e\u0301", "\u0301", "\u0327", "\u0338"),
    *("ﬁ", "Ⅳ", "①", "²", "½", "：", "．", "％", "‥", "…", "／", "⁄", "\u037e"),
    *(ZWJ, ZWNJ, ZWSP, "\u00a0", "\u3000", "\ufe0f", "\U000e0100", "\u202e", "\u2066"),
    *("\u0345", "ᾳ", "ΐ", "ς", "Σ", "\u03f4", "\u1e9e", "\u0600", "\u180e", "\ufff9"),
    *("联", "盟", "ت", "ح", "क", "्", "ष", "가", "\u1100", "\u1161", "\u11a8", "\u3164"),
    *(
        "👩",
        "👧",
        "\U0001f3fd",
        "\x00",
        "\x7f",
        "\u2028",
        "\ud800",
        "\U000e0041",
        "\ufeff",
    ),
]


def hostile(chance: random.Random) -> str:
    def piece() -> str:
        if chance.random() < 0.85:
            return chance.choice(PIECES)
        return chr(chance.randrange(0x110000))

    return "".join(piece() for _ in range(chance.randrange(1, 12)))


def test_property_names_and_paths_agree_for_hostile_names():
    chance = random.Random(os.environ.get("WIKI_SEED", "21"))
    rounds = 200_000 if os.environ.get("WIKI_LONG") else 5_000
    by_path: dict[str, str] = {}
    accepted = 0
    for _ in range(rounds):
        typed = hostile(chance)
        try:
            name = names.clean(typed)
        except BadName:
            continue
        accepted += 1
        check_one(name, by_path)
    assert accepted > rounds / 20


def check_one(name: str, by_path: dict[str, str]) -> None:
    assert names.clean(name) == name, ascii(name)
    key, path = names.key(name), names.to_path(name)
    assert key
    assert names.key(key) == key, ascii(name)
    assert names.from_path(path) == name, ascii(name)
    assert names.from_path(unicodedata.normalize("NFD", path)) == name, ascii(name)
    assert unicodedata.normalize("NFC", path) == path, ascii(name)
    # Same file under case folding and NFD (macOS, Windows) means same page.
    seen = unicodedata.normalize("NFD", unicodedata.normalize("NFD", path).casefold())
    assert by_path.setdefault(seen, key) == key, ascii(name)
    check_place(path)


def check_place(path: str) -> None:
    pure = PurePosixPath(path)
    assert not pure.is_absolute()
    assert str(pure) == path
    for part in pure.parts:
        assert part not in ("", ".", "..")
        assert part[0] not in ".~-_"
        assert part[-1] not in ". "
        assert not set(part) & set('<>:"|?*\\\0')
        assert len(part.encode()) <= 203
    path.encode()


def test_encoded_names_avoid_device_names():
    for device in ("CON", "con.txt", "Nul .x", "COM0", "lpt³", "CONIN$"):
        first = names.to_path(names.clean(device)).split(".")[0]
        assert first.startswith("%"), device
    assert names.to_path("CONSOLE") == "CONSOLE.md"


def test_what_is_far_too_long_is_refused_and_not_kept() -> None:
    caches = names._clean, names._key
    asked = [cache.cache_info().misses for cache in caches]
    for name in ("a/" * 3000, " " * 5000 + "a", "\ud800" * 2000, "é" * 2100):
        with pytest.raises(BadName) as refused:
            names.clean(name)
        assert refused.value.message == names.LONG_NAME
    assert names.key("A" * 5000) == "a" * 5000
    assert asked == [cache.cache_info().misses for cache in caches]

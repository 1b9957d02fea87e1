"""What is typed, and what it means (spec: search, section 4)."""

from __future__ import annotations

import os
import random
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest

from wiki.errors import BadRequest
from wiki.search.base import And, Filter, Node, Not, Or, Phrase, Prefix, Word
from wiki.search.query import MAX_PHRASE, MAX_TERMS, parse

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
T, U, R, L = Word("tenant"), Word("union"), Word("rent"), Word("lease")


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("tenant union", And((T, U))),
        ('"big tent"', Phrase(("big", "tent"))),
        ("“big tent”", Phrase(("big", "tent"))),
        ("«big tent»", Phrase(("big", "tent"))),
        ('"tenant"', Word("tenant", exact=True)),
        ("rent OR lease", Or((R, L))),
        ("tenant rent OR lease union", And((T, Or((R, L)), U))),
        ("rent OR lease OR union", Or((R, L, U))),
        ("OR rent OR", R),
        ("rent OR OR lease", Or((R, L))),
        ("rent or lease", And((R, Word("or"), L))),
        ("tenant -rent", And((T, Not(R)))),
        ('tenant -"big tent"', And((T, Not(Phrase(("big", "tent")))))),
        ("tenant -tag:old", And((T, Not(Filter("tags", ("old",)))))),
        ("tenant NOT rent", And((T, Not(R)))),
        ("tenant AND rent", And((T, R))),
        ("(tenant) AND (rent OR lease)", And((T, Or((R, L))))),
        ("co-op", And((Word("co"), Word("op")))),
        ("tenant -co-op", And((T, Not(And((Word("co"), Word("op"))))))),
        ("- tenant", T),
        ("--tenant", T),
        ("l'union", And((Word("l"), U))),
        ("organiz*", Prefix("organiz")),
        ("Coalición*", Prefix("coalicion")),
        ("co-operat*", And((Word("co"), Prefix("operat")))),
        ("tag:housing", Filter("tags", ("housing",))),
        ("TAG:Housing", Filter("tags", ("housing",))),
        ("tag:a tag:b", And((Filter("tags", ("a",)), Filter("tags", ("b",))))),
        ("tag:coalición", Filter("tags", ("coalicion",))),
        ("type:guide", Filter("kind", ("guide",))),
        ("lang:es,fr", Filter("lang", ("es", "fr"))),
        ("lang:pt_BR", Filter("lang", ("pt-br",))),
        ('author:"Ana R"', Filter("author", ("ana r",))),
        ("in:guides/Legal/", Filter("ns", ("guides/legal",))),
        ("tag:a OR tag:b", Or((Filter("tags", ("a",)), Filter("tags", ("b",))))),
        ("std::string", And((Word("std"), Word("string")))),
        ("http://example.org", And((Word("http"), Word("example"), Word("org")))),
        ("10:30", And((Word("10"), Word("30")))),
        ("note: rent", And((Word("note"), R))),
        ("联盟", Word("联盟")),
        ("联盟建设", Phrase(("联盟", "盟建", "建设"))),
        ("联", Prefix("联")),
        ("联盟*", Word("联盟")),
        ("联*", Prefix("联")),
        ("iPhone手机", And((Word("iphone"), Word("手机")))),
        ("สหภาพ", Phrase(("สห", "หภ", "ภา", "าพ"))),
        ('"联盟 建设"', Phrase(("联盟", "建设"))),
        ('rent"big tent"lease', And((R, Phrase(("big", "tent")), L))),
    ],
)
def test_meaning(text: str, node: Node) -> None:
    parsed = parse(text, now=NOW)
    assert parsed.node == node
    assert parsed.notes == ()
    assert parsed.text == text


@pytest.mark.parametrize(
    ("text", "node", "note"),
    [
        ('"big tent', And((Word("big"), Word("tent"))), "not closed"),
        ('rent "', R, "not closed"),
        ("*rent", R, "end of a word"),
        ("re*nt", And((Word("re"), Word("nt"))), "end of a word"),
        ("re*", Word("re"), "at least 3 letters"),
        ("foo:rent", And((Word("foo"), R)), "no filter “foo:”"),
        ('foo:"big tent"', And((Word("foo"), Phrase(("big", "tent")))), "tag:, type:"),
        ("rent updated:soon", R, "updated:2026-03"),
        ("rent updated:2026-13", R, "not a date"),
        ("rent updated:2026-02-30", R, "not a date"),
        ("rent updated:..", R, "not a date"),
        ("rent updated:0000", R, "not a date"),
        ("rent updated:99999y", R, "not a date"),
        ("rent lang:english", R, "lang:es"),
        ("rent lang:xq", R, "not a language"),
        ("rent tag:", R, "no value"),
        ("rent tag:,", R, "tag:housing"),
        ("-rent", None, "at least one word"),
        ('-rent -"big tent" -tag:x', None, "at least one word"),
        ("???", None, "Nothing to look for"),
        ("☎ ()", None, "Nothing to look for"),
        ('""', None, "Nothing to look for"),
        ("updated:soon", None, "not a date"),
    ],
)
def test_faults_are_searched_as_well_as_can_be(
    text: str, node: Node | None, note: str
) -> None:
    parsed = parse(text, now=NOW)
    assert parsed.node == node
    assert [note in str(each) for each in parsed.notes] == [True]


def test_nothing_typed_needs_no_note() -> None:
    assert parse("  ").node is None
    assert parse("  ").notes == ()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("x" * 257, "Please shorten the search to 256 characters."),
        ("x" * 2_000_000, "Please shorten the search to 256 characters."),
        (" ".join(["a"] * (MAX_TERMS + 1)), "Please shorten the search to 32 words."),
        ("-".join("a" * (MAX_TERMS + 1)), "Please shorten the search to 32 words."),
        (
            '"' + " ".join(["a"] * (MAX_PHRASE + 1)) + '"',
            "Please shorten the phrase in quotation marks to 12 words.",
        ),
    ],
)
def test_what_is_too_long_is_refused_with_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(BadRequest) as caught:
        parse(text)
    assert str(caught.value) == sentence


def test_the_limits_themselves_are_fine() -> None:
    assert parse("x" * 256).node is not None
    assert parse(" ".join(["ab"] * MAX_TERMS)).node is not None
    assert parse('"' + " ".join(["a"] * MAX_PHRASE) + '"').node is not None


def test_a_long_sentence_without_spaces_is_no_error() -> None:
    text = "".join(chr(0x4E00 + n) for n in range(100))
    node = parse(text).node
    assert isinstance(node, And)
    assert all(isinstance(p, Phrase) and len(p.words) <= 12 for p in node.parts)


def _span(text: str, now: datetime = NOW) -> tuple[str, str]:
    node = parse(f"updated:{text}", now=now).node
    assert isinstance(node, Filter)
    start, _, end = node.values[0].partition("..")

    def day(ms: str) -> str:
        if abs(int(ms)) >= 2**62:
            return "…"
        moment = datetime.fromtimestamp(int(ms) / 1000, now.tzinfo)
        return moment.strftime("%Y-%m-%d %H:%M").removesuffix(" 00:00")

    return day(start), day(end)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026", "2026-01-01", "2027-01-01"),
        ("2026-03", "2026-03-01", "2026-04-01"),
        ("2026-12", "2026-12-01", "2027-01-01"),
        ("2026-3-5", "2026-03-05", "2026-03-06"),
        (">2026-01-15", "2026-01-16", "…"),
        (">=2026-01-15", "2026-01-15", "…"),
        ("<2026-01-15", "…", "2026-01-15"),
        ("<=2026-01", "…", "2026-02-01"),
        ("2025..2026-02", "2025-01-01", "2026-03-01"),
        ("..2025", "…", "2026-01-01"),
        ("2025..", "2025-01-01", "…"),
        ("30d", "2026-03-01 12:00", "…"),
        ("1w", "2026-03-24 12:00", "…"),
    ],
)
def test_dates(text: str, start: str, end: str) -> None:
    assert _span(text) == (start, end)
    west = NOW.astimezone(timezone(timedelta(hours=-5)))
    if not text[-1].isalpha():
        assert _span(text, west) == (start, end)


def test_days_begin_where_the_wiki_is() -> None:
    west = NOW.astimezone(timezone(timedelta(hours=-5)))
    here, there = (parse("updated:2026-03-05", now=now).node for now in (NOW, west))
    assert isinstance(here, Filter)
    assert isinstance(there, Filter)
    first, second = (int(f.values[0].partition("..")[0]) for f in (here, there))
    assert second - first == 5 * 3600 * 1000


def test_what_was_understood_is_said() -> None:
    parsed = parse('Rent  OR lease -"first  draft" tag:"a b" (x*) ', now=NOW)
    assert parsed.understood == 'Rent OR lease -"first draft" tag:"a b" x*'
    assert parsed.words == ("rent", "lease", "x")
    assert parsed.plain == "Rent lease x"


_PIECES = [
    '"', "“", "”", "-", "*", ":", "(", ")", "OR", "AND", "NOT", "tag:", "updated:",
    "lang:", "in:", "author:", "foo:", "..", ",", " ", "  ", "\t", "a", "rent", "联盟",
    "é", "التحالف", "\u0301", "\x00", "\ud800", "😀", "2026", "-tag:", '-"', "\\", "/",
    "%", "%(x)s", "{}", "<b>", "'", "30d", "ภาษา", ">", "<", "=", "\n",
]  # fmt: skip


def test_random_queries_never_fail() -> None:
    rounds = int(os.environ.get("WIKI_TEST_FUZZ", "3000"))
    dice = random.Random(11)
    for _ in range(rounds):
        text = "".join(dice.choices(_PIECES, k=dice.randint(1, 30)))
        with suppress(BadRequest):
            parsed = parse(text, now=NOW)
            assert all(str(note) for note in parsed.notes)
            assert parsed.node is not None or parsed.notes or not text.strip()

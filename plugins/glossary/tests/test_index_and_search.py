"""The A to Z, and the words that a search takes in."""

from __future__ import annotations

from typing import Any

from wiki import And, Not, Or, Phrase, Record, Word
from wiki_glossary.index import by_letter, collation_key, entries, languages, matching
from wiki_glossary.lexicon import Lexicon
from wiki_glossary.search import Expander, words


def lexicon(*terms: dict[str, Any], lang: str = "en") -> Lexicon:
    return Lexicon(
        [Record(n, f"terms/{n}", t["term"], t, lang) for n, t in enumerate(terms)],
        lang,
        "en",
    )


def test_letters_and_see_entries() -> None:
    known = lexicon(
        {"term": "Éclair"},
        {"term": "base", "aliases": ["ground"]},
        {"term": "350 rule"},
    )
    shown = by_letter(entries(known.terms, "en"), "en")
    assert [(name, [e.label for e in group]) for name, group in shown] == [
        ("#", ["350 rule"]),
        ("B", ["base"]),
        ("E", ["Éclair"]),
        ("G", ["ground"]),
    ]
    assert [e.see for _, group in shown for e in group] == ["", "", "", "base"]


def test_order_of_a_language() -> None:
    labels = ["ñame", "nube", "oso", "nz"]
    assert sorted(labels, key=lambda x: collation_key(x, "es")) == [
        "nube",
        "nz",
        "ñame",
        "oso",
    ]
    assert sorted(["ny", "ña"], key=lambda x: collation_key(x, "en")) == ["ña", "ny"]


def test_filter_looks_at_labels_and_definitions() -> None:
    known = entries(lexicon({"term": "base", "short": "Your people."}).terms, "en")
    assert matching(known, "PEOPLE") == known
    assert matching(known, "ally") == []
    assert matching(known, "") == known


def test_languages_with_words() -> None:
    records = [
        Record(1, "a", "a", {"term": "a", "languages": {"es": {"term": "b"}}}, "en"),
        Record(2, "b", "b", {"term": "b"}),
    ]
    assert languages(records, "en") == [("en", 2), ("es", 1)]


# -- search

COALITION = {"term": "coalition", "aliases": ["alliance", "common front"]}


def expand(node: Any, *terms: dict[str, Any]) -> Any:
    return Expander([lexicon(*(terms or (COALITION,)))], words).expand(node)


def test_a_label_brings_the_other_words_at_half_weight() -> None:
    assert expand(Word("alliance")) == Or(
        (Word("alliance"), Word("coalition", 0.5), Phrase(("common", "front"), 0.5))
    )


def test_a_phrase_of_typed_words_is_a_label() -> None:
    typed = And((Word("common"), Word("front"), Word("rules")))
    both = And((Word("common"), Word("front")))
    assert expand(typed) == And(
        (Or((both, Word("coalition", 0.5), Word("alliance", 0.5))), Word("rules"))
    )


def test_quoted_left_out_and_unknown_words_stay() -> None:
    for node in (
        Phrase(("common", "front")),
        Not(Word("coalition")),
        Word("bread"),
        And((Word("bread"), Not(Word("alliance")))),
    ):
        assert expand(node) == node


def test_an_ambiguous_label_adds_nothing() -> None:
    other = {"term": "alliance", "sense": "marriage"}
    assert expand(Word("alliance"), COALITION, other) == Word("alliance")


def test_words_as_the_search_has_them() -> None:
    assert words("Coalición, co-op") == ["coalicion", "co", "op"]


def test_words_of_several_languages() -> None:
    spanish = lexicon({"term": "coalición", "aliases": ["alianza"]}, lang="es")
    expander = Expander([lexicon(COALITION), spanish], words)
    assert expander.expand(Word("alianza")) == Or(
        (Word("alianza"), Word("coalicion", 0.5))
    )

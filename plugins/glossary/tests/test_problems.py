"""What the editor of a term page is told."""

from __future__ import annotations

from typing import Any

import pytest

from wiki import Record
from wiki_glossary.fields import FIELDS
from wiki_glossary.lexicon import Lexicon
from wiki_glossary.problems import pin_problems, term_problems

OTHERS = {
    name: Record(n, name, fields["term"], fields)
    for n, (name, fields) in enumerate(
        {
            "terms/coalition": {"term": "coalition", "aliases": ["alliance"]},
            "terms/movement": {"term": "movement", "sense": "social"},
            "terms/power": {"term": "power", "broader": ["terms/force"]},
            "terms/force": {"term": "force", "broader": ["terms/new"]},
        }.items()
    )
}


def problems(**meta: Any) -> list[str]:
    lexicon = Lexicon(OTHERS.values(), "en", "en")
    found = term_problems("terms/new", meta, lexicon, OTHERS.get)
    return [f"{p.level}: {p}" for p in found]


def of_field(name: str, value: Any) -> list[str]:
    check = next(f.check for f in FIELDS if f.name == name)
    assert check is not None
    return [str(p) for p in check(value)]


def test_a_good_page_has_none() -> None:
    assert problems(term="base", aliases=["ground"], see_also=["terms/power"]) == []


@pytest.mark.parametrize(
    ("meta", "expected"),
    [
        ({}, "error: Write the term as it appears in a sentence."),
        ({"term": "x"}, "error: 'x': Too short to mark safely; link it by hand."),
        (
            {"term": "pact", "aliases": ["Alliance"]},
            "error: 'Alliance' already leads to terms/coalition. "
            "Give both pages a sense.",
        ),
        (
            {"term": "movement", "sense": "social"},
            "error: 'movement' already leads to terms/movement. "
            "Give both pages a sense.",
        ),
        (
            {"term": "base", "forms": ["bases"]},
            "warning: 'bases' is already generated.",
        ),
        (
            {"term": "base", "no_forms": ["basing"]},
            "warning: 'basing' is not generated, so it need not be left out.",
        ),
        (
            {"term": "base", "see_also": ["terms/nowhere"]},
            "warning: There is no page 'terms/nowhere' yet. The reference is kept and "
            "shown as plain text.",
        ),
        (
            {"term": "might", "broader": ["terms/power"]},
            "error: 'might' cannot be broader than itself by way of terms/force.",
        ),
    ],
)
def test_messages(meta: dict[str, Any], expected: str) -> None:
    assert problems(**meta) == [expected]


def test_two_senses_may_share_a_label() -> None:
    assert problems(term="movement", sense="body") == []


def test_fields() -> None:
    assert of_field("short", "x" * 281) == [
        "The short definition is 281 characters; 280 is the limit. "
        "Put the rest in the page."
    ]
    markup = "The short definition is shown in a small box: plain text only."
    for short in ("a [[link]]", "**bold**", "<b>x</b>", "`code`", "_so_", "# Head"):
        assert of_field("short", short) == [markup]
    for short in ("3 < 5 and a_b", "the tenants' hall (2 * 3)", {"en": "x", "es": "y"}):
        assert of_field("short", short) == []
    assert of_field("languages", {"xx-": {}}) == ["'xx-' is not a language code."]
    assert of_field("languages", {"es": {"term": "base"}}) == []
    assert of_field("status", {"use": "coalition"}) == []
    assert len(of_field("status", "maybe")) == 1
    assert len(of_field("exact_match", ["not a uri"])) == 1


def test_pins() -> None:
    lexicon = Lexicon(OTHERS.values(), "en", "en")
    meta = {"glossary": {"movement": "body", "skip": ["power"]}}
    assert [str(p) for p in pin_problems(meta, lexicon)] == [
        "There is no sense 'body' of 'movement'; both meanings are shown."
    ]
    assert pin_problems({"glossary": {"movement": "social"}}, lexicon) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"term": ["a", {"b": 1}]},
        {"term": {"x": 1}},
        {"term": "ok", "aliases": 3, "forms": {"a": 1}, "languages": ["es"]},
        {"term": "ok", "short": ["x"], "status": [1], "scope": 7, "pos": 4, "case": []},
        {"term": None},
    ],
)
def test_fields_of_any_shape_hurt_no_other_term(fields: dict[str, Any]) -> None:
    records = [Record(1, "terms/odd", "odd", fields), *OTHERS.values()]
    lexicon = Lexicon(records, "en", "en")
    assert lexicon.named("coalition")
    assert [m.terms for m in lexicon.matcher.find("an alliance")]

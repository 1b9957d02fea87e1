"""Where marks stand in a page, and where never."""

from __future__ import annotations

from typing import Any

import pytest

from wiki import Record, Token
from wiki_glossary.lexicon import Lexicon
from wiki_glossary.marks import OFF, Pass, Rules, rules_of


def term(label: str, name: str = "", **fields: Any) -> Record:
    name = name or f"terms/{label}"
    return Record(1, name, label, {"term": label, "short": "Its meaning.", **fields})


def text(raw: str) -> Token:
    return {"type": "text", "raw": raw}


def block(kind: str, *children: Token, **attrs: Any) -> Token:
    return {"type": kind, "children": list(children), "attrs": attrs}


def paragraph(*children: Token | str) -> Token:
    inline = [text(c) if isinstance(c, str) else c for c in children]
    return {"type": "paragraph", "children": inline}


def walk(
    records: list[Record], tokens: list[Token], page: str = "page", **rules: Any
) -> tuple[Pass, list[Token]]:
    lexicon = Lexicon(records, "en", "en")
    done = Pass(
        lexicon.terms,
        lexicon.matcher,
        Rules(**rules),
        page,
        lambda meant: "+".join(t.name for t in meant),
    )
    return done, done.run(tokens)


def links(tokens: list[Token]) -> list[str]:
    found = []
    for token in tokens:
        if token["type"] == "link" and token["attrs"].get("class") == "term":
            found.append(plain([token]))
        else:
            found += links(token.get("children") or [])
    return found


def plain(tokens: list[Token]) -> str:
    return "".join(t.get("raw", "") + plain(t.get("children") or []) for t in tokens)


def test_a_mark_is_a_link_that_names_its_description() -> None:
    done, tokens = walk([term("base")], [paragraph("Build your base now.")])
    assert tokens == [
        paragraph(
            "Build your ",
            {
                "type": "link",
                "attrs": {
                    "url": "terms/base",
                    "class": "term",
                    "describedby": "t-base",
                },
                "children": [text("base")],
            },
            " now.",
        )
    ]
    assert [(w["id"], w["term"], w["short"]) for w in done.found] == [
        ("t-base", "base", "Its meaning.")
    ]


def test_what_came_in_is_not_changed() -> None:
    tokens = [paragraph("a base")]
    walk([term("base")], tokens)
    assert tokens == [paragraph("a base")]
    _, same = walk([term("base")], [paragraph("nothing here")])
    assert links(same) == []


def test_a_phrase_may_cross_emphasis_and_keeps_it() -> None:
    em = block("emphasis", text("the people"))
    _, tokens = walk([term("people power")], [paragraph(em, " power wins")])
    assert links(tokens) == ["people power"]
    assert plain(tokens) == "the people power wins"
    kinds = [child["type"] for child in tokens[0]["children"]]
    assert kinds == ["emphasis", "link", "text"]


def test_only_the_first_is_marked_and_across_paragraphs() -> None:
    tokens = [paragraph("a base and a base"), paragraph("bases")]
    assert links(walk([term("base")], tokens)[1]) == ["base"]
    assert links(walk([term("base")], tokens, mode="all")[1]) == [
        "base",
        "base",
        "bases",
    ]


def test_first_per_heading() -> None:
    tokens = [
        paragraph("base"),
        block("heading", text("Base"), level=3),
        paragraph("base"),
        block("heading", text("Base"), level=2),
        paragraph("base"),
    ]
    done, new = walk([term("base")], tokens, mode="first-per-heading")
    assert links(new) == ["base", "base"]
    assert len(done.found) == 1


def test_the_rest_beyond_the_limit_is_listed_all_the_same() -> None:
    labels = [f"word{n}x" for n in range(30)]
    done, tokens = walk([term(one) for one in labels], [paragraph(" ".join(labels))])
    assert links(tokens) == labels[:25]
    assert [word["term"] for word in done.found] == labels


@pytest.mark.parametrize(
    "token",
    [
        block("heading", text("a base"), level=2),
        block("block_quote", paragraph("a base")),
        block("table_head", block("table_cell", text("a base"), head=True)),
        paragraph(block("link", text("a base"), url="/x")),
        paragraph(block("image", text("a base"), url="x.png")),
        paragraph({"type": "codespan", "raw": "base"}),
        paragraph(block("tag", text("base"), tag="kbd")),
        {"type": "block_code", "raw": "base", "attrs": {"info": ""}},
        paragraph("see https://base.example/base or base@example.org"),
        paragraph("in /home/base or base.md, #base, @base"),
    ],
)
def test_left_alone(token: Token) -> None:
    done, tokens = walk([term("base")], [token])
    assert links(tokens) == []
    assert done.found == []


def test_marked_in_lists_table_cells_and_footnotes() -> None:
    cell = block("table_cell", text("a base"), head=False)
    item = block("list_item", block("block_text", text("an ally")))
    note = block("footnotes", block("footnote_item", paragraph("a team"), index=1))
    tokens = [block("table", block("table_body", block("table_row", cell))), item, note]
    _, new = walk([term("base"), term("ally"), term("team")], tokens)
    assert links(new) == ["base", "ally", "team"]


def test_quotations_by_choice() -> None:
    quote = block("block_quote", paragraph("a base"))
    assert links(walk([term("base")], [quote], quotations=True)[1]) == ["base"]


def test_a_term_is_not_marked_on_its_own_page() -> None:
    records = [term("base"), term("ally")]
    done, tokens = walk(records, [paragraph("base, ally")], page="terms/base")
    assert links(tokens) == ["ally"]
    assert [word["term"] for word in done.found] == ["ally"]


def test_a_skipped_term_leaves_the_shorter_one() -> None:
    records = [term("spectrum of allies"), term("ally")]
    _, tokens = walk(
        records,
        [paragraph("the spectrum of allies")],
        skip=frozenset({"spectrum of allies"}),
    )
    assert links(tokens) == ["allies"]


SENSES = [
    term("movement", "terms/movement-social", sense="social", scope=["guides/"]),
    term("movement", "terms/movement-body", sense="body"),
]


def test_two_meanings_are_listed_both() -> None:
    done, tokens = walk(SENSES, [paragraph("a movement")])
    assert links(tokens) == ["movement"]
    assert [m["name"] for m in done.found[0]["meanings"]] == [
        "terms/movement-social",
        "terms/movement-body",
    ]


def test_a_pin_or_the_scope_chooses_the_sense() -> None:
    tokens = [paragraph("a movement")]
    pinned, _ = walk(SENSES, tokens, pins={"movement": "body"})
    by_page, _ = walk(SENSES, tokens, pins={"movement": "terms/movement-body"})
    assert by_page.found == pinned.found
    within, _ = walk(SENSES, tokens, page="guides/x")
    assert pinned.found[0]["name"] == "terms/movement-body"
    assert within.found[0]["name"] == "terms/movement-social"


def test_ids_are_unique_and_ids() -> None:
    records = [term("c & d"), term("c/d", "terms/other"), term("聯盟", "terms/zh")]
    done, _ = walk(records, [paragraph("c & d, c/d")])
    assert [word["id"] for word in done.found] == ["t-c-d", "t-c-d-2"]


def test_rules_of_a_page() -> None:
    assert rules_of({"glossary": "off"}, "first", 25, False).mode == OFF
    assert rules_of({"glossary": False}, "first", 25, False).mode == OFF
    assert rules_of({"glossary": "nonsense"}, "all", 25, False).mode == "all"
    rules = rules_of(
        {"glossary": {"skip": ["Base"], "marks": "all", "Movement": "social"}},
        "first",
        9,
        True,
    )
    assert (rules.mode, rules.most, rules.quotations) == ("all", 9, True)
    assert rules.skip == {"base"}
    assert rules.pins["movement"] == "social"


HOSTILE = ("a", "a ", "@ ", "power ", "聯", "-a", "'", "a'", "http://", "power-")


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_text_is_walked_once(piece: str) -> None:
    records = [term("power power power map"), term("聯聯聯盟"), term("a a a a b")]
    done, _ = walk(records, [paragraph(piece * (60_000 // len(piece)))])
    assert done.found == []

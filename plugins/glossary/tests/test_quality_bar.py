"""The quality bar of the glossary: what is marked, and what must never be."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest

from wiki import Record, Wiki
from wiki_glossary.lexicon import Lexicon
from wiki_glossary.marks import Pass, Rules

# (term, language, other fields)
TERMS: list[tuple[str, str, dict[str, Any]]] = [
    ("ally", "en", {}),
    ("base", "en", {}),
    ("ask", "en", {"pos": "noun"}),
    ("attack", "en", {}),
    ("encryption", "en", {}),
    ("UPS", "en", {}),
    ("IT", "en", {}),
    ("ICE", "en", {}),
    ("coalition", "en", {}),
    ("power map", "en", {}),
    ("one-to-one", "en", {"aliases": ["1:1"]}),
    ("theory of change", "en", {}),
    ("organize", "en", {"pos": "verb"}),
    ("team", "en", {}),
    ("cell", "en", {}),
    ("MySQL", "en", {}),
    ("spectrum of allies", "en", {}),
    ("boycott", "en", {}),
    ("people power", "en", {}),
    ("Robert's Rules", "en", {}),
    ("safe house", "en", {}),
    ("聯盟", "zh", {}),
    ("coalición", "es", {}),
    ("قاعدة", "ar", {}),
]

# (row, text, what is marked: (word on the page, term), language)
ROWS: list[tuple[int, str, list[tuple[str, str]], str]] = [
    (1, "Find an ally first", [("ally", "ally")], "en"),
    (2, "Our allies came", [("allies", "ally")], "en"),
    (3, "Ally, neutral, opponent", [("Ally", "ally")], "en"),
    (4, "the ally's office", [("ally's", "ally")], "en"),
    (5, "the allies' meeting", [("allies", "ally")], "en"),
    (6, "an allied force", [], "en"),
    (7, "behind the alley", [], "en"),
    (8, "rally today", [], "en"),
    (9, "finally, really", [], "en"),
    (10, "Build your base", [("base", "base")], "en"),
    (11, "two bases", [("bases", "base")], "en"),
    (12, "based on trust", [], "en"),
    (13, "the basement", [], "en"),
    (14, "database", [], "en"),
    (15, "a basis for it", [], "en"),
    (16, "Our ask is simple", [("ask", "ask")], "en"),
    (17, "Bring three asks", [("asks", "ask")], "en"),
    (18, "We asked her", [], "en"),
    (19, "no use asking", [], "en"),
    (20, "the attack failed", [("attack", "attack")], "en"),
    (21, "three attacks", [("attacks", "attack")], "en"),
    (22, "the attacker left", [], "en"),
    (23, "an attackable wall", [], "en"),
    (24, "stand up together", [], "en"),
    (25, "ups and downs", [], "en"),
    (26, "plug in the UPS", [("UPS", "UPS")], "en"),
    (27, "two UPSs / one fan", [("UPSs", "UPS")], "en"),
    (27, "the UPS's fan", [("UPS's", "UPS")], "en"),
    (28, "bring it along", [], "en"),
    (29, "It is late", [], "en"),
    (30, "talk to IT for help", [("IT", "IT")], "en"),
    (31, "ice on the road", [], "en"),
    (32, "ICE agents", [("ICE", "ICE")], "en"),
    (33, "the Coalition met", [("Coalition", "coalition")], "en"),
    (34, "coalitions differ", [("coalitions", "coalition")], "en"),
    (35, "coalitional politics", [], "en"),
    (36, "a power map", [("power map", "power map")], "en"),
    (37, "Power-mapping", [], "en"),
    (38, "two power-maps", [("power-maps", "power map")], "en"),
    (39, "power\nmap", [("power map", "power map")], "en"),
    (39, "power  \nmap", [("power map", "power map")], "en"),
    (40, "powermap", [], "en"),
    (41, "one to one meetings", [("one to one", "one-to-one")], "en"),
    (42, "a 1:1 on Monday", [("1:1", "one-to-one")], "en"),
    (43, "from 11:15 to 1:10", [], "en"),
    (44, "theories of change", [("theories of change", "theory of change")], "en"),
    (45, "change of theory", [], "en"),
    (46, "They organized", [("organized", "organize")], "en"),
    (47, "organizing now", [("organizing", "organize")], "en"),
    (48, "an organization, an organ, organic", [], "en"),
    (49, "node-mentorship-team", [], "en"),
    (50, "the team's plan", [("team's", "team")], "en"),
    (51, "teamwork", [], "en"),
    (52, "steam", [], "en"),
    (53, "a `team`, and [team](x)\n\n## Team", [], "en"),
    (54, "https://example.org/team and team@example.org", [], "en"),
    (55, "a cell phone; cells met", [("cell", "cell")], "en"),
    (56, "celled, cellar", [], "en"),
    (57, "mysql and MySQL", [("mysql", "MySQL")], "en"),
    (
        58,
        "the spectrum of allies shows",
        [("spectrum of allies", "spectrum of allies")],
        "en",
    ),
    (59, "a spectrum of opinions; allies", [("allies", "ally")], "en"),
    (60, "boycotts, a boycott", [("boycotts", "boycott")], "en"),
    (61, "girlcott; boycotter", [], "en"),
    (62, "Robert’s rules", [("Robert’s rules", "Robert's Rules")], "en"),
    (63, "*people* power", [("people power", "people power")], "en"),
    (64, "people. Power", [], "en"),
    (65, "safe houses, safe housing", [("safe houses", "safe house")], "en"),
    (66, "unencrypted, encrypted", [], "en"),
    (67, "加入聯盟的人", [("聯盟", "聯盟")], "zh"),
    (68, "coaliciones locales", [("coaliciones", "coalición")], "es"),
    (69, "وقاعدتنا", [], "ar"),
    (70, "والقاعدة", [("والقاعدة", "قاعدة")], "ar"),
    (71, "team_lead, team2", [], "en"),
    (72, "the base is not the base", [("base", "base")], "en"),
]

RECORDS = [
    Record(n, f"terms/{n}", term, {"term": term, "short": "Its meaning.", **more}, lang)
    for n, (term, lang, more) in enumerate(TERMS)
]
LEXICONS = {lang: Lexicon(RECORDS, lang, "en") for lang in ("en", "es", "ar", "zh")}
# Rows about Markdown, not about words alone.
MARKDOWN = {39, 53, 54, 63}


def test_all_rows_are_here() -> None:
    assert {row for row, *_ in ROWS} == set(range(1, 73))


@pytest.mark.parametrize(
    ("row", "text", "expected", "lang"), [row for row in ROWS if row[0] not in MARKDOWN]
)
def test_words(row: int, text: str, expected: list[tuple[str, str]], lang: str) -> None:
    lexicon = LEXICONS[lang]
    walk = Pass(lexicon.terms, lexicon.matcher, Rules(), "page", lambda t: t[0].term)
    tokens = [{"type": "paragraph", "children": [{"type": "text", "raw": text}]}]
    assert marks(walk.run(tokens)) == expected


def test_pages(wiki: Wiki, page: Callable[..., Any], client: Any) -> None:
    """The same rows as whole pages, through the wiki's own Markdown."""
    for n, (term, lang, more) in enumerate(TERMS):
        extra = "".join(f"{key}: {json.dumps(value)}\n" for key, value in more.items())
        front = f"type: term\nterm: {term}\nshort: Its meaning.\nlang: {lang}\n{extra}"
        page(f"terms/t{n}", f"---\n{front}---\n")
    wrong = []
    for n, (row, text, expected, lang) in enumerate(ROWS):
        page(f"row/{n}", f"---\nlang: {lang}\n---\n{text}\n")
        html = client.get(f"/row/{n}").text
        found = [" ".join(re.sub("<[^>]+>", "", m).split()) for m in MARK.findall(html)]
        shown = [unescape(one) for one in found]
        if shown != [word for word, _ in expected]:
            wrong.append((row, text, shown))
    assert wrong == []


MARK = re.compile(r'<a [^>]*class="term"[^>]*>(.*?)</a>', re.DOTALL)


def marks(tokens: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Return (text, term) of the marks in a tree."""
    found = []
    for token in tokens:
        attrs = token.get("attrs") or {}
        if attrs.get("class") == "term":
            found.append((text_of(token), attrs["url"]))
        else:
            found += marks(token.get("children") or [])
    return found


def text_of(token: dict[str, Any]) -> str:
    inside = "".join(map(text_of, token.get("children") or []))
    return inside or str(token.get("raw", ""))

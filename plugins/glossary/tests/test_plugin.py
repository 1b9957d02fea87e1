"""The plugin in a wiki: what readers see, and what they never do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from wiki import Wiki, WikiError

Write = Callable[..., Any]

BASE = """---
type: term
title: Base
term: base
short: The people you can count on.
aliases: [ground]
see_also: [terms/ally, terms/nowhere]
not_to_confuse_with:
  - {term: terms/ally, why: An ally is not yours to call.}
---
More about it. A base is not built in a day.
"""
ALLY = "---\ntype: term\ntitle: Ally\nterm: ally\nshort: A friend.\n---\nText.\n"
SECRET = """---
type: term
title: Canary
term: canary
short: Nobody may read this.
aliases: [yellowbird]
audience: members
---
"""


def test_a_page_with_marks_works_without_scripts(page: Write, client: Any) -> None:
    page("terms/base", BASE)
    page("guide", "# A guide\n\nYour base meets. Bases are *ground*.\n")
    html = client.get("/guide").text
    assert html.count('class="term"') == 1
    assert 'href="/terms/base"' in html
    assert 'aria-describedby="t-base"' in html
    assert 'id="t-base"' in html
    assert "The people you can count on." in html


def test_a_changed_definition_is_shown_on_pages_seen_before(
    page: Write, client: Any
) -> None:
    page("guide", "Your base meets.\n")
    assert 'class="term"' not in client.get("/guide").text
    page("terms/base", BASE)
    assert 'class="term"' in client.get("/guide").text
    page("terms/base", BASE.replace("count on", "call"))
    assert "The people you can call." in client.get("/guide").text


def test_a_term_page_gives_the_definition_first(page: Write, client: Any) -> None:
    page("terms/ally", ALLY)
    page("terms/base", BASE)
    html = client.get("/terms/base").text
    assert html.index("The people you can count on.") < html.index("More about it.")
    assert "An ally is not yours to call." in html
    assert "terms/nowhere" in html
    assert 'href="/terms/base" class="term"' not in html


def test_an_older_word_names_the_better_one(page: Write, client: Any) -> None:
    page("terms/base", BASE)
    page(
        "terms/old",
        "---\ntype: term\nterm: followers\nstatus: {use: terms/base}\n---\nText.\n",
    )
    page("guide", "Our followers meet.\n")
    assert "Older word for base." in client.get("/guide").text
    html = client.get("/terms/old").text
    assert "Older word for Base." in html
    assert 'href="/terms/base"' in html


def test_a_hidden_term_leaves_no_trace(
    page: Write, client: Any, wiki: Wiki, login: Callable[[str], None]
) -> None:
    page("guide", "A canary and a yellowbird sing.\n")
    page("other", "Nothing but a canary.\n")
    paths = (
        "/guide",
        "/-/p/glossary/",
        "/-/p/glossary/?q=canary",
        "/-/search?q=canary",
    )
    before = [client.get(path).text for path in paths]
    page("terms/secret", SECRET)
    after = [client.get(path).text for path in paths]
    for path, old, new in zip(paths, before, after, strict=True):
        assert "Nobody may read this" not in new, path
        assert 'class="term"' not in new, path
        assert "yellowbird" not in new or "yellowbird" in old, path
    login("member")
    assert 'class="term"' in client.get("/guide").text
    assert "Nobody may read this" in client.get("/-/p/glossary/").text


def test_wiki_links_to_terms(page: Write, client: Any) -> None:
    page("terms/base", BASE)
    page("guide", "See [[term:ground]], [[term:Base|that]] and [[term:unheard of]].\n")
    html = client.get("/guide").text
    assert html.count('href="/terms/base"') >= 2
    assert "missing" in html


def test_the_index(page: Write, client: Any) -> None:
    assert "There are none yet" in client.get("/-/p/glossary/").text
    page("terms/ally", ALLY)
    page("terms/base", BASE)
    html = client.get("/-/p/glossary/").text
    assert html.index("#letter-1") < html.index("#letter-2") < html.index("#letter-3")
    assert "2 words" in html
    found = client.get("/-/p/glossary/?q=friend").text
    assert "A friend." in found
    assert "count on" not in found
    assert "No word holds" in client.get("/-/p/glossary/?q=%3Cb%3Ezz").text


def test_search_finds_the_other_word(page: Write, client: Any) -> None:
    page("terms/base", BASE)
    page("one", "Only the word ground stands here.\n")
    assert "/one" in client.get("/-/search?q=base").text
    page("two", "A common ground.\n")
    assert "/two" not in client.get('/-/search?q="common base"').text


def test_a_page_may_switch_it_off(page: Write, client: Any) -> None:
    page("terms/base", BASE)
    page("off", "---\nglossary: off\n---\nA base.\n")
    page("skip", "---\nglossary: {skip: [base]}\n---\nA base.\n")
    for name in ("/off", "/skip"):
        assert 'class="term"' not in client.get(name).text


def test_a_bad_term_is_refused_with_its_sentence(page: Write) -> None:
    with pytest.raises(WikiError) as refused:
        page("terms/bad", BASE.replace("term: base", "term: x"))
    problems = [str(p) for p in getattr(refused.value, "problems", ())]
    assert any("Too short to mark safely" in p for p in problems)


def test_a_draft_is_marked_in_previews_only(
    page: Write, client: Any, wiki: Wiki
) -> None:
    page("terms/base", BASE.replace("term: base", "term: base\nstatus: draft"))
    page("guide", "A base.\n")
    assert 'class="term"' not in client.get("/guide").text


@pytest.mark.parametrize(
    "text",
    ["", "# Only a heading\n", "---\nlang: ar\n---\nنص عربي قصير عن القاعدة\n"],
)
def test_any_page_is_served(page: Write, client: Any, text: str) -> None:
    page("terms/base", BASE)
    page("p", text or " \n")
    assert client.get("/p").status_code == 200

"""Searching from the page of results, the box, and the API."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from wiki.model.actor import SYSTEM
from wiki.model.page import Draft
from wiki.service import Wiki


@pytest.fixture(scope="module")
def corpus(app: Any) -> Wiki:
    """Thirty pages with known words."""
    wiki: Wiki = app.extensions["wiki"]
    for i in range(25):
        wiki.save(
            SYSTEM,
            Draft(
                f"guides/lantern {i:02}",
                f"---\ntags: [light{', even' if i % 2 == 0 else ''}]\n---\n"
                f"# Lantern number {i}\n\nA lantern shines for the night shift.\n",
            ),
            0,
        )
    texts = {
        "strike fund": "# Start a strike fund\n\nA strike fund pays wages.\n",
        "fund the strike": "# A fund\n\nThe fund may pay for a strike, not wages.\n",
        "rent": "---\nlang: es\n---\n# Rent & more\n\nOrganizing tenants <b>now</b>.\n",
        "hidden": "---\naudience: members\n---\n# Hidden strike\n\nA strike fund.\n",
    }
    for name, text in texts.items():
        wiki.save(SYSTEM, Draft(name, text), 0)
    return wiki


def found(read: Any, response: Any) -> list[str]:
    assert response.status_code == 200
    hits = read(response).all("ol", class_="hits")
    return [one.one("a")["href"] for one in hits[0].all("h2")] if hits else []


def ask(client: FlaskClient, q: str, **more: Any) -> Any:
    return client.get("/-/search", query_string={"q": q, **more})


pytestmark = pytest.mark.usefixtures("corpus")


@pytest.mark.parametrize(
    ("q", "hits"),
    [
        ('"strike fund"', {"/strike%20fund"}),
        ("strike fund", {"/strike%20fund", "/fund%20the%20strike"}),
        ("strike -wages", set()),
        ("strike -start", {"/fund%20the%20strike"}),
        ("tenants OR pays", {"/rent", "/strike%20fund"}),
        ("organi*", {"/rent"}),
        ("lang:es", {"/rent"}),
        ("STRIKES in:guides", set()),
    ],
)
def test_the_query_language(
    visitor: FlaskClient, read: Any, q: str, hits: set[str]
) -> None:
    assert set(found(read, ask(visitor, q))) == hits


def test_best_first_with_marks(visitor: FlaskClient, read: Any) -> None:
    response = ask(visitor, "strike fund")
    assert found(read, response)[0] == "/strike%20fund"
    page = read(response)
    assert "2 pages found" in page.text
    assert {one.text.lower() for one in page.all("mark")} >= {"strike", "fund"}
    assert page.one("input", id="find")["value"] == "strike fund"
    assert page.one("input", id="q")["value"] == "strike fund"


def test_true_total_and_pages_of_twenty(visitor: FlaskClient, read: Any) -> None:
    first = ask(visitor, "lantern")
    assert "25 pages found" in read(first).text
    pager = read(first).one("nav", class_="pager")
    following = next(url for url, words in pager.links().items() if words == "2")
    second = visitor.get(following)
    both = found(read, first) + found(read, second)
    assert len(found(read, first)) == 20
    assert len(set(both)) == len(both) == 25
    for beyond in (3, "9" * 17):
        assert found(read, ask(visitor, "lantern", page=beyond)) == found(read, second)
    assert ask(visitor, "lantern", page="x").status_code == 404


def test_filters_with_counts_narrow_and_go(visitor: FlaskClient, read: Any) -> None:
    page = read(ask(visitor, "lantern"))
    chips = page.one("details", class_="filters").all("a")
    even = next(one for one in chips if one.text.startswith("even"))
    assert even.text == "even 13"
    narrowed = visitor.get(even["href"])
    assert "13 pages found" in read(narrowed).text
    on = next(
        one
        for one in read(narrowed).one("details", class_="filters").all("a")
        if one.get("aria-current")
    )
    assert parse_qs(urlsplit(on["href"]).query)["q"] == ["lantern"]
    given = ask(visitor, "lantern", tag="even", **{"in": "guides"})
    assert "13 pages found" in read(given).text


def test_nothing_found_offers_more(
    visitor: FlaskClient, editor: FlaskClient, read: Any
) -> None:
    page = read(ask(visitor, "zzyzx road"))
    assert "Nothing found for zzyzx road." in page.one("main").text
    assert not [url for url in page.links() if "/-/new" in url]
    offered = read(ask(editor, "zzyzx road")).links()
    assert offered["/-/new?name=zzyzx+road"] == "Write this page"


def test_a_slip_of_the_fingers_is_put_right(visitor: FlaskClient, read: Any) -> None:
    page = read(ask(visitor, "lantren"))
    assert page.one("input", id="find")["value"] == "lantren"
    assert page.links()["/-/search?q=lantern"] == "lantern"


def test_an_empty_query_says_what_to_do(visitor: FlaskClient, read: Any) -> None:
    for q in ("", "   "):
        assert "Type some words" in read(ask(visitor, q)).one("main").text


@pytest.mark.parametrize(
    "q",
    ["x" * 257, " ".join(f"word{i}" for i in range(40)), "a" * 5000],
)
def test_a_query_beyond_all_limits_is_kept(
    visitor: FlaskClient, read: Any, q: str
) -> None:  # R9
    response = ask(visitor, q)
    assert response.status_code == 400
    page = read(response)
    assert page.one("p", role="alert").text
    assert page.one("input", id="find")["value"] == q[:2000]


@pytest.mark.parametrize(
    "q",
    [
        '"unclosed phrase',
        "((((((((((((lantern",
        ")))",
        "OR OR OR",
        "-",
        "--lantern",
        "*",
        "*tern",
        "la*",
        "tag:",
        "nonsense:lantern",
        "lantern AND",
        "\x00lantern\x1f",
        "'; DROP TABLE page; --",
        "lantern~99",
        "[a TO z]",
        "\\",
        "NOT",
        "-lantern",
        "updated:soon",
        "lantern^1000000",
        "�",
        "🙂",
        "السلام",
    ],
)
def test_a_query_that_nobody_understands_answers_all_the_same(
    visitor: FlaskClient, read: Any, q: str
) -> None:  # R9
    response = ask(visitor, q)
    assert response.status_code in {200, 400}
    shown = read(response)
    assert (
        shown.one("input", id="find")["value"].replace("\ufffd", "")
        == q.replace("\x00", "").replace("\ufffd", "")
        or "\x00" in q
    )
    api = visitor.get("/-/api/v1/search", query_string={"q": q})
    assert api.status_code == response.status_code


def test_notes_say_what_was_not_understood(visitor: FlaskClient, read: Any) -> None:
    page = read(ask(visitor, "la* lantern"))
    notes = [one.text for one in page.all("p", class_="meta")]
    assert any("“la*” is too short for a star" in note for note in notes), notes


def test_a_page_saved_is_found_by_the_next_search(
    editor: FlaskClient, read: Any, save: Any, name: str
) -> None:
    for i in range(5):
        save(editor, f"{name}-{i}", f"The word quokka{i} stands here.")
        assert found(read, ask(editor, f"quokka{i}")) == [f"/{name}-{i}"]
        save(editor, f"{name}-{i}", "Another word.", 1)
        assert found(read, ask(editor, f"quokka{i}")) == []


def test_suggestions(visitor: FlaskClient, editor: FlaskClient) -> None:
    got = visitor.get("/-/search/suggest?q=lant").get_json()
    assert len(got) == 10
    assert set(got[0]) == {"name", "title", "url"}
    strike = visitor.get("/-/search/suggest?q=strike").get_json()
    fund = {
        "name": "strike fund",
        "title": "Start a strike fund",
        "url": "/strike%20fund",
    }
    assert fund in strike
    assert "hidden" not in {one["name"] for one in strike}
    seen = editor.get("/-/search/suggest?q=strike").get_json()
    assert "hidden" in {one["name"] for one in seen}
    for q in ("", "x" * 9000, "\x00", "*", "%", "_"):
        answer = visitor.get("/-/search/suggest", query_string={"q": q})
        assert (answer.status_code, answer.get_json()) == (200, [])


def test_members_find_what_is_for_members(editor: FlaskClient, read: Any) -> None:
    assert "/hidden" in found(read, ask(editor, "strike"))

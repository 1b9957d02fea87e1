"""What a page was: versions, differences, and bringing something back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from wiki.model.actor import SYSTEM
from wiki.service import Wiki
from wiki.testing import submit

ROLES = ("visitor", "member", "editor", "moderator", "admin")


def told(read: Any, client: FlaskClient, response: Any) -> str:
    assert response.status_code == 303, response.text
    text: str = read(client.get(response.location)).one("p", role="status").text
    return text


def test_history_lists_versions_newest_first(
    editor: FlaskClient, visitor: FlaskClient, read: Any, save: Any, name: str
) -> None:
    save(editor, name, "one\n", comment="Begun <b>")
    save(editor, name, "one\n\ntwo\n", 1, comment="More")
    page = read(visitor.get(f"/-/history/{name}"))
    rows = page.one("tbody").all("tr")
    assert [row.one("td", class_="words").text for row in rows] == [
        "More",
        "Begun <b> (first version)",
    ]
    assert [row.one("span", class_="size").text for row in rows] == ["+5", "+4"]
    assert f"/-/diff/{name}?a=1&b=2" in page.links()
    assert f"/{name}?rev=1" in page.links()
    assert not [url for url in page.links() if "restore" in url]
    offered = read(editor.get(f"/-/history/{name}")).links()
    assert f"/-/restore/{name}?rev=1" in offered
    assert f"/-/restore/{name}?rev=2" not in offered


def test_a_long_history_goes_on(
    visitor: FlaskClient, page: Any, read: Any, name: str
) -> None:
    for i in range(53):
        page(name, f"text {i}")
    first = read(visitor.get(f"/-/history/{name}"))
    assert len(first.one("tbody").all("tr")) == 50
    older = first.one("a", rel="next")["href"]
    rest = read(visitor.get(older))
    assert len(rest.one("tbody").all("tr")) == 3
    assert rest.one("a", rel="prev")["href"] == f"/-/history/{name}"
    assert not rest.all("a", rel="next")


@pytest.mark.parametrize("route", ["history", "diff", "links", "rename", "delete"])
def test_nothing_of_a_page_that_is_not_there(
    editor: FlaskClient, name: str, route: str
) -> None:
    assert editor.get(f"/-/{route}/{name}").status_code == 404
    assert editor.get(f"/-/{route}/%00").status_code in {400, 404}


def test_a_difference_is_told_in_words_and_marks(
    visitor: FlaskClient, page: Any, read: Any, name: str
) -> None:
    page(name, "Keep this.\n\nThe old words here.\n\nGone.\n")
    page(name, "Keep this.\n\nThe new words here.\n\nGone.\n\nAdded <i>x</i>.\n")
    shown = read(visitor.get(f"/-/diff/{name}?a=1&b=2"))
    assert "1 paragraph changed" in shown.one("ul", class_="diff-sum").text
    assert [one.text for one in shown.all("del")] == ["old"]
    added = [one.text for one in shown.all("ins")]
    assert added[0] == "new"
    assert "Added <i>x</i>." in added
    hidden = shown.one("tbody").all("span", class_="visually-hidden")
    assert {one.text for one in hidden} == {"removed", "added"}
    inline = read(visitor.get(f"/-/diff/{name}?a=1&b=2&mode=inline"))
    assert "inline" in inline.one("table")["class"]
    # Without numbers: the last change.
    latest = read(visitor.get(f"/-/diff/{name}"))
    assert latest.one("tbody").text == shown.one("tbody").text
    same = read(visitor.get(f"/-/diff/{name}?a=2&b=2"))
    assert "The two versions say the same." in same.one("main").text


@pytest.mark.parametrize(
    "query", ["a=0&b=1", "a=x", "b=9", f"a={'9' * 25}&b=1", "a=-1"]
)
def test_a_difference_of_versions_that_are_not_there(
    visitor: FlaskClient, page: Any, name: str, query: str
) -> None:
    page(name, "one")
    assert visitor.get(f"/-/diff/{name}?{query}").status_code == 404


def test_an_older_version_comes_back_as_a_new_one(
    editor: FlaskClient, read: Any, save: Any, wiki: Wiki, name: str
) -> None:
    save(editor, name, "# Good\n\nText\n")
    save(editor, name, "# Spoiled\n", 1)
    asked = read(editor.get(f"/-/restore/{name}?rev=1"))
    assert "Good" in asked.one("article").text
    form = next(one for one in asked.all("form") if "restore" in one.get("action"))
    done = submit(editor, f"/-/restore/{name}?rev=1", form["action"], reason="Spam")
    assert "Restored." in told(read, editor, done)
    assert wiki.page(SYSTEM, name).text == "# Good\n\nText\n"
    assert wiki.page(SYSTEM, name).n == 3
    assert "Spam" in editor.get(f"/-/history/{name}").text


def test_a_rename_keeps_history_and_old_address(
    editor: FlaskClient, visitor: FlaskClient, read: Any, save: Any, name: str
) -> None:
    save(editor, name, "one")
    form = read(editor.get(f"/-/rename/{name}"))
    assert form.one("input", id="to")["value"] == name
    done = submit(editor, f"/-/rename/{name}", to=f"moved/{name}", reason="Tidy")
    assert "The old address leads here" in told(read, editor, done)
    old = visitor.get(f"/{name}")
    assert (old.status_code, old.location) == (301, f"/moved/{name}")
    assert old.headers["Cache-Control"] == "no-cache"
    for url in (f"/-/history/{name}", f"/{name}.md", f"/-/raw/{name}"):
        assert visitor.get(url).status_code == 200
    recent = visitor.get(f"/-/recent?in=moved/{name}").text
    assert "renamed it from" in recent
    assert "Tidy" in recent
    # And back again.
    submit(editor, f"/-/rename/moved/{name}", to=name)
    assert visitor.get(f"/{name}").status_code == 200
    assert visitor.get(f"/moved/{name}").location == f"/{name}"


def test_a_new_page_may_take_an_old_name(
    editor: FlaskClient, visitor: FlaskClient, save: Any, name: str
) -> None:
    save(editor, name, "one")
    submit(editor, f"/-/rename/{name}", to=f"{name}-new")
    assert save(editor, name, "Another page").status_code == 303
    assert "Another page" in visitor.get(f"/{name}").text
    assert "one" in visitor.get(f"/{name}-new").text


@pytest.mark.parametrize(
    ("to", "status", "says"),
    [
        ("", 400, "cannot be empty"),
        ("a\x00b", 400, "cannot"),
        ("-/x", 400, "cannot be used. Choose another."),
        ("{other}", 409, "already exists. Choose another name."),
    ],
)
def test_a_rename_that_cannot_be(
    editor: FlaskClient,
    read: Any,
    save: Any,
    name: str,
    to: str,
    status: int,
    says: str,
) -> None:
    save(editor, name, "one")
    save(editor, f"{name}-other", "two")
    to = to.format(other=f"{name}-other")
    response = submit(editor, f"/-/rename/{name}", to=to, reason="Because")
    assert response.status_code == status
    page = read(response)
    assert says in page.one("section", role="alert").text
    if to.isprintable():
        assert page.one("input", id="to")["value"] == to
    assert page.one("input", id="reason")["value"] == "Because"
    assert editor.get(f"/{name}").status_code == 200


def test_deleted_and_brought_back(
    editor: FlaskClient,
    visitor: FlaskClient,
    read: Any,
    save: Any,
    wiki: Wiki,
    name: str,
) -> None:
    save(editor, name, "# Kept\n\nText\n")
    save(editor, f"{name}-b", f"[[{name}]]")
    asked = read(editor.get(f"/-/delete/{name}"))
    assert f"/{name}-b" in asked.links()
    done = submit(editor, f"/-/delete/{name}", reason="Wrong place")
    page = read(editor.get(done.location))
    assert "“Kept” was deleted." in page.one("p", role="status").text
    assert f"/-/restore/{name}" in page.links()
    gone = visitor.get(f"/{name}")
    assert gone.status_code == 404
    assert "was deleted" not in gone.text
    assert visitor.get(f"/{name}?rev=1").status_code == 404
    assert visitor.get(f"/{name}.md").status_code == 404
    assert "Kept" not in visitor.get("/-/pages").text
    shown = read(editor.get(f"/{name}"))
    assert "was deleted on" in shown.one("p", class_="warning").text
    assert f"/-/restore/{name}" in shown.links()
    back = submit(editor, f"/-/restore/{name}")
    assert "Restored." in told(read, editor, back)
    assert wiki.page(SYSTEM, name).text == "# Kept\n\nText\n"
    assert len(wiki.history(SYSTEM, wiki.page(SYSTEM, name))) >= 1


def test_editing_a_deleted_page_is_said(
    editor: FlaskClient, save: Any, wiki: Wiki, name: str
) -> None:
    save(editor, name, "one")
    wiki.delete(SYSTEM, name)
    response = editor.get(f"/-/edit/{name}")
    assert response.status_code == 404
    assert "deleted" in response.text


@pytest.mark.parametrize("act", ["rename", "delete", "restore"])
def test_who_may_act(
    people: Callable[[str], FlaskClient], page: Any, wiki: Wiki, name: str, act: str
) -> None:
    for role in ROLES:
        mine = f"{name}-{role}"
        page(mine, "one")
        page(mine, "two")
        who = people(role)
        may = role not in {"visitor", "member"}
        refused = {401} if role == "visitor" else {403}
        asked = who.get(f"/-/{act}/{mine}?rev=1")
        assert asked.status_code in ({200} if may else refused), role
        source = "/-/account" if role != "visitor" else "/-/sign-in"
        done = submit(who, source, f"/-/{act}/{mine}?rev=1", to=f"{mine}-x")
        assert done.status_code in ({303} if may else refused), role
        if not may:
            assert wiki.page(SYSTEM, mine).text == "two"

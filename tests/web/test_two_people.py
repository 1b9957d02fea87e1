"""Two people, one page: merged, or asked; nothing is ever overwritten in silence."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from wiki.model.actor import SYSTEM
from wiki.service import Wiki

from .forms import BASE, fields, flashed, kept, meanwhile, problems


def test_changes_in_different_paragraphs_merge(
    editor: FlaskClient, read: Any, save: Any, wiki: Wiki, name: str
) -> None:  # R5
    save(editor, name, BASE)
    meanwhile(wiki, name, BASE.replace("First", "Their"))
    done = save(editor, name, BASE.replace("Third", "My"), 1)
    said = flashed(read, editor, done)
    assert "both are in" in said
    assert "(wiki)" in said
    both = BASE.replace("First", "Their").replace("Third", "My")
    assert wiki.page(SYSTEM, name).text == both
    assert wiki.page(SYSTEM, name).n == 3


def conflict(editor: FlaskClient, save: Any, wiki: Wiki, name: str) -> Any:
    save(editor, name, BASE)
    meanwhile(wiki, name, BASE.replace("Second", "Their").replace("First", "Their"))
    mine = BASE.replace("Second", "My").replace("Third", "My")
    return save(editor, name, mine, 1, comment="Why")


def test_a_conflict_shows_all_three_and_changes_nothing(
    editor: FlaskClient, read: Any, save: Any, wiki: Wiki, name: str
) -> None:  # R5
    response = conflict(editor, save, wiki, name)
    assert response.status_code == 409
    page = read(response)
    assert "Nothing is lost" in page.one("h1").text
    part = page.one("fieldset")
    sides = [one.text for one in part.all("pre")]
    assert sides == ["Second part.", "Their part.", "My part."]
    form = page.one("form", action=f"/-/edit/{name}")
    mine = BASE.replace("Second", "My").replace("Third", "My")
    assert form.one("input", name="text")["value"] == mine
    assert form.one("input", name="comment")["value"] == "Why"
    assert wiki.page(SYSTEM, name).n == 2


def answer(client: FlaskClient, form: Any, same_site: Any, **chosen: str) -> Any:
    sent = fields(form) | chosen | {"resolve": "1"}
    return client.post(form["action"], data=sent, headers=same_site)


@pytest.mark.parametrize(
    ("choice", "becomes"),
    [
        ("theirs", "Their part."),
        ("yours", "My part."),
        ("both", "Their part.\n\nMy part."),
        ("own", "What we agreed."),
    ],
)
def test_a_conflict_is_resolved(
    editor: FlaskClient,
    read: Any,
    save: Any,
    wiki: Wiki,
    name: str,
    same_site: Any,
    choice: str,
    becomes: str,
) -> None:
    page = read(conflict(editor, save, wiki, name))
    form = page.one("form", action=f"/-/edit/{name}")
    i = page.one("fieldset")["id"].removeprefix("part-")
    chosen = {f"part-{i}": choice}
    if choice == "own":
        chosen[f"own-{i}"] = "What we agreed."
    done = answer(editor, form, same_site, **chosen)
    assert done.status_code == 303, done.text
    text = wiki.page(SYSTEM, name).text
    assert text == f"# Plan\n\nTheir part.\n\n{becomes}\n\nMy part.\n"
    assert wiki.page(SYSTEM, name).n == 3
    assert "Why" in editor.get(f"/-/history/{name}").text


def test_parts_left_open_are_asked_for_again(
    editor: FlaskClient, read: Any, save: Any, wiki: Wiki, name: str, same_site: Any
) -> None:
    save(editor, name, BASE)
    theirs = BASE.replace("First", "First theirs").replace("Third", "Third theirs")
    mine = BASE.replace("First", "First mine").replace("Third", "Third mine")
    meanwhile(wiki, name, theirs)
    page = read(save(editor, name, mine, 1))
    form = page.one("form", action=f"/-/edit/{name}")
    parts = [one["id"] for one in page.all("fieldset")]
    assert len(parts) == 2
    response = answer(editor, form, same_site, **{parts[0]: "yours"})
    assert response.status_code == 409
    again = read(response)
    assert "1 part is still to be decided" in again.one("p", role="alert").text
    checked = [
        one["value"]
        for one in again.all("input", name=parts[0])
        if "checked" in one.attrs
    ]
    assert checked == ["yours"]
    assert wiki.page(SYSTEM, name).n == 2


def test_a_third_save_during_the_resolution(
    editor: FlaskClient, read: Any, save: Any, wiki: Wiki, name: str, same_site: Any
) -> None:
    page = read(conflict(editor, save, wiki, name))
    form = page.one("form", action=f"/-/edit/{name}")
    i = page.one("fieldset")["id"]
    now = wiki.page(SYSTEM, name).text
    meanwhile(wiki, name, now.replace("Their part.\n\nThird", "Newest part.\n\nThird"))
    response = answer(editor, form, same_site, **{i: "yours"})
    assert response.status_code == 409
    sides = [one.text for one in read(response).one("fieldset").all("pre")]
    assert sides == ["Their part.", "Newest part.", "My part."]
    assert wiki.page(SYSTEM, name).n == 3


@pytest.mark.parametrize("theirs_n", ["", "x", "9" * 17, "9" * 30, "9" * 5000, "-1"])
def test_a_resolution_that_names_no_version(
    editor: FlaskClient,
    read: Any,
    save: Any,
    wiki: Wiki,
    name: str,
    same_site: Any,
    theirs_n: str,
) -> None:
    page = read(conflict(editor, save, wiki, name))
    form = page.one("form", action=f"/-/edit/{name}")
    response = answer(editor, form, same_site, theirs_n=theirs_n)
    assert response.status_code in {303, 404, 409}
    assert "My part." in response.text
    assert wiki.page(SYSTEM, name).n == 2


def test_the_conflict_form_that_was_open_too_long(
    editor: FlaskClient, read: Any, save: Any, wiki: Wiki, name: str, same_site: Any
) -> None:
    page = read(conflict(editor, save, wiki, name))
    form = page.one("form", action=f"/-/edit/{name}")
    i = page.one("fieldset")["id"].removeprefix("part-")
    typed = {"csrf_token": "old", f"part-{i}": "own", f"own-{i}": "By hand"}
    response = answer(editor, form, same_site, **typed)
    assert response.status_code == 400
    assert "By hand" in response.text
    assert "My part." in response.text


def test_two_write_the_same_new_page(
    editor: FlaskClient, read: Any, save: Any, wiki: Wiki, name: str
) -> None:
    assert save(editor, name, "Their text\n").status_code == 303
    response = save(editor, name, "My text\n", comment="Why")
    assert response.status_code == 409
    assert "already exists" in problems(read, response)
    assert kept(read, response) == (name, "My text\n", "Why")
    assert wiki.page(SYSTEM, name).text == "Their text\n"
    assert save(editor, f"{name}-mine", "My text\n").status_code == 303


def test_deleted_meanwhile(
    editor: FlaskClient, read: Any, save: Any, wiki: Wiki, name: str, same_site: Any
) -> None:
    save(editor, name, "one")
    wiki.delete(SYSTEM, name)
    response = save(editor, name, "My text", 1, comment="Why")
    assert response.status_code == 409
    assert "deleted this page while you were writing" in problems(read, response)
    assert kept(read, response) == (name, "My text", "Why")
    form = read(response).one("form", class_="editor")
    sent = fields(form) | {"save": "1"}
    done = editor.post(form["action"], data=sent, headers=same_site)
    assert done.status_code == 303
    assert wiki.page(SYSTEM, name).text == "My text"


def test_renamed_away_and_the_name_taken_meanwhile(
    editor: FlaskClient, read: Any, save: Any, wiki: Wiki, name: str
) -> None:
    save(editor, name, BASE)
    form = fields(read(editor.get(f"/-/edit/{name}")).one("form", class_="editor"))
    wiki.rename(SYSTEM, name, f"{name}-old")
    save(editor, name, "Another page altogether\n")
    response = save(editor, name, BASE + "Mine.\n", 1, page=form["page"])
    # Never the wrong page overwritten: what was begun on a page is saved on it.
    assert response.location == f"/{name}-old"
    assert wiki.page(SYSTEM, f"{name}-old").text == BASE + "Mine.\n"
    assert wiki.page(SYSTEM, name).text == "Another page altogether\n"


def test_deleted_and_written_anew_meanwhile(
    editor: FlaskClient, read: Any, save: Any, wiki: Wiki, name: str
) -> None:  # R5
    save(editor, name, BASE)
    form = fields(read(editor.get(f"/-/edit/{name}")).one("form", class_="editor"))
    wiki.delete(SYSTEM, name)
    save(editor, name, "Another page altogether\n")
    response = save(editor, name, BASE + "Mine.\n", 1, page=form["page"])
    assert response.status_code == 409
    assert "Mine." in response.text
    assert wiki.page(SYSTEM, name).text == "Another page altogether\n"


def test_hidden_meanwhile(
    editor: FlaskClient, read: Any, save: Any, wiki: Wiki, name: str
) -> None:  # R10
    save(editor, name, "one")
    meanwhile(wiki, name, "---\naudience: admins\n---\nsecret")
    response = save(editor, name, "My text", 1, comment="Why")
    assert response.status_code == 404
    assert "secret" not in response.text
    assert kept(read, response) == (name, "My text", "Why")


def test_a_hidden_page_s_name_cannot_be_taken(
    editor: FlaskClient, read: Any, save: Any, page: Any, wiki: Wiki, name: str
) -> None:
    page(name, "---\naudience: admins\n---\nsecret")
    response = save(editor, name, "My text")
    assert response.status_code in {400, 409, 422}
    assert "secret" not in response.text
    assert kept(read, response)[:2] == (name, "My text")
    assert "secret" in wiki.page(SYSTEM, name).text

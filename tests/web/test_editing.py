"""Writing: whatever goes wrong, it is said what to do and what was typed is kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from wiki.model.actor import SYSTEM
from wiki.service import Wiki
from wiki.testing import TOKEN, submit

from .forms import BASE, flashed, kept, problems

# -- the way it should go


def test_a_new_page(editor: FlaskClient, read: Any, save: Any, name: str) -> None:
    form = read(editor.get(f"/-/new?name={name}")).one("form", class_="editor")
    assert form.one("input", name="name")["value"] == name
    assert form["action"] == "/-/new"
    done = save(editor, name, "# New\n\nText", comment=" A  first\ntry ")
    assert done.location == f"/{name}"
    assert "Saved. The page is there" in flashed(read, editor, done)
    assert "A first try" in editor.get(f"/-/history/{name}").text


def test_a_change(editor: FlaskClient, read: Any, save: Any, name: str) -> None:
    save(editor, name, "one")
    form = read(editor.get(f"/-/edit/{name}")).one("form", class_="editor")
    assert form["action"] == f"/-/edit/{name}"
    assert form.one("input", name="base")["value"] == "1"
    assert form.one("textarea", name="text").value == "one"
    done = save(editor, name, "two", 1)
    page = read(editor.get(done.location))
    assert "Saved. See what changed." in page.one("p", role="status").text
    assert f"/-/diff/{name}?a=1&b=2" in page.links()


def test_a_save_without_a_change_makes_no_version(
    editor: FlaskClient, read: Any, save: Any, wiki: Wiki, name: str
) -> None:
    save(editor, name, "one")
    assert "Nothing was changed" in flashed(read, editor, save(editor, name, "one", 1))
    assert wiki.page(SYSTEM, name).n == 1


@pytest.mark.parametrize(
    "text",
    [
        "\nstarts with an empty line",
        "\n\n\n",
        "ends with spaces  \n\n\n",
        "tabs\tand\u00a0spaces\u200b",
        "</textarea><script>alert(1)</script>",
        "&amp; &lt; &quot;",
        "---\r\ntitle: x\r\n---\r\nWindows lines\r\n",
        "😀 עברית العربية 漢字",
    ],
)
def test_the_text_survives_the_form(
    editor: FlaskClient, read: Any, save: Any, wiki: Wiki, name: str, text: str
) -> None:
    assert save(editor, name, text).status_code == 303
    unix = text.replace("\r\n", "\n")
    assert wiki.page(SYSTEM, name).text == unix
    shown = editor.get(f"/-/edit/{name}")
    assert read(shown).one("textarea", name="text").value == unix


def test_an_unknown_page_leads_to_a_new_one(editor: FlaskClient, name: str) -> None:
    response = editor.get(f"/-/edit/{name}/with space")
    assert response.status_code == 302
    assert response.location == f"/-/new?name={name}/with+space"


def test_editing_under_an_old_name_leads_to_the_new_one(
    editor: FlaskClient, save: Any, wiki: Wiki, name: str
) -> None:
    save(editor, name, BASE)
    wiki.rename(SYSTEM, name, f"{name}-new")
    assert editor.get(f"/-/edit/{name}").location == f"/-/edit/{name}-new"
    # Who had the form open under the old name saves under the new one.
    done = save(editor, name, BASE + "More.\n", 1)
    assert done.location == f"/{name}-new"
    assert "More." in wiki.page(SYSTEM, f"{name}-new").text


def test_a_page_type_brings_its_start(
    editor: FlaskClient, read: Any, wiki: Wiki
) -> None:
    kind = next(iter(wiki.registry.page_types.values()))
    form = read(editor.get(f"/-/new?type={kind.name}"))
    assert form.one("textarea", name="text").value == kind.starter
    assert form.one("input", name="type")["value"] == kind.name
    assert read(editor.get("/-/new?type=nonsense")).one("textarea").value == ""


def test_the_preview_is_what_a_save_would_show(
    editor: FlaskClient, read: Any, save: Any, name: str
) -> None:
    text = "# Title\n\n| a | b |\n|---|---|\n| 1 | **2** |\n"
    shown = save(editor, name, text, preview="1", comment="Why")
    assert shown.status_code == 200
    drawn = read(shown).one("section", class_="editor-preview").one("table")
    assert drawn.one("strong").text == "2"
    assert kept(read, shown) == (name, text, "Why")
    assert editor.get(f"/{name}").status_code == 404
    save(editor, name, text)
    assert read(editor.get(f"/{name}")).one("article").one("table").text == drawn.text


def test_the_live_preview(
    editor: FlaskClient, visitor: FlaskClient, wiki: Wiki
) -> None:
    shown = submit(
        editor, "/-/account", "/-/preview", name="a", text="*x*\n\n<b onload=1>"
    ).get_json()
    assert "<em>x</em>" in shown["html"]
    assert "<b " not in shown["html"]
    broken = submit(editor, "/-/account", "/-/preview", text="---\na: [\n---\nx")
    assert broken.get_json()["problems"][0]["line"] > 0
    large = submit(editor, "/-/account", "/-/preview", text="x\n" * 200_000)
    assert large.status_code == 413
    refused = submit(visitor, "/-/sign-in", "/-/preview", text="x")
    assert refused.status_code == 401


# -- bad input: a sentence that says what to do, and all that was typed


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ("", "A page name cannot be empty. Type a name."),
        ("   ", "A page name cannot be empty"),
        ("a\x01b", "cannot"),
        ("-/admin", "cannot be used"),
        ("../up", "'..'"),
        ("x" * 900, "long"),
        ("a\\b", "\\"),
        ("a\u202eb", "cannot"),
    ],
)
def test_an_impossible_name(
    editor: FlaskClient, read: Any, save: Any, bad: str, says: str
) -> None:
    response = save(editor, bad, "My long text", comment="Why")
    assert response.status_code in {400, 422}
    assert says in problems(read, response)
    name, text, comment = kept(read, response)
    assert (text, comment) == ("My long text", "Why")
    if bad.isprintable():
        assert name == bad


@pytest.mark.parametrize(
    ("front", "line"),
    [
        ("title: [1, 2\nx: y", 3),
        ("a: 1\na: 2", 3),
        ("a: &x 1\nb: *x", 2),
        ("a: !!python/object:os.system x", 2),
        ("\tx: 1", 2),
        ("a: {b: {c: {d: {e: 1}}}}", 0),
    ],
)
def test_front_matter_that_cannot_be_read(
    editor: FlaskClient, read: Any, save: Any, name: str, front: str, line: int
) -> None:  # R8
    text = f"---\n{front}\n---\nThe text\n"
    response = save(editor, name, text, comment="Why")
    assert response.status_code in {303, 422}
    if response.status_code == 422:
        assert kept(read, response) == (name, text, "Why")
        shown = read(response).one("section", role="alert")
        if line:
            assert shown.one("a")["data-line"] == str(line)
        assert not editor.get(f"/{name}").text.count("The text")
    else:
        page = read(editor.get(f"/{name}"))
        assert page.one("article").text.endswith("The text")


@pytest.mark.parametrize("size", [256 * 1024 + 1, 700 * 1024])
def test_a_page_that_is_too_large(
    editor: FlaskClient, read: Any, save: Any, name: str, size: int
) -> None:  # R3
    text = ("word " * 200 + "\n") * (size // 1001 + 1)
    response = save(editor, name, text, comment="Why")
    assert response.status_code == 413
    assert "too long" in problems(read, response)
    assert "of 256 kB" in problems(read, response)
    assert kept(read, response) == (name, text, "Why")


def test_a_request_beyond_all_size(editor: FlaskClient, read: Any, save: Any) -> None:
    response = save(editor, "large", "x" * 3 * 1024 * 1024)
    assert response.status_code == 413
    assert "too large" in read(response).one("p", class_="lede").text


def test_a_line_that_is_too_long(
    editor: FlaskClient, read: Any, save: Any, name: str
) -> None:  # R3
    text = "short\n" + "x" * 11_000 + "\n"
    response = save(editor, name, text)
    assert response.status_code == 422
    assert read(response).all("a", data_line="2")
    assert kept(read, response)[1] == text


def test_marks_of_a_conflict_are_not_published(
    editor: FlaskClient, read: Any, save: Any, name: str
) -> None:
    text = "a\n<<<<<<< mine\nb\n=======\nc\n>>>>>>> theirs\n"
    response = save(editor, name, text)
    assert response.status_code == 422
    assert "marks of a conflict" in problems(read, response)
    assert kept(read, response)[1] == text
    assert editor.get(f"/{name}").status_code == 404


def test_nobody_locks_themselves_out(
    editor: FlaskClient, read: Any, save: Any, name: str
) -> None:
    text = "---\naudience: admins\n---\nx"
    response = save(editor, name, text)
    assert response.status_code == 422
    assert "not among" in problems(read, response)
    assert kept(read, response)[1] == text


def test_a_form_that_was_open_too_long(
    editor: FlaskClient, read: Any, save: Any, same_site: dict[str, str], name: str
) -> None:  # R13
    save(editor, name, "# A title\n\none")
    for url in (f"/-/edit/{name}", "/-/new"):
        form = {
            "name": name,
            "text": "My long\ntext",
            "comment": "Why",
            "base": "1" if "edit" in url else "0",
            "csrf_token": "old",
        }
        response = editor.post(url, data=form, headers=same_site)
        assert response.status_code == 400
        assert "open for too long" in problems(read, response)
        assert kept(read, response) == (name, "My long\ntext", "Why")
        shown = read(response)
        assert shown.one("h1").text in {"Edit A title", "New page"}
        assert shown.one("form", class_="editor")["action"] == url
        # Pressing Save again is all it takes.
        token = shown.one("form", class_="editor").one("input", name="csrf_token")
    form |= {"csrf_token": token["value"], "name": f"{name}-b"}
    again = editor.post("/-/new", data=form, headers=same_site)
    assert again.status_code == 303


def test_somebody_who_was_signed_out_meanwhile(
    app: Flask,
    visitor: FlaskClient,
    editor: FlaskClient,
    read: Any,
    save: Any,
    same_site: dict[str, str],
    name: str,
) -> None:
    save(editor, name, "one")
    token = TOKEN.search(visitor.get("/-/sign-in").text)
    assert token
    form = {"text": "My text", "base": "1", "comment": "Why"}
    response = visitor.post(
        f"/-/edit/{name}",
        data=form | {"csrf_token": token.group(1)},
        headers=same_site,
    )
    assert response.status_code == 401
    assert "Sign in" in problems(read, response)
    assert kept(read, response) == (name, "My text", "Why")
    assert "/-/sign-in" in read(response).links()
    expired = visitor.post(f"/-/edit/{name}", data=form, headers=same_site)
    assert kept(read, expired) == (name, "My text", "Why")


def test_a_member_may_not_write(
    people: Callable[[str], FlaskClient],
    editor: FlaskClient,
    read: Any,
    save: Any,
    name: str,
) -> None:
    save(editor, name, "one")
    member = people("member")
    assert member.get("/-/new").status_code == 403
    assert member.get(f"/-/edit/{name}").status_code == 403
    response = save(member, name, "My text", 1)
    assert response.status_code == 403
    assert "You can read this page but not change it." in problems(read, response)
    assert kept(read, response)[1] == "My text"


def test_who_saves_too_often_keeps_the_text(
    app: Flask,
    editor: FlaskClient,
    read: Any,
    save: Any,
    name: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(app.extensions["wiki.limits"], "write", lambda who: 42)
    response = save(editor, name, "My text")
    assert response.status_code == 429
    assert "Too many edits in a short time" in problems(read, response)
    assert kept(read, response)[1] == "My text"


@pytest.mark.parametrize("base", ["", "x", "-1", "9" * 40, "1.5", "٣"])
def test_a_base_that_is_no_number(
    editor: FlaskClient, save: Any, wiki: Wiki, name: str, base: str
) -> None:
    save(editor, name, "one")
    response = save(editor, name, "two", base)
    assert response.status_code == 409
    assert wiki.page(SYSTEM, name).text == "one"


def test_a_base_that_never_was(
    editor: FlaskClient, save: Any, wiki: Wiki, name: str
) -> None:
    save(editor, name, "one\n")
    response = save(editor, name, "two\n", 77)
    assert response.status_code == 409
    assert wiki.page(SYSTEM, name).text == "one\n"


def test_look_alike_names_get_a_warning(editor: FlaskClient, read: Any) -> None:  # R7
    shown = read(editor.get("/-/new", query_string={"name": "unіon"}))
    assert "mistaken for another" in shown.one("p", class_="warning").text

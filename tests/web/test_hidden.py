"""What a person may not see looks like what is not there, everywhere (R10)."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from wiki.app import create_app
from wiki.config import load
from wiki.model.actor import ADMIN, SYSTEM, Actor
from wiki.model.page import Draft
from wiki.service import Wiki
from wiki.testing import PASSWORD, submit

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


SECRET = "canary"
AUDIENCES = ("members", "admins", "group:night shift", "nonsense")


def hide(page: Callable[..., Any], name: str, audience: str) -> None:
    page(
        name,
        f"---\ntitle: {SECRET} title\naudience: '{audience}'\ntags: [{SECRET}-tag]\n"
        f"type: {SECRET}\n---\n{SECRET} text, see [[{name}-seen]].",
    )


def sinks(name: str) -> list[str]:
    """Return every address that could tell of a page."""
    return [
        f"/{name}",
        f"/{name}?rev=1",
        f"/{name}.md",
        f"/{name.upper()}",
        f"/{name}/",
        f"/-/raw/{name}",
        f"/-/raw/{name}?rev=1",
        f"/-/history/{name}",
        f"/-/diff/{name}?a=1&b=1",
        f"/-/links/{name}",
        f"/-/edit/{name}",
        f"/-/rename/{name}",
        f"/-/delete/{name}",
        f"/-/restore/{name}",
        f"/-/restore/{name}?rev=1",
        f"/-/api/v1/pages/{name}",
        f"/-/api/v1/pages/{name}?include=source,html,fields,links",
        f"/-/api/v1/pages/{name}?rev=1",
        f"/-/api/v1/history/{name}",
        f"/-/search?q={name}",
        f"/-/search/suggest?q={name}",
        f"/-/api/v1/search?q={name}",
        f"/-/api/v1/suggest?q={name}",
        f"/-/pages?prefix={name}",
        f"/-/api/v1/pages?in={name}",
        f"/-/recent?in={name}",
        f"/-/api/v1/recent?in={name}",
        f"/-/files/{name}/plan.png",
    ]


def told(response: Any, name: str) -> tuple[Any, ...]:
    """Return all of an answer but the name that was asked for."""
    headers = sorted(
        (key, value.replace(name, "NAME"))
        for key, value in response.headers
        if key not in {"Content-Length", "ETag", "RateLimit", "Set-Cookie"}
    )
    spelled = name.replace("-", "[- ]")
    random = rf"{spelled}|\br-[0-9a-f]{{8}}\b|(?<=csrf_token\" value=\")[^\"]+"
    text = re.sub(random, "", response.text, flags=re.IGNORECASE)
    return response.status_code, headers, text


@pytest.mark.parametrize("audience", AUDIENCES)
def test_a_hidden_page_looks_like_none(
    visitor: FlaskClient, page: Any, wiki: Wiki, name: str, audience: str
) -> None:
    hidden, none = f"{name}-aaaa", f"{name}-bbbb"
    hide(page, hidden, audience)
    hide(page, hidden, audience)
    wiki.store.put_beside(f"{hidden}/x", "plan.png", io.BytesIO(PNG))
    page(f"{name}-seen", "Text")
    for there, not_there in zip(sinks(hidden), sinks(none), strict=True):
        got, bare = visitor.get(there), visitor.get(not_there)
        assert told(got, hidden) == told(bare, none), there
        assert SECRET not in got.text, there


def test_no_list_tells_of_a_hidden_page(
    visitor: FlaskClient, page: Any, read: Any, name: str
) -> None:
    hide(page, name, "members")
    page(f"{name}-seen", f"Text. See [[{name}]].")
    for url in (
        "/-/pages",
        "/-/recent",
        "/-/tags",
        f"/-/tags/{SECRET}-tag",
        f"/-/search?q={SECRET}",
        f"/-/search?q=tag:{SECRET}-tag",
        f"/-/search?q=type:{SECRET}",
        f"/-/search?q={SECRET}*",
        f"/-/search?q=canry+{name}",
        f"/-/search/suggest?q={SECRET}",
        f"/-/api/v1/search?q={SECRET}",
        f"/-/api/v1/pages?tag={SECRET}-tag",
        f"/-/api/v1/pages?type={SECRET}",
        "/-/api/v1/recent",
        f"/-/links/{name}-seen",
        f"/-/api/v1/pages/{name}-seen?include=links",
        f"/{name}-seen",
    ):
        response = visitor.get(url)
        assert f"{SECRET} title" not in response.text, url
        if response.is_json:
            assert f'"{name}"' not in response.text, url
        else:
            assert f"/{name}" not in read(response).links(), url
    # The link to it looks like one to a page that is not written.
    links = read(visitor.get(f"/{name}-seen")).one("article").links()
    assert f"/-/new?name={name}" in links


def test_those_who_may_see_it_do(
    people: Callable[[str], FlaskClient], page: Any, name: str
) -> None:
    for audience, allowed in (
        ("members", {"member", "editor", "moderator", "admin"}),
        ("admins", {"admin"}),
    ):
        url = f"{name}-{audience}"
        hide(page, url, audience)
        for role in ("visitor", "member", "editor", "moderator", "admin"):
            status = people(role).get(f"/{url}").status_code
            assert status == (200 if role in allowed else 404), (audience, role)
    shown = people("member").get(f"/{name}-members")
    assert shown.headers["Cache-Control"] == "no-store"
    assert "Visible to members:" in shown.text


def test_a_version_from_when_it_was_hidden_stays_hidden(
    visitor: FlaskClient, people: Callable[[str], FlaskClient], page: Any, name: str
) -> None:
    hide(page, name, "members")
    page(name, "The open text")
    for url in (
        f"/{name}?rev=1",
        f"/{name}.md?rev=1",
        f"/-/raw/{name}?rev=1",
        f"/-/diff/{name}?a=1&b=2",
        f"/-/diff/{name}?a=2&b=1",
        f"/-/restore/{name}?rev=1",
        f"/-/api/v1/pages/{name}?rev=1&include=source",
    ):
        got = visitor.get(url)
        assert got.status_code in {401, 404}, url
        assert SECRET not in got.text, url
    assert SECRET not in visitor.get(f"/-/diff/{name}").text
    assert SECRET in people("member").get(f"/{name}?rev=1").text


def test_words_of_a_change_made_while_hidden_stay_hidden(
    visitor: FlaskClient, editor: FlaskClient, save: Any, name: str
) -> None:
    hidden = "---\naudience: members\n---\nText"
    save(editor, name, hidden, comment=f"{SECRET} words")
    save(editor, name, "Text", 1, comment="Opened")
    for url in (
        f"/-/history/{name}",
        f"/-/recent?in={name}",
        f"/-/api/v1/history/{name}",
        f"/-/api/v1/recent?in={name}",
    ):
        assert SECRET not in visitor.get(url).text, url


def test_r10_the_size_of_what_was_hidden_is_not_told(
    visitor: FlaskClient, editor: FlaskClient, save: Any, name: str
) -> None:  # R10
    save(editor, name, "---\naudience: members\n---\n" + "word " * 100)
    save(editor, name, "Open", 1, widen="1")
    for url in (f"/-/api/v1/history/{name}", f"/-/api/v1/recent?in={name}"):
        sizes = [one["size"] for one in visitor.get(url).get_json()["items"]]
        assert sizes == [len("Open")], url


def test_an_old_name_of_a_hidden_page_leads_nowhere(
    visitor: FlaskClient,
    people: Callable[[str], FlaskClient],
    wiki: Wiki,
    page: Any,
    name: str,
) -> None:
    hide(page, f"{name}-old", "members")
    wiki.rename(SYSTEM, f"{name}-old", f"{name}-new")
    for url in sinks(f"{name}-old"):
        got = visitor.get(url)
        assert f"{name}-new" not in got.text, url
        assert f"{name}-new" not in (got.location or ""), url
    assert told(visitor.get(f"/{name}-old"), f"{name}-old") == told(
        visitor.get(f"/{name}-000"), f"{name}-000"
    )
    assert people("member").get(f"/{name}-old").location == f"/{name}-new"


def test_a_deleted_hidden_page_is_not_told_of(
    visitor: FlaskClient, editor: FlaskClient, wiki: Wiki, page: Any, name: str
) -> None:
    hide(page, f"{name}-aaaa", "admins")
    wiki.delete(Actor(1, "x", ADMIN, sees=None), f"{name}-aaaa")
    editor.get("/-/account")  # what earlier tests left to be told
    for who in (visitor, editor):
        for url in (f"/{name}-%s", f"/-/history/{name}-%s", f"/-/restore/{name}-%s"):
            gone, none = who.get(url % "aaaa"), who.get(url % "bbbb")
            assert told(gone, f"{name}-aaaa") == told(none, f"{name}-bbbb"), url


def test_hiding_a_page_ends_what_was_kept_of_it(
    visitor: FlaskClient, page: Any, name: str
) -> None:
    page(name, f"{SECRET} text")
    tag = visitor.get(f"/{name}").headers["ETag"]
    hide(page, name, "members")
    assert visitor.get(f"/{name}").status_code == 404
    again = visitor.get(f"/{name}", headers={"If-None-Match": tag})
    assert again.status_code == 404


def test_a_wiki_for_members_shows_visitors_nothing(tmp_path: Path, read: Any) -> None:
    members = {"access.read": "members", "access.edit": "member"}
    app = create_app(config=load(tmp_path, {}, members), memory=True)
    wiki: Wiki = app.extensions["wiki"]
    for name in ("home", "one"):
        wiki.save(SYSTEM, Draft(name, f"# {SECRET}\n\n{SECRET}"), 0)
    wiki.save(SYSTEM, Draft("open", "---\naudience: public\n---\nFor all"), 0)
    wiki.store.put_beside("one", "plan.png", io.BytesIO(PNG))
    visitor, member = app.test_client(), app.test_client()
    for url in ("/", "/home", "/one", "/-/pages", "/-/recent", f"/-/search?q={SECRET}"):
        got = visitor.get(url)
        shown = got.text.replace(f"q={SECRET}", "").replace(f'"{SECRET}"', "")
        assert f"<h1>{SECRET}" not in shown, url
        assert f"<bdi>{SECRET}</bdi></a>" not in shown, url
        assert "public" not in got.headers["Cache-Control"] or got.status_code == 404
    found = visitor.get(f"/-/api/v1/search?q={SECRET}").get_json()
    assert (found["total"], found["items"]) == (0, [])
    assert visitor.get("/-/files/plan.png").status_code == 404
    assert "/-/sign-in" in read(visitor.get("/")).links()
    assert "For all" in visitor.get("/open").text
    wiki.accounts.create_user("mem", "member", PASSWORD)
    submit(member, "/-/sign-in", name="mem", password=PASSWORD)
    assert SECRET in member.get("/").text
    assert member.get("/one").headers["Cache-Control"] == "no-store"
    assert member.get("/-/files/plan.png").status_code == 200
    # There members write.
    assert member.get("/-/edit/one").status_code == 200
    wiki.close()

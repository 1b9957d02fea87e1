"""No change without a proof of where it comes from, and no way off the site."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

import pytest
from flask import Blueprint, Flask, request
from flask.testing import FlaskClient

from wiki import Plugin, hookimpl
from wiki.app import create_app
from wiki.config import load
from wiki.model.actor import SYSTEM
from wiki.model.page import Draft
from wiki.service import Wiki
from wiki.testing import PASSWORD, SAME_SITE, TOKEN, submit

from .everywhere import CHANGING, address, check_headers, rules

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
# -- R13: proofs


def changing(app: Flask) -> list[tuple[str, str]]:
    return [(method, str(rule)) for rule, method in rules(app) if method in CHANGING]


@pytest.fixture(scope="module")
def state(app: Flask) -> Callable[[], tuple[Any, ...]]:
    """Return ``state()``: what no refused request may change."""
    wiki: Wiki = app.extensions["wiki"]

    def now() -> tuple[Any, ...]:
        people = [(r.id, r.name, r.role) for r in wiki.accounts.list_users()]
        sessions = [len(wiki.accounts.sessions_of(r[0])) for r in people]
        groups = [(row.name, row.about) for row in wiki.accounts.groups.all()]
        acts = [act.id for act in wiki.accounts.audit.acts(limit=1)]
        return wiki.store.last_seq(), people, sessions, groups, acts

    return now


PROOFS: dict[str, dict[str, str]] = {
    "none": {},
    "foreign origin": {"Origin": "https://evil.example"},
    "null origin": {"Origin": "null"},
    "other port": {"Origin": "http://localhost:81"},
    "other scheme": {"Origin": "https://localhost"},
    "like ours": {"Origin": "http://localhost.evil.example"},
    "cross-site": {"Sec-Fetch-Site": "cross-site"},
    "same-site only": {"Sec-Fetch-Site": "same-site"},
    "cross-site with our origin": {
        "Sec-Fetch-Site": "cross-site",
        "Origin": "http://localhost",
    },
    "typed in": {"Sec-Fetch-Site": "none"},
}


def test_r13_every_rule_is_walked(app: Flask, known: str) -> None:  # R13
    at = app.url_map.bind("localhost")
    walked = {rule.endpoint for rule, method in rules(app) if method in CHANGING}
    assert {name.partition(".")[0] for name in walked} >= {"admin", "api", "edit"}
    for rule, method in rules(app):
        if method in CHANGING:
            found = at.match(address(rule, known), method=method)[0]
            assert found == rule.endpoint, rule


class Changing(Plugin):
    """A plugin that changes something when it is asked to."""

    name = "changing"
    title = "Changing"
    uses = frozenset({"routes"})
    done: ClassVar[list[str]] = []

    @hookimpl
    def blueprints(self) -> list[Blueprint]:
        pages = Blueprint("changing", __name__)

        @pages.route("/it", methods=["POST", "PUT", "PATCH", "DELETE"])
        def it() -> str:
            self.done.append(request.method)
            return "done"

        return [pages]


@pytest.mark.parametrize("proof", [{}, {"Origin": "https://evil.example"}])
def test_r13_a_route_of_a_plugin_needs_a_proof(
    tmp_path: Path, proof: dict[str, str]
) -> None:  # R13, R17
    app = create_app(
        config=load(tmp_path, {}), plugins=[Changing], strict=True, memory=True
    )
    url, client = "/-/p/changing/it", app.test_client()
    token = TOKEN.search(client.get("/-/sign-in").text)
    assert token
    form = {"csrf_token": token.group(1)}
    for method in sorted(CHANGING):
        assert client.open(url, method=method, data=form, headers=proof).status == (
            "400 BAD REQUEST"
        )
        assert client.open(url, method=method, headers=SAME_SITE).status_code == 400
    assert Changing.done == []
    assert client.post(url, data=form, headers=SAME_SITE).text == "done"
    Changing.done.clear()
    app.extensions["wiki"].close()


@pytest.mark.parametrize("proof", list(PROOFS))
def test_no_change_without_a_proof(
    app: Flask, admin: FlaskClient, known: str, state: Any, proof: str
) -> None:  # R13
    token = TOKEN.search(admin.get("/-/account").text)
    assert token
    form = {
        "csrf_token": token.group(1),
        "name": known,
        "text": "changed",
        "to": "elsewhere",
        "base": "2",
        "role": "admin",
        "password": PASSWORD,
    }
    before = state()
    assert len(changing(app)) > 10
    for rule, method in rules(app):
        if method not in CHANGING:
            continue
        url = address(rule, known)
        response = admin.open(url, method=method, data=form, headers=PROOFS[proof])
        assert response.status_code == 400, (method, url)
        assert "Send a token" in response.text or "open for too long" in response.text
        assert state() == before, (method, url)


@pytest.mark.parametrize("token", [None, "", "x", "IjEi.ZZ.zz"])
@pytest.mark.parametrize("proof", [SAME_SITE, {"Origin": "http://localhost"}])
def test_no_change_without_a_token(
    app: Flask,
    admin: FlaskClient,
    known: str,
    state: Any,
    token: str | None,
    proof: dict[str, str],
) -> None:  # R13
    form = {"name": known, "text": "changed", "to": "elsewhere", "base": "2"}
    if token is not None:
        form["csrf_token"] = token
    before = state()
    for rule, method in rules(app):
        if method in CHANGING:
            url = address(rule, known)
            response = admin.open(url, method=method, data=form, headers=proof)
            assert response.status_code == 400, (method, url)
            assert state() == before, (method, url)


def test_an_origin_of_ours_is_proof_enough(
    editor: FlaskClient, save: Any, name: str
) -> None:
    token = TOKEN.search(editor.get("/-/account").text)
    assert token
    done = editor.post(
        "/-/new",
        data={"csrf_token": token.group(1), "name": name, "text": "x", "base": "0"},
        headers={"Origin": "http://localhost"},
    )
    assert done.status_code == 303


def test_reading_changes_nothing(
    app: Flask, people: Callable[[str], FlaskClient], known: str, state: Any
) -> None:  # R13
    before = state()
    for role in ("admin", "visitor"):
        for rule, method in rules(app):
            if method in {"GET", "HEAD", "OPTIONS"}:
                query = {"name": known, "to": "x", "text": "x", "page": "x", "rev": "1"}
                people(role).open(
                    address(rule, known), method=method, query_string=query
                )
                people(role).open(address(rule, "gone"), method=method)
                assert state() == before, (method, rule)


# -- R16: redirects and hosts


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example",
        "//evil.example/",
        "/\\evil.example",
        "/\\\\evil.example/..",
        "/%5Cevil.example",
        "/%2F%2Fevil.example",
        "/%2Fevil.example/",
        "/https:evil.example/",
        "/ /evil.example",
        "/.//evil.example",
        "/known//evil.example/",
        "/%09/evil.example",
    ],
)
def test_no_address_leads_off_the_site(
    visitor: FlaskClient, editor: FlaskClient, known: str, path: str
) -> None:  # R16
    for client in (visitor, editor):
        for prefix in ("", "/-/edit", "/-/history", "/-/raw"):
            response = client.open("/", environ_overrides={"PATH_INFO": prefix + path})
            if response.location:
                there = urlsplit(response.location)
                assert there.netloc in {"", "localhost"}, (path, response.location)
                assert not response.location.startswith(("//", "/\\", "\\"))


def test_a_page_named_like_a_site_stays_a_page(
    editor: FlaskClient, save: Any, name: str
) -> None:  # R16
    done = save(editor, f"/{name}.example/x", "text")
    assert done.location == f"/{name}.example/x"
    done = submit(editor, f"/-/rename/{name}.example/x", to=f"//{name}.example")
    assert urlsplit(done.location).netloc == ""


@pytest.mark.parametrize("host", ["evil.example", "localhost:99999", "a b", "x" * 300])
def test_a_foreign_host_header_poisons_nothing(
    visitor: FlaskClient, known: str, host: str
) -> None:
    response = visitor.get("/known", headers={"Host": host})
    assert response.status_code in {200, 400}
    check_headers(response, host)
    assert "evil.example" not in response.text
    assert "evil.example" not in visitor.get("/known").text


def test_a_wiki_with_an_address_answers_there(tmp_path: Path, read: Any) -> None:  # R16
    url = {"site.url": "https://Wiki.example.org:443"}
    app = create_app(config=load(tmp_path, {}, url), memory=True)
    wiki: Wiki = app.extensions["wiki"]
    wiki.save(SYSTEM, Draft("home", "text"), 0)
    client = app.test_client()
    for base in ("https://wiki.example.org", "http://localhost", "http://127.0.0.1:80"):
        assert client.get("/", base_url=base).status_code == 200, base
    for host in ("evil.example", "wiki.example.org.evil.example", "wiki.example.org:8"):
        for url_path in ("/", "/-/sign-in", "/-/api/v1/me"):
            refused = client.get(url_path, base_url=f"https://{host}")
            assert refused.status_code == 400, host
            assert "answers at https://Wiki.example.org:443" in refused.text
            check_headers(refused, host)
    got = client.get("/-/api/v1/pages/home", base_url="http://localhost")
    assert got.get_json()["url"] == "https://Wiki.example.org:443/home"
    wiki.close()

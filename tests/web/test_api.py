"""The JSON API: reading, writing with ETags and bases, lists, limits, refusals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from wiki.app import create_app
from wiki.config import load
from wiki.errors import TooMany
from wiki.service import Wiki
from wiki.testing import TOKEN

from .programs import V1, problem

# -- reading


def test_reading_a_page(visitor: FlaskClient, page: Any, name: str) -> None:
    text = "---\ntitle: A title\ntags: [one, two]\nodd: 7\n---\nText\n"
    page(name, text)
    response = visitor.get(f"{V1}/pages/{name}?include=source,html")
    got = response.get_json()
    assert got["name"] == name
    assert got["title"] == "A title"
    assert got["url"] == f"http://localhost/{name}"
    assert got["tags"] == ["one", "two"]
    assert got["fields"]["odd"] == 7
    assert got["revision"] == 1
    assert got["updated"].endswith("Z")
    assert got["can"] == ["read"]
    assert got["source"] == text
    assert got["html"].strip() == '<p dir="auto">Text</p>'
    assert response.headers["Cache-Control"] == "private, no-cache"
    assert {"Authorization", "Cookie"} <= set(response.vary)
    tag = response.headers["ETag"]
    again = visitor.get(f"{V1}/pages/{name}", headers={"If-None-Match": tag})
    assert again.status_code == 304
    assert "source" not in visitor.get(f"{V1}/pages/{name}").get_json()
    page(name, "New\n")
    old = visitor.get(f"{V1}/pages/{name}?rev=1&include=source").get_json()
    assert old["source"] == text


def test_what_is_not_there(visitor: FlaskClient, page: Any, name: str) -> None:
    page(name, "Text")
    problem(visitor.get(f"{V1}/pages/{name}-x"), 404, "not-found")
    problem(visitor.get(f"{V1}/pages/{name}?rev=9"), 404, "not-found")
    problem(visitor.get(f"{V1}/pages/{name}?rev=x"), 400, "bad-request")
    problem(visitor.get(f"{V1}/history/{name}-x"), 404, "not-found")
    problem(visitor.get(f"{V1}/no-such-thing"), 404, "not-found")
    refused = visitor.open(f"{V1}/me", method="PATCH")
    assert refused.status_code in {401, 405}


def test_lists_go_on_by_cursor(visitor: FlaskClient, page: Any, name: str) -> None:
    for i in range(7):
        page(f"{name}/{i}", f"---\ntags: ['{name} & x']\n---\nText")
    seen: list[str] = []
    url = f"{V1}/pages?in={name}/&limit=3&tag={name}+%26+x"
    for _ in range(3):
        response = visitor.get(url)
        seen += [one["name"] for one in response.get_json()["items"]]
        link = response.headers.get("Link")
        if not link:
            assert response.get_json()["next"] is None
            break
        assert link.endswith('>; rel="next"')
        url = link[1:].partition(">")[0]
        assert "source" not in response.get_json()["items"][0]
    assert seen == [f"{name}/{i}" for i in range(7)]


@pytest.mark.parametrize(
    "after", ["x", "AAAA", "é", "a" * 500, "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA", "-1", "\x00"]
)
def test_a_cursor_that_is_not_ours(visitor: FlaskClient, after: str) -> None:
    for path in ("/pages", "/recent", "/search?q=x"):
        mark = "&" if "?" in path else "?"
        response = visitor.get(f"{V1}{path}{mark}after={after}")
        problem(response, 400, "bad-cursor")


def test_a_cursor_belongs_to_its_list(
    visitor: FlaskClient, page: Any, name: str
) -> None:
    for i in range(3):
        page(f"{name}/{i}", "Text")
    cursor = visitor.get(f"{V1}/pages?in={name}/&limit=1").get_json()["next"]
    assert cursor
    problem(visitor.get(f"{V1}/recent?after={cursor}"), 400, "bad-cursor")


@pytest.mark.parametrize("limit", ["0", "101", "x", "-1", "9" * 30, "1.5"])
def test_a_limit_that_cannot_be(visitor: FlaskClient, limit: str) -> None:
    problem(visitor.get(f"{V1}/pages?limit={limit}"), 400, "bad-request")


def test_history_and_recent(api: Any, visitor: FlaskClient, name: str) -> None:
    for i in range(4):
        sent = api(
            "PUT",
            f"/pages/{name}",
            {"source": "x" * (i + 1), "base": i, "summary": f"Change {i}"},
        )
        assert sent.status_code in {200, 201}, sent.text
    api("POST", "/none")
    first = visitor.get(f"{V1}/history/{name}?limit=3").get_json()
    assert [one["revision"] for one in first["items"]] == [4, 3, 2]
    assert first["items"][0]["summary"] == "Change 3"
    assert first["items"][0]["size"] == 1
    rest = visitor.get(f"{V1}/history/{name}?limit=3&after={first['next']}").get_json()
    assert [one["revision"] for one in rest["items"]] == [1]
    assert rest["next"] is None
    recent = visitor.get(f"{V1}/recent?in={name}").get_json()["items"]
    assert [one["kind"] for one in recent] == ["edited"] * 3 + ["created"]
    assert recent[0]["name"] == name
    assert "seq" not in recent[0]


def test_search_and_suggest(visitor: FlaskClient, page: Any, name: str) -> None:
    for i in range(23):
        page(f"{name}/{i}", f"---\ntags: [odd]\n---\n# Wombat {i}\n\nA *wombat* digs.")
    first = visitor.get(f"{V1}/search?q=wombat&tag=odd").get_json()
    assert first["total"] == 23
    assert len(first["items"]) == 20
    assert first["query"]["text"]
    assert first["facets"]["tag"] == [{"value": "odd", "count": 23}]
    marked = [
        part["text"].lower()
        for part in first["items"][0]["snippet"]
        if part.get("mark")
    ]
    assert "wombat" in marked
    rest = visitor.get(f"{V1}/search?q=wombat&tag=odd&after={first['next']}").get_json()
    assert len(rest["items"]) == 3
    assert rest["next"] is None
    titles = visitor.get(f"{V1}/suggest?q=womb").get_json()["items"]
    assert len(titles) == 10
    assert titles[0]["title"].startswith("Wombat")
    problem(visitor.get(f"{V1}/search?q={'x' * 300}"), 400, "bad-request")


def test_render(api: Any, visitor: FlaskClient) -> None:
    done = api("POST", "/render", {"source": "*x* <script>", "name": "a"})
    assert "<em>x</em>" in done.get_json()["html"]
    assert "<script" not in done.get_json()["html"]
    problem(api("POST", "/render", {"name": "a"}), 422, "not-valid")
    problem(api("POST", "/render", {"source": 7}), 422, "not-valid")
    problem(api("POST", "/render", {"source": "", "more": 1}), 422, "not-valid")
    problem(api("POST", "/render", {"source": "x" * 300_000}), 413, "too-large")


# -- who


def test_me(visitor: FlaskClient, app: Flask, bearer: Any) -> None:
    assert visitor.get(f"{V1}/me").get_json() == {
        "id": None,
        "name": "",
        "role": "visitor",
        "scopes": None,
    }
    got = app.test_client().get(f"{V1}/me", headers=bearer("editor", "read"))
    assert got.get_json()["scopes"] == ["read"]


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer x",
        "Bearer cgw_" + "a" * 43,
        "Basic dTpw",
        "Bearer \u00e9",
        "x",
    ],
)
def test_a_token_that_is_none(
    visitor: FlaskClient, page: Any, name: str, header: str
) -> None:
    page(name, "Text")
    response = visitor.get(f"{V1}/pages/{name}", headers={"Authorization": header})
    problem(response, 401, "sign-in-needed")
    assert response.headers["WWW-Authenticate"] == "Bearer"


def test_a_token_in_the_address_is_refused(visitor: FlaskClient) -> None:
    problem(visitor.get(f"{V1}/me?access_token=cgw_x"), 400, "bad-request")


def test_scopes_cut_rights_down(app: Flask, bearer: Any, page: Any, name: str) -> None:
    page(name, "---\naudience: members\n---\nText")
    client = app.test_client()
    body = {"source": "x", "base": 1}
    reader = bearer("editor", "read")
    assert client.get(f"{V1}/pages/{name}", headers=reader).status_code == 200
    refused = client.put(f"{V1}/pages/{name}", json=body, headers=reader)
    problem(refused, 403, "not-allowed")
    page(f"{name}-a", "---\naudience: admins\n---\nText")
    admin = bearer("admin", "read", "write")
    assert client.get(f"{V1}/pages/{name}-a", headers=admin).status_code == 404
    whole = bearer("admin", "read", "admin")
    assert client.get(f"{V1}/pages/{name}-a", headers=whole).status_code == 200


def test_a_token_opens_the_api_only(app: Flask, bearer: Any) -> None:
    response = app.test_client().get("/-/account", headers=bearer("editor", "read"))
    assert response.status_code == 401


def test_a_revoked_token_ends_at_once(app: Flask, wiki: Wiki, bearer: Any) -> None:
    own, client = bearer(), app.test_client()
    me = client.get(f"{V1}/me", headers=own).get_json()
    wiki.accounts.revoke(me["id"], own["Authorization"].removeprefix("Bearer "))
    problem(client.get(f"{V1}/me", headers=own), 401, "sign-in-needed")


def test_visitors_read_only(visitor: FlaskClient, name: str) -> None:  # R13
    for path in ("/pages/x", "/render"):
        method = "POST" if path == "/render" else "PUT"
        response = visitor.open(
            V1 + path, method=method, json={"source": "x", "base": 0}
        )
        problem(response, 401, "sign-in-needed")
    token = TOKEN.search(visitor.get("/-/sign-in").text)
    assert token
    proof = {"X-CSRFToken": token.group(1), "Sec-Fetch-Site": "same-origin"}
    for path in ("/pages/x", "/render"):
        method = "POST" if path == "/render" else "PUT"
        response = visitor.open(
            V1 + path, method=method, json={"source": "x", "base": 0}, headers=proof
        )
        problem(response, 401, "sign-in-needed")


def test_a_session_cookie_is_no_way_around_the_form_s_proof(
    editor: FlaskClient, name: str
) -> None:  # R13
    body = {"source": "x", "base": 0}
    problem(editor.put(f"{V1}/pages/{name}", json=body), 400, "bad-request")
    assert editor.get(f"{V1}/pages/{name}").status_code == 404


# -- limits


def test_limits_are_told(visitor: FlaskClient) -> None:
    response = visitor.get(f"{V1}/me")
    assert response.headers["RateLimit"].startswith('"reads";r=')
    assert response.headers["RateLimit-Policy"].endswith(";w=60")


def test_beyond_the_limit(
    app: Flask, api: Any, visitor: FlaskClient, name: str, monkeypatch: Any
) -> None:
    limits = app.extensions["wiki.limits"]

    def full(who: str, **rest: Any) -> None:
        raise TooMany(17)

    monkeypatch.setattr(limits, "read", full)
    monkeypatch.setattr(limits, "write", lambda who: 17)
    for response in (
        visitor.get(f"{V1}/me"),
        api("PUT", f"/pages/{name}", {"source": "x", "base": 0}),
    ):
        problem(response, 429, "too-many-requests")
        assert response.headers["Retry-After"] == "17"


def test_limits_are_kept(tmp_path: Path) -> None:
    few = {"limits.reads_per_minute": 10, "limits.writes_per_minute": 2}
    app = create_app(config=load(tmp_path, {}, few), memory=True)
    wiki: Wiki = app.extensions["wiki"]
    secrets = []
    for account in ("one", "two"):
        user = wiki.accounts.create_user(account, "editor")
        secrets.append(wiki.accounts.make_token(user, {"read", "write"}))
    one, two = ({"Authorization": f"Bearer {secret}"} for secret in secrets)
    client = app.test_client()
    # A visitor has a fifth; a token counts for itself.
    reads = [client.get(f"{V1}/me").status_code for _ in range(4)]
    assert reads == [200, 200, 429, 429]
    reads = [client.get(f"{V1}/me", headers=one).status_code for _ in range(11)]
    assert reads == [200] * 10 + [429]
    for n, status in enumerate((201, 201, 429)):
        sent = client.put(
            f"{V1}/pages/{n}", json={"source": "x", "base": 0}, headers=one
        )
        assert sent.status_code == status
    assert int(sent.headers["Retry-After"]) > 0
    sent = client.put(f"{V1}/pages/2", json={"source": "x", "base": 0}, headers=two)
    assert sent.status_code == 201
    wiki.close()

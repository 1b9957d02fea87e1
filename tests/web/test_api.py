"""The JSON API: reading, writing with ETags and bases, lists, limits, refusals."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from wiki.app import create_app
from wiki.config import load
from wiki.errors import TooMany
from wiki.model.actor import SYSTEM
from wiki.service import Wiki
from wiki.testing import TOKEN

V1 = "/-/api/v1"


@pytest.fixture
def api(app: Flask, bearer: Callable[..., dict[str, str]]) -> Callable[..., Any]:
    """Return ``api(method, path, body, …)``: a program that may read and write."""
    client, own = app.test_client(), bearer("editor")

    def call(method: str, path: str, body: Any = None, **headers: str) -> Any:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return client.open(V1 + path, method=method, json=body, headers=own | given)

    return call


def problem(response: Any, status: int, slug: str) -> dict[str, Any]:
    """Return an RFC 9457 problem, after a look at what each must hold."""
    assert response.status_code == status, response.text
    assert response.content_type == "application/problem+json"
    found: dict[str, Any] = response.get_json()
    assert found["status"] == status
    assert found["type"] == f"/-/help/errors/{slug}"
    assert found["title"]
    assert found["instance"].startswith("r-")
    return found


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
    assert refused.status_code in {400, 405}


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


# -- writing


def test_create_and_update(api: Any, wiki: Wiki, name: str) -> None:
    made = api(
        "PUT",
        f"/pages/{name}",
        {"source": "one\n", "summary": "First"},
        If_None_Match="*",
    )
    assert made.status_code == 201, made.text
    assert made.headers["Location"].endswith(f"/pages/{name}")
    assert made.get_json() | {"id": 0} == {
        "id": 0,
        "name": name,
        "revision": 1,
        "merged": False,
        "problems": [],
        "notices": [],
    }
    again = api("PUT", f"/pages/{name}", {"source": "x"}, If_None_Match="*")
    problem(again, 412, "stale")
    assert again.headers["ETag"] == made.headers["ETag"]
    changed = api(
        "PUT", f"/pages/{name}", {"source": "two\n"}, If_Match=made.headers["ETag"]
    )
    assert changed.status_code == 200
    assert changed.headers["ETag"] != made.headers["ETag"]
    stale = api(
        "PUT", f"/pages/{name}", {"source": "three\n"}, If_Match=made.headers["ETag"]
    )
    problem(stale, 412, "stale")
    assert stale.headers["ETag"] == changed.headers["ETag"]
    assert wiki.page(SYSTEM, name).text == "two\n"


def test_a_base_is_needed(api: Any, name: str) -> None:
    problem(api("PUT", f"/pages/{name}", {"source": "x"}), 428, "base-needed")
    problem(api("DELETE", f"/pages/{name}"), 404, "not-found")


def test_merging_by_base(api: Any, wiki: Wiki, name: str) -> None:  # R5
    base = "First.\n\nSecond.\n\nThird.\n"
    api("PUT", f"/pages/{name}", {"source": base}, If_None_Match="*")
    theirs = base.replace("First", "Their")
    api("PUT", f"/pages/{name}", {"source": theirs, "base": 1})
    mine = base.replace("Third", "Mine")
    done = api("PUT", f"/pages/{name}", {"source": mine, "base": 1}).get_json()
    assert (done["merged"], done["revision"]) == (True, 3)
    assert wiki.page(SYSTEM, name).text == theirs.replace("Third", "Mine")
    same = base.replace("First", "Other")
    refused = api("PUT", f"/pages/{name}", {"source": same, "base": 1})
    told = problem(refused, 409, "edit-conflict")
    assert told["base"] == base
    assert told["yours"] == same
    assert told["theirs"]["revision"] == 3
    assert told["theirs"]["source"] == wiki.page(SYSTEM, name).text


def test_tags_are_written_into_the_text(api: Any, wiki: Wiki, name: str) -> None:
    text = "---\n# a comment\nodd: 1\n---\nText\n"
    body = {"source": text, "tags": ["a: b", "c"], "base": 0}
    assert api("PUT", f"/pages/{name}", body).status_code == 201
    page = wiki.page(SYSTEM, name)
    assert page.tags == ("a: b", "c")
    assert "# a comment" in page.text
    assert page.meta["odd"] == 1


def test_dry_run_keeps_nothing(api: Any, name: str) -> None:
    body = {"source": "---\na: [\n---\n*x*", "dry_run": True}
    done = api("PUT", f"/pages/{name}", body).get_json()
    assert "<em>x</em>" in done["html"]
    assert done["problems"][0]["line"]
    assert api("GET", f"/pages/{name}").status_code == 404


def test_the_same_request_twice_is_one(api: Any, wiki: Wiki, name: str) -> None:
    sent = [
        api(
            "PUT",
            f"/pages/{name}",
            {"source": "Text\n", "base": 0},
            Idempotency_Key="k1",
        )
        for _ in range(2)
    ]
    assert {one.status_code for one in sent} <= {200, 201}, [o.text for o in sent]
    assert wiki.page(SYSTEM, name).n == 1
    for key in ("", "x" * 65):
        response = api(
            "PUT", f"/pages/{name}", {"source": "x", "base": 1}, Idempotency_Key=key
        )
        problem(response, 400, "bad-request")


def test_deleting(api: Any, name: str) -> None:
    made = api("PUT", f"/pages/{name}", {"source": "x"}, If_None_Match="*")
    problem(api("DELETE", f"/pages/{name}"), 428, "base-needed")
    problem(api("DELETE", f"/pages/{name}", If_Match='"1-999"'), 412, "stale")
    done = api("DELETE", f"/pages/{name}", If_Match=made.headers["ETag"])
    assert (done.status_code, done.data) == (204, b"")
    assert api("GET", f"/pages/{name}").status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "slug"),
    [
        ({}, 422, "not-valid"),
        ({"source": 1}, 422, "not-valid"),
        ({"source": None}, 422, "not-valid"),
        ({"source": "x", "unknown": 1}, 422, "not-valid"),
        ({"source": "x", "base": "1"}, 422, "not-valid"),
        ({"source": "x", "base": True}, 422, "not-valid"),
        ({"source": "x", "base": 1.5}, 422, "not-valid"),
        ({"source": "x", "tags": "a"}, 422, "not-valid"),
        ({"source": "x", "tags": [1]}, 422, "not-valid"),
        ({"source": "x", "dry_run": "yes"}, 422, "not-valid"),
        ({"source": "x" * 300_000, "base": 0}, 413, "too-large"),
        ({"source": "---\na: [\n---\n", "base": 0}, 422, "not-valid"),
        ([], 400, "bad-request"),
        ("text", 400, "bad-request"),
    ],
)
def test_bodies_that_cannot_be(
    api: Any, name: str, body: Any, status: int, slug: str
) -> None:
    told = problem(api("PUT", f"/pages/{name}", body), status, slug)
    if "---" in str(body):
        assert told["problems"][0]["line"] > 0
    assert api("GET", f"/pages/{name}").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"source": "a\ud800b", "base": 0},
        {"source": "x", "summary": "\udfff", "base": 0},
        {"source": "x", "tags": ["\ud800"], "base": 0},
        {"source": "a\x00b", "base": 0},
        {"source": "x", "summary": "\x00\x1b[31m", "base": 0},
        {"source": "x", "base": 10**30},
        {"source": "x", "base": -1},
        {"source": "x", "base": 2**63},
    ],
)
def test_odd_values_are_refused_or_kept_but_never_a_crash(
    api: Any, wiki: Wiki, name: str, body: Any
) -> None:  # R22
    response = api("PUT", f"/pages/{name}", body)
    assert response.status_code in {201, 404, 409, 422}, response.text
    if response.status_code == 201:
        read = api("GET", f"/pages/{name}?include=source")
        assert read.get_json()["source"].endswith(body["source"])
        assert api("GET", f"/history/{name}").status_code == 200


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe", b'{"source": "x"'])
def test_a_body_that_is_no_json(
    app: Flask, bearer: Any, name: str, data: bytes
) -> None:
    response = app.test_client().put(
        f"{V1}/pages/{name}",
        data=data,
        headers=bearer() | {"Content-Type": "application/json"},
    )
    problem(response, 400, "bad-request")


def test_a_body_beyond_all_size(api: Any, name: str) -> None:
    response = api("PUT", f"/pages/{name}", {"source": "x" * (1024 * 1024 + 1)})
    assert response.status_code in {400, 413}
    assert response.content_type == "application/problem+json"


@pytest.mark.parametrize("bad", ["..%2f..%2fx", "a%00b", "-/x", "%20", "x" * 2000])
def test_a_name_that_cannot_be(api: Any, bad: str) -> None:
    response = api("PUT", f"/pages/{bad}", {"source": "x", "base": 0})
    assert response.status_code in {400, 404, 422}
    assert response.content_type == "application/problem+json"


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
        assert response.status_code == 400
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

"""Writing over the API: ETags, bases, merges, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from wiki.model.actor import SYSTEM
from wiki.service import Wiki

from .programs import V1, problem


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

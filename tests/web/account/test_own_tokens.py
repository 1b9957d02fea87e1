"""Tokens for programs, made and ended by their owner."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from wiki.service import Wiki
from wiki.testing import PASSWORD, submit

from .verbs import (
    TOKENS,
    alert,
    told,
)


def test_a_token_is_made_shown_once_and_ended(
    app: Flask, mine: FlaskClient, read: Any
) -> None:
    made = submit(mine, TOKENS, label="Mirror", days="30", scope=["read", "write"])
    secret = read(made).one("input", id="secret")["value"]
    assert secret.startswith("cgw_")
    program = {"Authorization": f"Bearer {secret}"}
    me = app.test_client().get("/-/api/v1/me", headers=program)
    assert me.status_code == 200
    shown = mine.get(TOKENS)
    assert secret not in shown.text
    (row,) = read(shown).one("ul", class_="list-rows").all("li")
    end = (datetime.now(UTC) + timedelta(days=30)).strftime("%Y-%m-%d")
    assert "Mirror" in row.text
    assert row.all("time")[0]["datetime"].startswith(end)
    key = row.one("input", name="token")["value"]
    ended = submit(mine, TOKENS, f"{TOKENS}/end", token=key)
    assert "The token has ended" in told(read, mine, ended)
    assert app.test_client().get("/-/api/v1/me", headers=program).status_code == 401
    assert submit(mine, TOKENS, f"{TOKENS}/end", token=key).status_code == 404


@pytest.mark.parametrize(
    ("days", "scopes"),
    [("0", ["read"]), ("366", ["read"]), ("", ["read"]), ("x", ["read"]), ("9", [])],
)
def test_tokens_that_are_refused_keep_what_was_typed(
    mine: FlaskClient, read: Any, days: str, scopes: list[str]
) -> None:
    answer = submit(mine, TOKENS, label="Mirror", days=days, scope=scopes)
    assert answer.status_code == 400
    assert alert(read, answer)
    assert read(answer).one("input", id="label")["value"] == "Mirror"
    assert read(answer).one("input", id="days")["value"] == days


def test_a_token_of_somebody_else_stays(
    wiki: Wiki, mine: FlaskClient, name: str
) -> None:
    other = wiki.accounts.create_user(f"other {name}", "member")
    secret = wiki.accounts.make_token(other, ["read"])
    key = wiki.accounts.tokens_of(other)[0].hash.hex()
    assert submit(mine, TOKENS, f"{TOKENS}/end", token=key).status_code == 404
    assert wiki.accounts.token(secret)


def test_a_token_later_on_needs_a_proof(
    mine: FlaskClient, read: Any, later: Callable[[int], None]
) -> None:
    assert not read(mine.get(TOKENS)).all("input", name="proof")
    later(16)
    assert read(mine.get(TOKENS)).one("input", name="proof")
    form = {"label": "Mirror", "days": "30", "scope": ["read"]}
    asked = submit(mine, TOKENS, **form)
    assert asked.status_code == 401
    assert "signed in a while ago" in alert(read, asked)
    assert read(asked).one("input", id="label")["value"] == "Mirror"
    wrong = submit(mine, TOKENS, **form, proof="not it")
    assert "neither your password nor a code" in alert(read, wrong)
    done = submit(mine, TOKENS, **form, proof=PASSWORD)
    assert read(done).one("input", id="secret")

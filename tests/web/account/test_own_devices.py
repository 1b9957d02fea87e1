"""Where one is signed in: names of devices, and ending it."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from wiki.service import Wiki
from wiki.testing import PASSWORD, submit

from .verbs import (
    DEVICES,
    enter,
    signed_in,
    told,
)


def test_devices_have_names_and_no_address(
    app: Flask, mine: FlaskClient, read: Any, account: str
) -> None:  # R15, R18
    other = app.test_client()
    agent = {"HTTP_USER_AGENT": "Canary/7", "REMOTE_ADDR": "203.0.113.9"}
    shown = read(other.get("/-/sign-in"))
    token = shown.one("input", name="csrf_token")["value"]
    done = other.post(
        "/-/sign-in",
        data={"csrf_token": token, "name": account, "password": PASSWORD},
        headers={"Sec-Fetch-Site": "same-origin"},
        environ_overrides=agent,
    )
    assert done.status_code == 303, done.text
    page = read(mine.get(DEVICES))
    rows = page.one("ul", class_="list-rows").all("li")
    assert len(rows) == 2
    assert "Canary" not in page.text
    assert "203.0.113" not in page.text
    (here,) = [row for row in rows if "This device" in row.text]
    assert "Desk at home" in here.text
    (there,) = [row for row in rows if row is not here]
    key = there.one("input", name="session")["value"]
    named = submit(
        mine, DEVICES, f"{DEVICES}/name", session=key, label="Kim's\x00 phone"
    )
    assert "The name is kept" in told(read, mine, named)
    assert "Kim's phone" in read(mine.get(DEVICES)).text
    ended = submit(mine, DEVICES, f"{DEVICES}/end", session=key)
    assert "Signed out there" in told(read, mine, ended)
    assert not signed_in(other)
    assert signed_in(mine)
    again = submit(mine, DEVICES, f"{DEVICES}/end", session=key)
    assert again.status_code == 404


@pytest.mark.parametrize("key", ["", "zz", "00" * 32, "é", "0" * 9999])
@pytest.mark.parametrize("act", ["name", "end"])
def test_sessions_that_are_none(mine: FlaskClient, act: str, key: str) -> None:
    answer = submit(mine, DEVICES, f"{DEVICES}/{act}", session=key, label="x")
    assert answer.status_code == 404


def test_nobody_ends_the_session_of_another(
    app: Flask, wiki: Wiki, mine: FlaskClient, name: str
) -> None:
    other_id = wiki.accounts.create_user(f"other {name}", "member", PASSWORD)
    other = app.test_client()
    enter(other, f"other {name}")
    key = wiki.accounts.sessions_of(other_id)[0].hash.hex()
    for act in ("name", "end"):
        answer = submit(mine, DEVICES, f"{DEVICES}/{act}", session=key, label="x")
        assert answer.status_code == 404
    assert signed_in(other)
    assert wiki.accounts.sessions_of(other_id)[0].label == ""


def test_signing_out_everywhere_else(
    app: Flask, mine: FlaskClient, read: Any, account: str
) -> None:
    other = app.test_client()
    enter(other, account)
    done = submit(mine, DEVICES, "/-/account/sessions")
    assert "everywhere but here" in told(read, mine, done)
    assert not signed_in(other)
    assert signed_in(mine)

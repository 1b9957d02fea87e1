"""Passkeys: over https or on this machine, each challenge once."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from wiki.testing import PASSWORD

from ...accounts.authenticator import Authenticator
from .verbs import (
    WAYS,
    alert,
    cookies,
)


def test_passkeys_over_https(app: Flask, read: Any, account: str) -> None:
    client, phone = app.test_client(), Authenticator()
    base = {"base_url": "https://wiki.example.org"}
    own = {"Sec-Fetch-Site": "same-origin"}

    def send(source: str, to: str, **fields: str) -> Any:
        page = read(client.get(source, **base))
        token = page.all("input", name="csrf_token")[0]["value"]
        data = {"csrf_token": token, **fields}
        return client.post(to, data=data, headers=own, **base)

    send("/-/sign-in", "/-/sign-in", name=account, password=PASSWORD)
    options = send(WAYS, "/-/account/passkeys/options", label="Phone")
    assert options.content_type == "application/json"
    made = phone.create(options.text)
    added = send(WAYS, "/-/account/passkeys", credential=made, label="Phone")
    assert added.status_code == 303, added.text
    send(WAYS, "/-/sign-out")
    options = send("/-/sign-in", "/-/sign-in/passkey/options")
    answer = phone.get(options.text)
    done = send("/-/sign-in", "/-/sign-in/passkey", credential=answer, page="a/b")
    assert (done.status_code, done.location) == (303, "/a/b")
    assert {"__Host-wiki", "__Host-wiki-device"} <= set(cookies(done))
    send(WAYS, "/-/sign-out")
    replayed = send("/-/sign-in", "/-/sign-in/passkey", credential=answer)
    assert replayed.status_code == 400
    assert "sent twice" in alert(read, replayed)
    send("/-/sign-in", "/-/sign-in", name=account, password=PASSWORD)
    gone = send(WAYS, "/-/account/passkeys/remove", passkey=phone.key_id.hex())
    assert gone.status_code == 303
    again = send(WAYS, "/-/account/passkeys/remove", passkey=phone.key_id.hex())
    assert again.status_code == 404


@pytest.mark.parametrize(
    ("base", "offered"),
    [
        ("https://wiki.example.org", True),
        ("http://localhost:8000", True),
        ("http://127.0.0.1:8000", False),
        ("http://[::1]:8000", False),
        ("http://wiki.example.org", False),
    ],
)
def test_where_passkeys_are_offered(
    app: Flask, read: Any, base: str, offered: bool
) -> None:
    page = read(app.test_client().get("/-/sign-in", base_url=base))
    assert bool(page.all("button", type="button", data_passkey="get")) == offered


def test_a_refused_options_request_says_why(mine: FlaskClient, read: Any) -> None:
    shown = read(mine.get(WAYS))
    token = shown.all("input", name="csrf_token")[0]["value"]
    answer = mine.post(
        "/-/account/passkeys/options",
        base_url="http://127.0.0.1",
        headers={"Sec-Fetch-Site": "same-origin"},
        data={"csrf_token": token},
    )
    assert answer.status_code in {400, 401, 403}

"""One-time codes: on, in use, off."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from wiki.testing import PASSWORD, submit

from .verbs import (
    DEVICES,
    WAYS,
    alert,
    cookies,
    enter,
    signed_in,
    told,
    turn_on,
)


def test_codes_are_turned_on_by_a_first_one(
    app: Flask, mine: FlaskClient, read: Any, account: str
) -> None:
    other = app.test_client()
    enter(other, account)
    assert mine.get("/-/account/codes").status_code == 303
    submit(mine, WAYS, "/-/account/codes")
    picture = mine.get("/-/account/codes.png")
    assert picture.content_type == "image/png"
    assert picture.headers["Cache-Control"] == "no-store"
    wrong = submit(mine, "/-/account/codes", "/-/account/codes/confirm", code="12")
    assert wrong.status_code == 401
    assert "check the time of your phone" in alert(read, wrong)
    totp, recovery = turn_on(mine, read)
    assert len(recovery) == 10
    assert not signed_in(other)
    assert signed_in(mine)
    assert mine.get("/-/account/codes.png").status_code == 404
    for url in (WAYS, "/-/account"):
        shown = mine.get(url).text
        assert totp.secret not in shown
        assert recovery[0] not in shown
    assert "10 recovery codes are left" in read(mine.get(WAYS)).text


def test_signing_in_takes_two_requests(
    app: Flask, mine: FlaskClient, read: Any, account: str
) -> None:
    _, recovery = turn_on(mine, read)
    client = app.test_client()
    first = enter(client, account, remember="1", page="some/page", label="Bus")
    assert first.status_code == 200
    assert set(cookies(first)) <= {"wiki_form"}
    assert not signed_in(client)
    page = read(first)
    fields = {one["name"]: one["value"] for one in page.all("input", type="hidden")}
    assert fields["page"] == "some/page"
    assert PASSWORD not in first.text
    code = "/-/sign-in/code"
    wrong = submit(client, "/-/sign-in", code, **_without(fields), code="no code")
    assert wrong.status_code == 401
    assert "This code is not right" in alert(read, wrong)
    assert set(cookies(wrong)) <= {"wiki_form"}
    assert read(wrong).one("input", name="key")["value"] == fields["key"]
    done = submit(client, "/-/sign-in", code, **_without(fields), code=recovery[0])
    assert (done.status_code, done.location) == (303, "/some/page")
    assert {"wiki", "wiki-device"} <= set(cookies(done))
    assert f"Max-Age={30 * 86400}" in cookies(done)["wiki"]
    assert "Bus" in read(client.get(DEVICES)).text
    again = submit(
        app.test_client(), "/-/sign-in", code, **_without(fields), code=recovery[1]
    )
    assert again.status_code == 401
    assert "Begin again" in alert(read, again)


def _without(fields: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in fields.items() if name != "csrf_token"}


def test_codes_are_turned_off_with_a_proof(
    app: Flask, mine: FlaskClient, read: Any, account: str
) -> None:
    turn_on(mine, read)
    off = "/-/account/codes/off"
    for proof, words in (("", "while ago"), ("not it", "neither your password")):
        refused = submit(mine, WAYS, off, proof=proof)
        assert refused.status_code == 401
        assert words in alert(read, refused)
    renewed = submit(mine, WAYS, "/-/account/codes/recovery", proof=PASSWORD)
    assert len(read(renewed).one("pre").text.split()) == 10
    done = submit(mine, WAYS, off, proof=PASSWORD)
    assert "One-time codes are off" in told(read, mine, done)
    assert enter(app.test_client(), account).status_code == 303


def test_without_the_extra_codes_are_not_offered(
    mine: FlaskClient, read: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "One-time codes" in read(mine.get(WAYS)).text
    monkeypatch.setattr("wiki.accounts.second_step.pyotp", None)
    assert "One-time codes" not in read(mine.get(WAYS)).text
    assert submit(mine, WAYS, "/-/account/codes").status_code == 403

"""What administrators are asked for, and who may not come in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from wiki.app import create_app
from wiki.config import load
from wiki.service import Wiki
from wiki.testing import PASSWORD, submit

from .verbs import (
    WAYS,
    alert,
    cookies,
    enter,
    turn_on,
)

ASKED = "Please add a passkey or one-time codes"


def test_r14_administrators_are_asked_for_a_second_step(
    chief: Callable[[str], FlaskClient], read: Any
) -> None:  # R14
    client = chief("asked")
    for url in ("/-/account", WAYS, "/-/admin/"):
        assert ASKED in read(client.get(url)).text
    turn_on(client, read)
    for url in ("/-/account", WAYS, "/-/admin/"):
        assert ASKED not in read(client.get(url)).text


def test_nobody_is_asked_where_that_is_off(
    chief: Callable[[str], FlaskClient], read: Any
) -> None:
    client = chief("off")
    for url in ("/-/account", WAYS, "/-/admin/"):
        assert ASKED not in read(client.get(url)).text


def test_no_admin_page_opens_before_a_second_step(
    chief: Callable[[str], FlaskClient], read: Any
) -> None:
    client = chief("admins")
    for answer in (client.get("/-/admin/"), submit(client, WAYS, "/-/admin/emergency")):
        assert (answer.status_code, answer.location) == (303, WAYS)
    shown = read(client.get(WAYS))
    assert "once you have a passkey or one-time codes" in shown.text
    turn_on(client, read)
    assert client.get("/-/admin/").status_code == 200


def test_where_passwords_stay_on_the_reason_is_shown(tmp_path: Any, read: Any) -> None:
    config = load(tmp_path, {}, {"access.password": False})
    app = create_app(config=config, strict=True, memory=True)
    app.extensions["wiki"].accounts.create_user("chief", "admin", PASSWORD)
    client = app.test_client()
    assert enter(client, "chief").status_code == 303
    assert "passwords stay on" in read(client.get("/-/account")).text


def test_r14_passwords_are_not_switched_off_for_the_last_admin(
    chief: Callable[[str], FlaskClient], read: Any
) -> None:  # R14
    client = chief("off")
    form = "/-/admin/settings/access"
    sent = {"was.access.password": "true", "access.password": "false", "sure": "1"}
    answer = submit(client, form, **sent)
    assert answer.status_code == 422
    assert "passwords stay on" in read(answer).text


def test_who_waits_is_told_so(app: Flask, wiki: Wiki, account: str, read: Any) -> None:
    user_id = wiki.accounts.user_id(account)
    with wiki.accounts._store.writing() as at:
        wiki.accounts._store.change_user(at, user_id, waiting=1)
    client = app.test_client()
    assert "do not belong together" in alert(read, enter(client, account, "wrong one"))
    answer = enter(client, account)
    assert answer.status_code == 403
    assert "waits for an administrator" in alert(read, answer)
    assert "wiki" not in cookies(answer)

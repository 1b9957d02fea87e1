"""Changing the password, and who may open the pages at all."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from wiki.testing import PASSWORD, submit

from .verbs import (
    DEVICES,
    NEW,
    TOKENS,
    WAYS,
    alert,
    enter,
    signed_in,
    told,
)


def test_changing_the_password_ends_other_sessions(
    app: Flask, mine: FlaskClient, read: Any, account: str
) -> None:  # R15
    other = app.test_client()
    enter(other, account)
    change = "/-/account/password"
    wrong = submit(mine, WAYS, change, old_password="not it", password=NEW)
    assert wrong.status_code == 401
    assert "stays as it was" in alert(read, wrong)
    short = submit(mine, WAYS, change, old_password=PASSWORD, password="short")
    assert short.status_code == 422
    assert "8" in alert(read, short)
    common = submit(mine, WAYS, change, old_password=PASSWORD, password="password1")
    assert "Many people use this password" in alert(read, common)
    done = submit(mine, WAYS, change, old_password=PASSWORD, password=NEW)
    assert "Your password is set" in told(read, mine, done)
    assert signed_in(mine)
    assert not signed_in(other)
    assert enter(other, account).status_code == 401
    assert enter(other, account, NEW).status_code == 303


@pytest.mark.parametrize("path", ["/-/account", WAYS, DEVICES, TOKENS])
def test_the_pages_are_for_their_owner(
    mine: FlaskClient, visitor: FlaskClient, path: str
) -> None:
    shown = mine.get(path)
    assert shown.status_code == 200
    assert shown.headers["Cache-Control"] == "no-store"
    assert visitor.get(path).status_code == 401

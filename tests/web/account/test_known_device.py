"""The cookie of a known device."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient

from wiki.testing import submit

from .verbs import (
    cookies,
    enter,
)


def test_r14_the_device_cookie(
    app: Flask, account: str, visitor: FlaskClient
) -> None:  # R14
    for url in ("/", "/-/sign-in", "/-/search"):
        assert "wiki-device" not in cookies(visitor.get(url))
    assert "wiki-device" not in cookies(enter(visitor, account, "wrong password"))
    given = cookies(enter(visitor, account))["wiki-device"]
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(given.split("; "))
    assert f"Max-Age={180 * 86400}" in given
    out = submit(visitor, "/-/account", "/-/sign-out")
    assert "wiki-device" not in cookies(out)
    stranger = app.test_client()
    for _ in range(5):
        assert enter(stranger, account, "wrong password").status_code == 401
    assert enter(stranger, account).status_code == 429
    assert enter(visitor, account).status_code == 303

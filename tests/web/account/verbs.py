"""What people do on the pages of their account, and what they are told."""

from __future__ import annotations

from typing import Any

import pyotp
from flask.testing import FlaskClient

from wiki.testing import PASSWORD, submit

WAYS, DEVICES, TOKENS = (
    "/-/account/sign-in",
    "/-/account/devices",
    "/-/account/tokens",
)
NEW = "a new and long one"


def enter(client: FlaskClient, name: str, password: str = PASSWORD, **more: Any) -> Any:
    return submit(client, "/-/sign-in", name=name, password=password, **more)


def alert(read: Any, response: Any) -> str:
    return str(read(response).one("p", role="alert").text)


def told(read: Any, client: FlaskClient, response: Any) -> str:
    assert response.status_code == 303, response.text
    return str(read(client.get(response.location)).one("p", role="status").text)


def cookies(response: Any) -> dict[str, str]:
    pairs = (one.partition("=") for one in response.headers.getlist("Set-Cookie"))
    return {name: rest for name, _, rest in pairs}


def signed_in(client: FlaskClient) -> bool:
    return bool(client.get("/-/account").status_code == 200)


def turn_on(client: FlaskClient, read: Any) -> tuple[pyotp.TOTP, list[str]]:
    """Turn codes on as a person does; return the phone and the recovery codes."""
    begun = submit(client, WAYS, "/-/account/codes")
    assert begun.location == "/-/account/codes"
    page = read(client.get("/-/account/codes"))
    totp = pyotp.TOTP(page.one("code").text.replace(" ", ""))
    done = submit(
        client, "/-/account/codes", "/-/account/codes/confirm", code=totp.now()
    )
    assert done.status_code == 200, done.text
    return totp, read(done).one("pre").text.split()

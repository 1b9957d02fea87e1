"""One's own account: password, codes, passkeys, devices, tokens, each on its page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient

from wiki.app import create_app
from wiki.config import load
from wiki.service import Wiki
from wiki.testing import PASSWORD, submit

from ..accounts.authenticator import Authenticator

WAYS, DEVICES, TOKENS = (
    "/-/account/sign-in",
    "/-/account/devices",
    "/-/account/tokens",
)
NEW = "a new and long one"


@pytest.fixture
def account(wiki: Wiki, name: str) -> str:
    """Return the name of an editor with a password."""
    wiki.accounts.create_user(name, "editor", PASSWORD)
    return name


def enter(client: FlaskClient, name: str, password: str = PASSWORD, **more: Any) -> Any:
    return submit(client, "/-/sign-in", name=name, password=password, **more)


@pytest.fixture
def mine(app: Flask, account: str) -> FlaskClient:
    """Return the browser of somebody who has just signed in."""
    client = app.test_client()
    assert enter(client, account, label="Desk at home").status_code == 303
    return client


@pytest.fixture
def later(wiki: Wiki, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Return ``later(minutes)``: lets the clock of accounts go on."""
    now = wiki.accounts._now

    def go_on(minutes: int) -> None:
        monkeypatch.setattr(wiki.accounts, "_now", lambda: now() + minutes * 60_000)

    return go_on


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


# -- password


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


# -- known device


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


# -- where one is signed in


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


# -- tokens


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


# -- one-time codes


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


# -- passkeys


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


# -- administrators


@pytest.fixture
def chief(tmp_path: Any) -> Callable[[str], FlaskClient]:
    """Return ``chief(setting)``: an administrator of a wiki of its own."""

    def make(setting: str) -> FlaskClient:
        config = load(tmp_path, {}, {"access.second_factor": setting})
        app = create_app(config=config, strict=True, memory=True)
        app.extensions["wiki"].accounts.create_user("chief", "admin", PASSWORD)
        client = app.test_client()
        assert enter(client, "chief").status_code == 303
        return client

    return make


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
    sent = {"access.password": "false", "sure": "1"}
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

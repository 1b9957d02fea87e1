"""Signing in with an account elsewhere, against a real provider and lying ones."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient

from wiki.accounts import Accounts
from wiki.app import create_app
from wiki.config import load
from wiki.errors import StartError
from wiki.model.actor import person
from wiki.service import Wiki
from wiki.testing import PASSWORD, SAME_SITE, TOKEN, submit

from ..openid_provider import CLIENT, SECRET, TWISTS, OpenIdProvider, serving

UNCLEAR = "could not be checked"
LABEL = "House Keys"
HARMLESS = {"a little late", "a little early", "odd name", "no name"}
LIES = sorted(set(TWISTS) - HARMLESS)


@pytest.fixture(scope="module")
def running() -> Iterator[OpenIdProvider]:
    with serving(OpenIdProvider()) as provider:
        yield provider


@pytest.fixture
def provider(running: OpenIdProvider) -> Iterator[OpenIdProvider]:
    """Give a provider that tells the truth until a test says otherwise."""
    running.subject, running.name, running.twist = "subject-1", "Bo Elsewhere", ""
    running.asked.clear()
    yield running
    running.twist = ""


@pytest.fixture
def make(provider: OpenIdProvider, tmp_path: Any) -> Iterator[Callable[..., Flask]]:
    """Return ``make(**access)``: a wiki that trusts the provider."""
    made: list[Flask] = []

    def begin(**access: str) -> Flask:
        keys = {
            "oidc_issuer": provider.issuer,
            "oidc_client": CLIENT,
            "oidc_secret": SECRET,
            "oidc_label": LABEL,
            "oidc_join": "open",
            **access,
        }
        overrides = {f"access.{name}": value for name, value in keys.items()}
        overrides["limits.writes_per_minute"] = 10**6
        config = load(tmp_path, {}, overrides)
        made.append(create_app(config=config, strict=True, memory=True))
        return made[-1]

    yield begin
    for app in made:
        app.extensions["wiki"].close()


@pytest.fixture
def app(make: Callable[..., Flask]) -> Flask:
    return make()


@pytest.fixture
def wiki(app: Flask) -> Wiki:
    found: Wiki = app.extensions["wiki"]
    return found


def leave(client: FlaskClient, page: str = "") -> str:
    """Press the button of the sign-in page; return where the browser is led."""
    gone = submit(client, "/-/sign-in", "/-/openid", page=page)
    assert gone.status_code == 200, gone.text
    return str(gone.headers["Refresh"].removeprefix("0; url="))


def there(url: str) -> str:
    """Sign in at the provider; return the path that it sends the browser back to."""
    answer = requests.get(url, allow_redirects=False, timeout=10)
    assert answer.status_code == 302, answer.text
    return "/" + answer.headers["Location"].split("/", 3)[3]


def sign_in(client: FlaskClient, page: str = "") -> Any:
    return client.get(there(leave(client, page)))


def join(client: FlaskClient, name: str = "Bo", **more: str) -> Any:
    """Come from the provider for the first time and choose a name."""
    assert sign_in(client).location == "/-/openid/join"
    return submit(client, "/-/openid/join", name=name, **more)


def who(client: FlaskClient, read: Any) -> str:
    found = read(client.get("/-/search")).all("a", href="/-/account")
    return found[0].text if found else ""


def told(read: Any, response: Any) -> str:
    text: str = read(response).all("p", role="alert")[0].text
    return text


# -- the way there and back


def test_somebody_new_joins_and_comes_back(
    app: Flask, wiki: Wiki, read: Any, provider: OpenIdProvider
) -> None:
    client = app.test_client()
    first = sign_in(client)
    assert (first.status_code, first.location) == (303, "/-/openid/join")
    assert who(client, read) == ""
    form = read(client.get("/-/openid/join"))
    assert form.one("input", id="name")["value"] == "Bo Elsewhere"
    done = submit(client, "/-/openid/join", name="A Pseudonym")
    assert (done.status_code, done.location) == (303, "/")
    assert who(client, read) == "A Pseudonym"
    (user,) = wiki.accounts.list_users()
    assert (user.name, user.role, user.has_password) == ("A Pseudonym", "member", False)
    again = app.test_client()
    done = sign_in(again, page="guides/a b")
    assert (done.status_code, done.location) == (303, "/guides/a%20b")
    assert who(again, read) == "A Pseudonym"


def test_what_leaves_this_wiki(app: Flask, read: Any, provider: OpenIdProvider) -> None:
    client = app.test_client()
    page = submit(client, "/-/sign-in", "/-/openid")
    url = page.headers["Refresh"].removeprefix("0; url=")
    assert read(page).one("a", rel="noreferrer")["href"] == url
    asked = {name: value[0] for name, value in parse_qs(urlsplit(url).query).items()}
    assert set(asked) == {
        "response_type", "client_id", "redirect_uri", "scope", "state", "nonce",
        "code_challenge", "code_challenge_method",
    }  # fmt: skip
    assert asked["scope"] == "openid profile"
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == "http://localhost/-/openid/back"
    assert min(len(asked[name]) for name in ("state", "nonce")) >= 43


def test_nothing_but_the_subject_is_kept(
    make: Callable[..., Flask], provider: OpenIdProvider, tmp_path: Any
) -> None:  # P12
    app = make(oidc_join="approve")
    client = app.test_client()
    join(client, "A Pseudonym", about="Hello")
    path = app.extensions["wiki"].accounts._store.path
    app.extensions["wiki"].close()
    kept = b"".join(one.read_bytes() for one in path.parent.glob("private.db*"))
    assert b"subject-1" in kept
    for canary in (b"canary", b"Elsewhere"):
        assert canary not in kept


def test_only_the_issuer_is_asked(app: Flask, provider: OpenIdProvider) -> None:  # R16
    sign_in(app.test_client())
    assert set(provider.asked) == {
        "/.well-known/openid-configuration", "/authorize", "/token", "/jwks",
    }  # fmt: skip


def test_behind_a_name(make: Callable[..., Flask], tmp_path: Any, read: Any) -> None:
    (tmp_path / "wiki.toml").write_text('[site]\nurl = "https://wiki.example.org"\n')
    client = make().test_client()
    base = "https://wiki.example.org"
    token = TOKEN.search(client.get("/-/sign-in", base_url=base).text)
    assert token
    gone = client.post(
        "/-/openid",
        base_url=base,
        headers=SAME_SITE,
        data={"csrf_token": token.group(1)},
    )
    url = gone.headers["Refresh"].removeprefix("0; url=")
    back = parse_qs(urlsplit(url).query)["redirect_uri"]
    assert back == ["https://wiki.example.org/-/openid/back"]
    done = client.get(there(url), base_url=base)
    assert done.location == "/-/openid/join"


@pytest.mark.parametrize(
    "page", ["//evil.example", "https://evil.example", "/\\evil.example", "-/sign-out"]
)
def test_afterwards_one_stays_here(app: Flask, page: str) -> None:  # R16
    client = app.test_client()
    join(client)
    done = sign_in(app.test_client(), page=page)
    assert done.status_code == 303
    assert done.location.startswith("/")
    assert done.location[1:2] not in {"/", "\\"}


# -- who is new here


def test_new_people_may_have_to_wait(
    make: Callable[..., Flask], read: Any, provider: OpenIdProvider
) -> None:
    app = make(oidc_join="approve", join_role="editor")
    accounts: Accounts = app.extensions["wiki"].accounts
    done = join(app.test_client(), about="Mara sent me")
    assert (done.status_code, done.location) == (303, "/-/join/thanks")
    boss = person(accounts.create_user("boss", "admin"), "boss", "admin")
    (row,) = accounts.list_waiting(boss)
    assert (row.name, row.asked) == ("Bo", "Mara sent me")
    waits = sign_in(app.test_client())
    assert waits.status_code == 403
    assert "waits for an administrator" in told(read, waits)
    accounts.let_in(row.id, by=boss)
    client = app.test_client()
    assert sign_in(client).status_code == 303
    assert who(client, read) == "Bo"


@pytest.mark.parametrize("access", [{"oidc_join": "closed"}, {"join": "closed"}])
def test_new_people_may_have_to_stay_out(
    make: Callable[..., Flask], read: Any, access: dict[str, str]
) -> None:
    client = make(**access).test_client()
    refused = sign_in(client)
    assert refused.status_code == 403
    assert "invitation" in told(read, refused)
    assert client.get("/-/openid/join").status_code == 404


@pytest.mark.parametrize("name", ["the boss", "(wiki)", "", "x" * 65])
def test_names_that_cannot_be_used_read_the_same(
    app: Flask, wiki: Wiki, read: Any, name: str
) -> None:  # R14
    wiki.accounts.create_user("the boss", "admin")
    refused = join(app.test_client(), name)
    assert refused.status_code == 400
    assert told(read, refused).startswith("This name cannot be used.")


def test_a_name_never_connects(app: Flask, wiki: Wiki, read: Any) -> None:
    """Whoever is called like somebody here does not become them."""
    wiki.accounts.create_user("Bo Elsewhere", "admin", PASSWORD)
    client = app.test_client()
    assert sign_in(client).location == "/-/openid/join"
    assert submit(client, "/-/openid/join", name="Bo Elsewhere").status_code == 400
    assert who(client, read) == ""


def test_joining_twice_opens_one_account(app: Flask, wiki: Wiki) -> None:
    one, two = app.test_client(), app.test_client()
    assert sign_in(one).location == sign_in(two).location == "/-/openid/join"
    assert submit(one, "/-/openid/join", name="Bo").status_code == 303
    second = submit(two, "/-/openid/join", name="Bo 2")
    assert second.status_code == 404
    assert "already" in second.text
    assert len(wiki.accounts.list_users()) == 1


def test_joining_without_having_been_there(app: Flask, wiki: Wiki) -> None:
    client = app.test_client()
    assert client.get("/-/openid/join").status_code == 404
    refused = submit(client, "/-/sign-in", "/-/openid/join", name="x", subject="y")
    assert refused.status_code == 404
    assert wiki.accounts.list_users() == []


def test_a_closed_account_stays_closed(app: Flask, wiki: Wiki, read: Any) -> None:
    join(app.test_client())
    wiki.accounts.create_user("boss", "admin")
    wiki.accounts.close_user(wiki.accounts.user_id("Bo"))
    client = app.test_client()
    refused = sign_in(client)
    assert refused.status_code == 403
    assert "closed" in told(read, refused)
    assert who(client, read) == ""


# -- answers that are refused


@pytest.mark.parametrize(
    "twist",
    [
        *sorted(set(TWISTS) - HARMLESS),
        "other key",
        "no keys",
        "other name",
        "unprotected",
    ],
)
def test_answers_that_are_not_believed(
    make: Callable[..., Flask], read: Any, provider: OpenIdProvider, twist: str
) -> None:  # R14
    app = make()
    join(app.test_client())
    provider.twist = twist
    client = make().test_client()
    if twist in {"other name", "unprotected"}:
        refused = submit(client, "/-/sign-in", "/-/openid")
    else:
        refused = sign_in(client)
    assert refused.status_code == 400, refused.text
    assert UNCLEAR in told(read, refused)
    assert "Error" not in refused.text
    assert who(client, read) == ""


@pytest.mark.parametrize("twist", ["a little late", "a little early"])
def test_clocks_may_differ_by_two_minutes(
    app: Flask, provider: OpenIdProvider, twist: str
) -> None:
    provider.twist = twist
    assert sign_in(app.test_client()).location == "/-/openid/join"


@pytest.mark.parametrize(("twist", "suggested"), [("odd name", "<b>"), ("no name", "")])
def test_a_suggested_name_is_text(
    app: Flask, read: Any, provider: OpenIdProvider, twist: str, suggested: str
) -> None:  # R1
    provider.twist = twist
    client = app.test_client()
    sign_in(client)
    field = read(client.get("/-/openid/join")).one("input", id="name")
    assert field["value"].startswith(suggested)
    assert len(field["value"]) <= 64
    assert "\u202e" not in field["value"]


@pytest.mark.parametrize("twist", ["error", "moved", "huge"])
def test_a_provider_that_does_not_work(
    make: Callable[..., Flask], read: Any, provider: OpenIdProvider, twist: str
) -> None:
    client = make().test_client()
    url = leave(client)
    back = there(url)
    provider.twist = twist
    refused = client.get(back)
    assert refused.status_code == 503
    assert "cannot be reached" in told(read, refused)
    assert who(client, read) == ""


def test_a_provider_that_is_not_there(make: Callable[..., Flask], read: Any) -> None:
    client = make(oidc_issuer="http://127.0.0.1:1").test_client()
    refused = submit(client, "/-/sign-in", "/-/openid", page="a page")
    assert refused.status_code == 503
    assert LABEL in told(read, refused)
    assert read(refused).all("input", name="page")[0]["value"] == "a page"


def test_a_provider_that_takes_too_long(
    make: Callable[..., Flask],
    read: Any,
    provider: OpenIdProvider,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("wiki.accounts.openid._SECONDS", 0.5)
    provider.twist = "slow"
    refused = submit(make().test_client(), "/-/sign-in", "/-/openid")
    assert refused.status_code == 503


def test_somebody_who_says_no_there(
    app: Flask, read: Any, provider: OpenIdProvider
) -> None:
    provider.twist = "denied"
    refused = sign_in(app.test_client())
    assert refused.status_code == 403
    assert f"not signed in with “{LABEL}”" in told(read, refused)


# -- coming back in another way


def test_an_answer_works_once(app: Flask, read: Any) -> None:
    join(app.test_client())
    client = app.test_client()
    before = leave(client)
    kept = client.get_cookie("wiki_form")
    assert kept
    back = there(before)
    assert client.get(back).status_code == 303
    # The same browser, with its cookie as it was: the state is used up.
    thief = app.test_client()
    thief.set_cookie("wiki_form", kept.value)
    replayed = thief.get(back)
    assert replayed.status_code == 400
    assert "Begin again" in told(read, replayed)
    assert who(thief, read) == ""


@pytest.mark.parametrize("state", ["", "x", "é", "x" * 5000, None])
def test_a_wrong_state_is_refused(app: Flask, read: Any, state: str | None) -> None:
    client = app.test_client()
    back = there(leave(client))
    code = parse_qs(urlsplit(back).query)["code"][0]
    query = {"code": code} | ({} if state is None else {"state": state})
    refused = client.get("/-/openid/back", query_string=query)
    assert refused.status_code == 400
    assert "Begin again" in told(read, refused)
    # And the right one does not work after that.
    assert client.get(back).status_code == 400


def test_another_browser_does_not_finish_it(app: Flask, read: Any) -> None:  # R13
    back = there(leave(app.test_client()))
    victim = app.test_client()
    refused = victim.get(back)
    assert refused.status_code == 400
    assert who(victim, read) == ""
    other = app.test_client()
    leave(other)
    assert other.get(back).status_code == 400


def test_an_answer_of_another_issuer_is_refused(app: Flask, read: Any) -> None:
    client = app.test_client()
    back = there(leave(client)) + "&iss=https%3A%2F%2Fevil.example"
    refused = client.get(back)
    assert refused.status_code == 400
    assert UNCLEAR in told(read, refused)


def test_it_does_not_wait_for_ever(
    app: Flask, read: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = app.test_client()
    back = there(leave(client))
    now = time.time()
    monkeypatch.setattr("wiki.web.openid.time.time", lambda: now + 601)
    assert client.get(back).status_code == 400


def test_it_begins_with_a_form_alone(
    app: Flask, provider: OpenIdProvider
) -> None:  # R13
    client = app.test_client()
    assert client.get("/-/openid").status_code == 404
    assert client.post("/-/openid", headers=SAME_SITE).status_code == 400
    assert client.post("/-/openid").status_code == 400
    assert provider.asked == []


# -- from within an account


@pytest.fixture
def ana(app: Flask, wiki: Wiki) -> FlaskClient:
    """Somebody with an account and a password, signed in."""
    wiki.accounts.create_user("Ana", "editor", PASSWORD)
    client = app.test_client()
    submit(client, "/-/sign-in", name="Ana", password=PASSWORD)
    return client


def connect(client: FlaskClient, **form: str) -> Any:
    gone = submit(client, "/-/account/openid", **form)
    if gone.status_code != 200:
        return gone
    return client.get(there(gone.headers["Refresh"].removeprefix("0; url=")))


def test_an_account_is_connected_and_disconnected(
    app: Flask, ana: FlaskClient, read: Any, wiki: Wiki
) -> None:
    assert "/-/account/openid" in read(ana.get("/-/account/sign-in")).links()
    done = connect(ana)
    assert (done.status_code, done.location) == (303, "/-/account/sign-in")
    assert "connected" in read(ana.get(done.location)).one("p", role="status").text
    other = app.test_client()
    assert sign_in(other).location == "/"
    assert who(other, read) == "Ana"
    gone = submit(ana, "/-/account/openid", "/-/account/openid/end")
    assert gone.status_code == 303
    assert sign_in(app.test_client()).location == "/-/openid/join"
    kinds = [act.kind for act in wiki.accounts.audit.acts(limit=2)]
    assert kinds == ["account.provider_off", "account.provider"]
    again = submit(ana, "/-/account/openid", "/-/account/openid/end")
    assert again.status_code == 404


def test_connecting_needs_a_fresh_proof(
    app: Flask, ana: FlaskClient, wiki: Wiki, read: Any, monkeypatch: Any
) -> None:
    later = wiki.accounts._now() + 16 * 60_000
    monkeypatch.setattr(wiki.accounts, "_now", lambda: later)
    for proof in ("", "wrong password"):
        refused = submit(ana, "/-/account/openid", proof=proof)
        assert refused.status_code == 401
        assert "Refresh" not in refused.headers
    assert connect(ana, proof=PASSWORD).status_code == 303


def test_an_account_elsewhere_belongs_to_one(
    app: Flask, ana: FlaskClient, wiki: Wiki
) -> None:
    join(app.test_client(), "Bo")
    refused = connect(ana)
    assert refused.status_code == 403
    assert "another one here" in refused.text
    assert not wiki.accounts.is_connected(
        person(wiki.accounts.user_id("Ana"), "Ana", "editor")
    )


def test_somebody_else_does_not_finish_a_connection(
    app: Flask, ana: FlaskClient, wiki: Wiki
) -> None:
    gone = submit(ana, "/-/account/openid")
    back = there(gone.headers["Refresh"].removeprefix("0; url="))
    submit(ana, "/-/account", "/-/sign-out")
    assert ana.get(back).status_code == 400


def test_the_only_way_in_stays(app: Flask, wiki: Wiki, read: Any) -> None:
    client = app.test_client()
    join(client)
    refused = submit(client, "/-/account/openid", "/-/account/openid/end")
    assert refused.status_code == 403
    assert "Set a password first" in told(read, refused)
    assert sign_in(app.test_client()).location == "/"


# -- without a provider


def test_without_a_provider_nothing_of_it_is_there(
    make: Callable[..., Flask], read: Any
) -> None:
    app = make(oidc_issuer="")
    client = app.test_client()
    assert "openid" not in client.get("/-/sign-in").text
    for url in ("/-/openid/back?state=x&code=y", "/-/openid/join"):
        assert client.get(url).status_code == 404
    assert submit(client, "/-/sign-in", "/-/openid").status_code == 404


@pytest.mark.parametrize(
    "issuer",
    ["http://id.example.org", "id.example.org", "https://", "https://u:p@id.example.org",
     "https://id.example.org/?x", "https://id.example.org/#x", "ftp://id.example.org"],
)  # fmt: skip
def test_issuers_that_are_refused(tmp_path: Any, issuer: str) -> None:
    overrides = {"access.oidc_issuer": issuer, "access.oidc_client": "x"}
    with pytest.raises(StartError, match="provider's address"):
        load(tmp_path, {}, overrides)


def test_the_secret_comes_by_the_environment_alone(tmp_path: Any) -> None:  # P8
    environ = {"WIKI_ACCESS_OIDC_SECRET": "canary"}
    config = load(tmp_path, environ)
    assert config.access.oidc_secret == "canary"
    assert "canary" not in repr(config)
    (tmp_path / "wiki.toml").write_text('[access]\noidc_secret = "canary"\n')
    with pytest.raises(StartError, match="WIKI_ACCESS_OIDC_SECRET") as refused:
        load(tmp_path, {})
    assert "canary" not in str(refused.value)

"""Joining in the browser: invitations, open registration, asking, being let in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from wiki.service import Wiki
from wiki.testing import PASSWORD, SAME_SITE, submit

from ..mail_server import Box, serving
from .joining import Make, making, path_of, told, who

NAME_TAKEN = "This name cannot be used."


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a form be sent as soon as it was shown."""
    monkeypatch.setattr("wiki.web.people_or_programs.LEAST_SECONDS", 0)


@pytest.fixture
def make(tmp_path: Any) -> Iterator[Make]:
    with making(tmp_path) as made:
        yield made


@pytest.fixture
def as_admin() -> Callable[[Flask], FlaskClient]:
    """Return ``as_admin(app)``: the browser of an administrator called chief."""

    def sign_in(app: Flask) -> FlaskClient:
        app.extensions["wiki"].accounts.create_user("chief", "admin", PASSWORD)
        client = app.test_client()
        submit(client, "/-/sign-in", name="chief", password=PASSWORD)
        return client

    return sign_in


def ask(client: FlaskClient, name: str = "Bo", **more: Any) -> Any:
    """Fill in the form of joining as a person does."""
    shown = client.get("/-/join")
    return send(client, shown.text, name=name, **more)


def send(client: FlaskClient, html: str, **fields: Any) -> Any:
    """Send a form of joining that was shown."""
    hidden = {
        name: html.split(f'name="{name}" value="', 1)[1].split('"', 1)[0]
        for name in ("csrf_token", "shown")
    }
    form = {**hidden, "password": PASSWORD, "homepage": "", **fields}
    return client.post("/-/join", data=form, headers=SAME_SITE)


# -- invitations


def invited(response: Any, read: Any) -> str:
    return path_of(read(response).one("input", id="link")["value"])


def test_an_invitation_opens_one_account(
    app: Flask, people: Callable[[str], FlaskClient], read: Any, wiki: Wiki, name: str
) -> None:
    moderator = people("moderator")
    offered = read(moderator.get("/-/invite")).all("input", name="role")
    assert [one["value"] for one in offered] == ["member", "editor", "moderator"]
    made = submit(moderator, "/-/invite", role="member", uses="1", days="7")
    path = invited(made, read)
    assert made.headers["Cache-Control"] == "no-store"
    guest = app.test_client()
    assert guest.get(path).status_code == 200
    taken = submit(guest, path, name="the moderator", password=PASSWORD)
    odd = submit(guest, path, name="(wiki)", password=PASSWORD)
    assert taken.status_code == odd.status_code == 400
    assert told(read, taken) == told(read, odd)
    assert told(read, odd).startswith(NAME_TAKEN)
    weak = submit(guest, path, name=name, password="password")
    assert weak.status_code == 422
    assert read(weak).one("input", id="name")["value"] == name
    assert "value" not in read(weak).one("input", id="password").attrs
    done = submit(guest, path, name=name, password=PASSWORD, role="admin")
    assert done.status_code == 303, done.text
    assert who(guest, read) == name
    assert {r.name: r.role for r in wiki.accounts.list_users()}[name] == "member"
    again = app.test_client()
    assert again.get(path).status_code == 404
    assert "used or is too old" in again.get(path).text
    late = submit(again, "/-/sign-in", path, name="y", password=PASSWORD)
    assert late.status_code == 404


def test_an_invitation_is_made_listed_and_ended(
    app: Flask, people: Callable[[str], FlaskClient], read: Any, wiki: Wiki, name: str
) -> None:
    wiki.accounts.groups.add(name)
    admin, moderator = people("admin"), people("moderator")
    form = {"role": "editor", "uses": "3", "days": "2", "label": f"for {name}"}
    made = submit(admin, "/-/invite", group=name, **form)
    page = read(made)
    assert "works for 3 people, and for 2 days" in page.one("div", role="status").text
    path = invited(made, read)
    handout = page.one("textarea", id="handout").value
    assert path in handout
    # Only now: the list holds no secret.
    assert path.rpartition("/")[2] not in admin.get("/-/invite").text
    joining = read(app.test_client().get(path))
    assert f"You will be in: {name}" in joining.text
    listed = read(admin.get("/-/admin/invitations"))
    row = next(li for li in listed.all("li") if f"for {name}" in li.text)
    assert "for 3 more people" in row.text
    assert "made by the admin" in row.text
    assert f"for {name}" not in moderator.get("/-/invite").text
    assert moderator.get("/-/admin/invitations").status_code == 403
    key = row.one("input", name="key")["value"]
    stolen = submit(moderator, "/-/invite", "/-/invite/end", key=key)
    assert stolen.status_code == 404
    assert app.test_client().get(path).status_code == 200
    ended = submit(admin, "/-/admin/invitations", "/-/admin/invitations/end", key=key)
    assert ended.status_code == 303
    assert app.test_client().get(path).status_code == 404
    twice = submit(admin, "/-/invite", "/-/invite/end", key=key)
    assert twice.status_code == 404
    assert "ended already" in twice.text


@pytest.mark.parametrize("key", ["", "x", "é", "00" * 32, "0" * 10_000])
def test_keys_of_no_invitation(people: Callable[[str], FlaskClient], key: str) -> None:
    admin = people("admin")
    assert submit(admin, "/-/invite", "/-/invite/end", key=key).status_code == 404


@pytest.mark.parametrize("role", ["admin", "owner", "", "visitor"])
def test_nobody_invites_above_their_own_role(
    people: Callable[[str], FlaskClient], read: Any, role: str
) -> None:  # R14
    form = {"role": role, "uses": "1", "days": "7", "label": "kept"}
    response = submit(people("moderator"), "/-/invite", **form)
    assert response.status_code in {400, 403}
    assert "/-/join/" not in response.text
    assert told(read, response)
    assert read(response).one("input", id="label")["value"] == "kept"


@pytest.mark.parametrize(
    ("uses", "days"),
    [("0", "7"), ("501", "7"), ("1", "366"), ("", "7"), ("x", "7"), ("1", "-1"),
     ("9" * 30, "7"), ("٣", "7")],
)  # fmt: skip
def test_numbers_that_are_refused(
    people: Callable[[str], FlaskClient], read: Any, uses: str, days: str
) -> None:
    form = {"role": "member", "uses": uses, "days": days}
    response = submit(people("admin"), "/-/invite", **form)
    assert response.status_code == 400
    assert "Choose a number" in told(read, response)
    assert read(response).one("input", id="uses")["value"] == uses


def test_a_group_that_is_not_own_is_refused(
    people: Callable[[str], FlaskClient], read: Any, wiki: Wiki, name: str
) -> None:  # P4
    wiki.accounts.groups.add(name)
    moderator = people("moderator")
    assert name not in moderator.get("/-/invite").text
    form = {"role": "member", "uses": "1", "days": "7", "group": name}
    response = submit(moderator, "/-/invite", **form)
    assert response.status_code == 403
    assert "look after" in told(read, response)
    assert "/-/join/" not in response.text


def test_a_steward_invites_to_the_own_group(
    app: Flask, read: Any, wiki: Wiki, name: str
) -> None:
    wiki.accounts.groups.add(name)
    user_id = wiki.accounts.create_user(f"steward of {name}", "member", PASSWORD)
    wiki.accounts.groups.put_in(name, user_id)
    wiki.accounts.groups.set_steward(name, user_id, True)
    client = app.test_client()
    submit(client, "/-/sign-in", name=f"steward of {name}", password=PASSWORD)
    page = read(client.get("/-/invite"))
    assert [one["value"] for one in page.all("input", name="role")] == ["member"]
    assert "checked" in page.one("input", name="group", value=name).attrs
    form = {"role": "member", "uses": "1", "days": "7"}
    assert submit(client, "/-/invite", **form).status_code == 400
    made = submit(client, "/-/invite", group=name, **form)
    guest = app.test_client()
    submit(guest, invited(made, read), name=f"new {name}", password=PASSWORD)
    rows = {row.name: row.groups for row in wiki.accounts.list_users()}
    assert rows[f"new {name}"] == {name}


@pytest.mark.parametrize("role", ["visitor", "member", "editor"])
def test_who_may_not_invite(people: Callable[[str], FlaskClient], role: str) -> None:
    client = people(role)
    status = 401 if role == "visitor" else 403
    assert client.get("/-/invite").status_code == status
    source = "/-/sign-in" if role == "visitor" else "/-/account"
    form = {"role": "member", "uses": "1", "days": "7"}
    assert submit(client, source, "/-/invite", **form).status_code == status


def test_an_old_form_of_an_invitation_keeps_the_name(
    app: Flask, wiki: Wiki, people: Callable[[str], FlaskClient], read: Any
) -> None:
    made = submit(people("admin"), "/-/invite", role="member", uses="1", days="7")
    path, client = invited(made, read), app.test_client()
    form = {"csrf_token": "old", "name": "Zoë", "password": PASSWORD}
    response = client.post(path, data=form, headers=SAME_SITE)
    assert response.status_code == 400
    assert read(response).one("input", id="name")["value"] == "Zoë"
    assert PASSWORD not in response.text


@pytest.mark.parametrize("bad", ["x", "é", "x" * 5000, "%00", "cgw_" + "a" * 43])
def test_links_that_are_none(visitor: FlaskClient, bad: str) -> None:
    for url in (f"/-/reset/{bad}", f"/-/join/{bad}", f"/-/setup?key={bad}"):
        assert visitor.get(url).status_code == 404, url


# -- by oneself


@pytest.mark.parametrize("mode", ["invite", "closed"])
def test_nobody_joins_by_themselves_unless_they_may(
    make: Make, read: Any, mode: str
) -> None:
    client = make(access__join=mode).test_client()
    assert client.get("/-/join").status_code == 403
    assert "invitation" in client.get("/-/join").text
    assert "/-/join" not in str(read(client.get("/-/sign-in")).links())
    sent = submit(client, "/-/sign-in", "/-/join", name="Bo", password=PASSWORD)
    assert sent.status_code == 403


def test_somebody_opens_an_account(make: Make, read: Any, patient: None) -> None:
    app = make(access__join="open", access__join_role="editor")
    client = app.test_client()
    links = read(client.get("/-/sign-in?page=guides/a")).links()
    assert "/-/join?page=guides/a" in links
    form = client.get("/-/join?page=guides/a")
    page = read(form)
    assert page.one("input", name="page")["value"] == "guides/a"
    trap = page.one("input", name="homepage")
    assert (trap["tabindex"], trap["autocomplete"]) == ("-1", "off")
    assert page.all("textarea") == page.all("input", name="email") == []
    done = send(client, form.text, name="Bo", page="guides/a", role="admin")
    assert (done.status_code, done.location) == (303, "/guides/a")
    assert who(client, read) == "Bo"
    (user,) = app.extensions["wiki"].accounts.list_users()
    assert user.role == "editor"
    # Whoever has an account needs no other.
    assert client.get("/-/join").location == "/-/account"


@pytest.mark.parametrize("mode", ["open", "approve"])
def test_names_taken_and_names_not_allowed_read_the_same(
    make: Make, read: Any, patient: None, mode: str
) -> None:  # R14
    app = make(access__join=mode)
    app.extensions["wiki"].accounts.create_user("Ana", "admin")
    answers = [
        ask(app.test_client(), name, about="kept") for name in ("ANA", "(wiki)", "a/b")
    ]
    assert {one.status_code for one in answers} == {400}
    assert len({told(read, one) for one in answers}) == 1
    assert told(read, answers[0]).startswith(NAME_TAKEN)


def test_a_refused_form_keeps_what_was_typed(
    make: Make, read: Any, patient: None
) -> None:
    client = make(access__join="approve").test_client()
    long = "<b>About</b>\nme " + "x" * 500
    for fields in ({"password": "short"}, {"about": long}):
        response = ask(client, "Zoë <i>", **{"about": "<b>About</b>\nme", **fields})
        page = read(response)
        assert response.status_code == 422
        assert page.one("input", id="name")["value"] == "Zoë <i>"
        assert page.one("textarea", id="about").value.startswith("<b>About</b>\nme")
        assert "value" not in page.one("input", id="password").attrs
    form = {"csrf_token": "old", "name": "Zoë", "about": "kept", "shown": "x"}
    old = client.post("/-/join", data=form, headers=SAME_SITE)
    assert old.status_code == 400
    assert read(old).one("textarea", id="about").value == "kept"


@pytest.mark.parametrize(
    "to", ["//evil.example", "https://evil.example", "/\\evil.example", "-/sign-out"]
)
def test_after_joining_one_stays_here(
    make: Make, patient: None, to: str
) -> None:  # R16
    done = ask(make(access__join="open").test_client(), page=to)
    assert done.status_code == 303
    assert done.location.startswith("/")
    assert done.location[1:2] not in {"/", "\\"}


# -- programs


def test_a_program_that_fills_in_everything_gets_nowhere(
    make: Make, read: Any, patient: None
) -> None:
    app = make(access__join="approve")
    robot, person = app.test_client(), app.test_client()
    caught = ask(robot, "Robot", homepage="https://spam.example", about="Buy!")
    honest = ask(person, "Bo")
    assert (caught.status_code, caught.location) == (
        honest.status_code,
        honest.location,
    )
    assert robot.get(caught.location).text == person.get(honest.location).text
    assert [u.name for u in app.extensions["wiki"].accounts.list_users()] == ["Bo"]
    opened = make(access__join="open")
    caught = ask(opened.test_client(), "Robot", homepage="x")
    assert caught.status_code == 400
    assert "by hand" in told(read, caught)
    assert opened.extensions["wiki"].accounts.list_users() == []


@pytest.mark.parametrize("mode", ["open", "approve"])
def test_a_form_sent_at_once_is_kept_and_asked_for_again(
    make: Make, read: Any, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make(access__join=mode)
    client = app.test_client()
    shown = client.get("/-/join")
    quick = send(client, shown.text, name="Bo")
    assert quick.status_code == 400
    assert "quicker than people type" in told(read, quick)
    page = read(quick)
    assert page.one("input", id="name")["value"] == "Bo"
    # The time counts from the first look, so that pressing again is enough.
    first = read(shown).one("input", name="shown")["value"]
    assert page.one("input", name="shown")["value"] == first
    monkeypatch.setattr("wiki.web.people_or_programs.LEAST_SECONDS", -1)
    assert send(client, quick.text, name="Bo").status_code == 303


@pytest.mark.parametrize("stamp", ["", "form.x.y", "é", "x" * 9999])
def test_a_made_up_time_is_no_time(
    make: Make, read: Any, patient: None, stamp: str
) -> None:
    app = make(access__join="open")
    response = ask(app.test_client(), shown=stamp)
    assert response.status_code == 400
    assert app.extensions["wiki"].accounts.list_users() == []


def test_five_accounts_an_hour_from_one_network(
    make: Make, read: Any, patient: None
) -> None:
    app = make(access__join="open")
    for n in range(5):
        assert ask(app.test_client(), f"Bo {n}").status_code == 303
    refused = ask(app.test_client(), "Bo 5")
    assert refused.status_code == 429
    assert "network" in told(read, refused)
    assert read(refused).one("input", id="name")["value"] == "Bo 5"


# -- asking and being let in


def test_somebody_asks_and_is_let_in(
    make: Make, read: Any, patient: None, as_admin: Callable[[Flask], FlaskClient]
) -> None:
    app = make(access__join="approve")
    client, admin = app.test_client(), as_admin(app)
    assert read(client.get("/-/sign-in")).links()["/-/join"] == "Ask to join"
    done = ask(client, "Bo", about="Mara sent me.\n<script>x</script>")
    assert (done.status_code, done.location) == (303, "/-/join/thanks")
    assert "An administrator looks at it" in read(client.get(done.location)).text
    assert who(client, read) == ""
    early = submit(client, "/-/sign-in", name="Bo", password=PASSWORD)
    assert early.status_code == 403
    assert "waits for an administrator" in early.text
    page = read(admin.get("/-/admin/waiting"))
    assert "Mara sent me. <script>x</script>" in page.one("blockquote").text
    form = page.one("form", class_="row")
    let_in = submit(admin, "/-/admin/waiting", form["action"], role="editor")
    assert let_in.status_code == 303
    assert "Let in" in read(admin.get("/-/admin/waiting")).one("p", role="status").text
    done = submit(client, "/-/sign-in", name="Bo", password=PASSWORD)
    assert done.status_code == 303
    twice = submit(admin, "/-/admin/waiting", form["action"], role="editor")
    assert twice.status_code == 303
    assert "does not wait any more" in admin.get("/-/admin/waiting").text


def test_nobody_else_lets_people_in(
    make: Make, patient: None, as_admin: Callable[[Flask], FlaskClient]
) -> None:
    app = make(access__join="approve")
    admin = as_admin(app)
    ask(app.test_client(), "Bo")
    app.extensions["wiki"].accounts.create_user("mo", "moderator", PASSWORD)
    moderator = app.test_client()
    submit(moderator, "/-/sign-in", name="mo", password=PASSWORD)
    assert moderator.get("/-/admin/waiting").status_code == 403
    for act in ("let-in", "refuse"):
        url = f"/-/admin/waiting/2/{act}"
        assert submit(moderator, "/-/account", url, role="admin").status_code == 403
    above = submit(admin, "/-/admin/waiting", "/-/admin/waiting/2/let-in", role="root")
    assert above.status_code == 303
    assert app.extensions["wiki"].accounts.count_waiting() == 1


def test_a_flood_is_refused_at_once(
    make: Make, read: Any, patient: None, as_admin: Callable[[Flask], FlaskClient]
) -> None:
    app = make(access__join="approve")
    admin = as_admin(app)
    for n in range(3):
        ask(app.test_client(), f"Robot {n}")
    shown = read(admin.get("/-/admin/waiting")).all("input", name="who")
    ask(app.test_client(), "Bo")
    submit(
        admin,
        "/-/admin/waiting",
        "/-/admin/waiting/refuse",
        who=[one["value"] for one in shown] + ["1", "x", "99999999999999999999"],
    )
    # Who asked meanwhile still waits, and nobody else is touched.
    names = [row.name for row in app.extensions["wiki"].accounts.list_users()]
    assert names == ["chief", "Bo"]


def test_being_let_in_is_told_by_mail(
    make: Make, read: Any, patient: None, as_admin: Callable[[Flask], FlaskClient]
) -> None:
    box = Box()
    with serving(box) as port:
        app = make(
            access__join="approve",
            site__url="http://localhost",
            mail__url=f"smtp://127.0.0.1:{port}",
            **{"mail__from": "wiki@example.org"},
        )
        admin = as_admin(app)
        client = app.test_client()
        assert read(client.get("/-/join")).one("input", name="email")
        bad = ask(client, "Bo", email="no address")
        assert bad.status_code == 422
        assert read(bad).one("input", id="email")["value"] == "no address"
        ask(client, "Bo", email="bo@example.org")
        assert "bo@example.org" not in admin.get("/-/admin/waiting").text
        submit(admin, "/-/admin/waiting", "/-/admin/waiting/2/let-in", role="member")
        app.extensions["wiki"].accounts.outbox.wait()
    (message,) = box.messages
    assert message["To"] == "bo@example.org"
    assert "http://localhost/-/sign-in" in message.get_content()

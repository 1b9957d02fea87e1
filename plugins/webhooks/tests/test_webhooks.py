"""Webhooks in a wiki: who is told what, when, and what happens when nobody answers."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from wiki_webhooks import Webhooks
from wiki_webhooks.sending import AGAIN, signature

from wiki import Actor, Wiki
from wiki.testing import submit

from .conftest import Receiver

HIDDEN = "---\naudience: members\n---\ntext\n"


def told(receiver: Receiver) -> list[tuple[str, str]]:
    bodies = [json.loads(body) for _, body in receiver.got]
    return [(one["type"], one["data"]["name"]) for one in bodies]


def press(client: Any, do: str, id: int = 1) -> Any:
    return submit(client, "/-/p/webhooks/", f"/-/p/webhooks/{id}", do=do)


def verified(head: dict[str, str], body: bytes, secret: str) -> bool:
    """Check a message as the specification tells receivers to, in other words."""
    key = base64.b64decode(secret.split("_", 1)[1])
    text = f"{head['webhook-id']}.{head['webhook-timestamp']}.".encode() + body
    wanted = base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
    given = [one.split(",", 1) for one in head["webhook-signature"].split(" ")]
    return any(version == "v1" and sign == wanted for version, sign in given)


def test_the_vector_of_standard_webhooks() -> None:
    made = signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        '{"test": 2432232314}',
    )
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_what_happens_to_pages_is_told(
    add: Any, hooks: Webhooks, page: Any, wiki: Wiki, receiver: Receiver
) -> None:
    page("before", "never told")
    assert add().status_code == 303
    by = Actor(1, "ann", "admin", sees=None)
    page("guides/a", "one")
    page("guides/a", "two")
    wiki.rename(by, "guides/a", "guides/b")
    wiki.delete(by, "guides/b")
    wiki.restore(by, "guides/b")
    hooks.deliver()
    # A page tells its name as it is when the message is made.
    assert told(receiver) == [
        ("page.saved", "guides/b"),
        ("page.saved", "guides/b"),
        ("page.renamed", "guides/b"),
        ("page.deleted", "guides/b"),
        ("page.restored", "guides/b"),
    ]
    head, body = receiver.got[-1]
    data = json.loads(body)["data"]
    assert data == {"name": "guides/b", "url": "/guides/b", "revision": 3, "by": "ann"}
    assert "two" not in body.decode()
    assert head["content-type"] == "application/json"
    secret = hooks.db.rows("SELECT secrets FROM endpoint")[0]["secrets"]
    assert all(verified(*one, secret) for one in receiver.got)
    assert len({head["webhook-id"] for head, _ in receiver.got}) == 5
    hooks.deliver()
    assert len(receiver.got) == 5


@pytest.mark.parametrize(
    ("audience", "names"),
    [
        ("public", ["open"]),
        ("members", ["open", "hidden"]),
        ("admins", ["open", "hidden", "secret"]),
    ],
)
def test_only_what_its_audience_may_see(
    add: Any, hooks: Webhooks, page: Any, receiver: Receiver, audience: str, names: Any
) -> None:  # R10
    add(audience=audience)
    page("open", "x")
    page("hidden", HIDDEN)
    page("secret", HIDDEN.replace("members", "admins"))
    hooks.deliver()
    assert [name for _, name in told(receiver)] == names


def test_what_was_for_fewer_people_stays_untold(
    add: Any, hooks: Webhooks, page: Any, receiver: Receiver
) -> None:  # R10
    add()
    page("opened", HIDDEN)
    page("opened", "now open")
    page("closed", "open at first")
    page("closed", HIDDEN)
    hooks.deliver()
    assert told(receiver) == [("page.saved", "opened")]


def test_a_page_that_is_hidden_while_a_message_waits(
    add: Any, hooks: Webhooks, page: Any, receiver: Receiver
) -> None:  # R10
    add()
    receiver.answers = [503]
    page("closing", "open at first")
    hooks.deliver()
    page("closing", HIDDEN)
    hooks.db.run("UPDATE message SET due = 0")
    hooks.deliver()
    assert len(receiver.got) == 1
    said = hooks.db.rows("SELECT answer, due FROM message")[0]
    assert tuple(said) == ("Not sent: the page is for fewer people now.", None)


def test_only_a_folder_and_only_some_events(
    add: Any, hooks: Webhooks, page: Any, wiki: Wiki, receiver: Receiver
) -> None:
    add(folder="/guides/", events=["page.deleted"])
    for name in ("guides/a", "guidesque", "guides", "other"):
        page(name, "x")
        wiki.delete(Actor(None, "x", "admin", sees=None), name)
    hooks.deliver()
    assert told(receiver) == [("page.deleted", "guides/a"), ("page.deleted", "guides")]


def test_who_joins_is_told_to_members_programs_only(
    add: Any, hooks: Webhooks, wiki: Wiki, receiver: Receiver
) -> None:
    add(name="open")
    add(name="members", audience="members")
    add(name="in a folder", audience="members", folder="guides")
    wiki.accounts.create_user("bea", "member")
    hooks.deliver()
    assert told(receiver) == [("person.joined", "bea")]


def test_a_failing_plugin_is_told_to_administrators_programs(
    add: Any, hooks: Webhooks, wiki: Wiki, receiver: Receiver
) -> None:
    add(name="members", audience="members")
    add(name="admins", audience="admins")
    wiki.door._strict = False
    for _ in range(25):
        wiki.door.run("glossary", "panel", lambda: {}["x"])
    wiki.door._strict = True
    hooks.deliver()
    assert told(receiver) == [("plugin.failing", "glossary")] * 2  # new, and off


# -- when nobody answers


@pytest.fixture
def clock(hooks: Webhooks) -> list[float]:
    now = [10_000_000_000.0]
    hooks.sending.now = lambda: now[0]
    return now


def test_it_is_tried_again_and_then_given_up(
    add: Any, hooks: Webhooks, page: Any, receiver: Receiver, clock: Any, client: Any
) -> None:
    add()
    receiver.answers = [500]
    page("a", "one")
    hooks.following.catch_up()
    waits = []
    for _ in range(8):
        hooks.sending.send_due()
        tried = len(receiver.got)
        due = hooks.db.rows("SELECT due FROM message")[0]["due"]
        waits.append(due - clock[0])
        clock[0] = due - 0.1
        hooks.sending.send_due()
        assert len(receiver.got) == tried
        clock[0] = due + 0.1
    assert [round(it) for it in waits] == [*map(round, AGAIN), 0]
    assert AGAIN == (5, 300, 1800, 7200, 18000, 36000, 50400)
    assert len({head["webhook-id"] for head, _ in receiver.got}) == 1
    assert len(receiver.got) == 8
    # Off, and administrators are told.
    hooks.sending.send_due()
    assert len(receiver.got) == 8
    status, text = hooks.health()
    assert status == "warning"
    assert "bot" in text
    assert "The answer was 500." in client.get("/-/p/webhooks/").text
    # What happened meanwhile is not lost.
    page("a", "two")
    receiver.answers = [200]
    press(client, "on")
    hooks.deliver()
    assert told(receiver)[8:] == [("page.saved", "a")] * 2
    assert hooks.health()[0] == "warning"  # there is no site.url
    assert "site.url" in hooks.health()[1]


def test_in_order_for_a_page_and_no_page_waits_for_another(
    add: Any, hooks: Webhooks, page: Any, receiver: Receiver, clock: Any
) -> None:
    add()
    receiver.answers = [500, 200]
    page("a", "one")
    page("a", "two")
    page("b", "one")
    hooks.following.catch_up()
    hooks.sending.send_due()  # the first fails: the endpoint is left in peace
    assert told(receiver) == [("page.saved", "a")]
    hooks.sending.send_due()
    assert told(receiver)[1:] == [("page.saved", "b")]
    clock[0] += 6
    hooks.sending.send_due()
    revisions = [json.loads(b)["data"]["revision"] for _, b in receiver.got]
    assert revisions == [1, 1, 1, 2]


def test_a_receiver_that_wants_no_more(
    add: Any, hooks: Webhooks, page: Any, receiver: Receiver, clock: Any
) -> None:
    add()
    receiver.answers = [410]
    page("a", "one")
    hooks.following.catch_up()
    hooks.sending.send_due()
    assert hooks.db.rows("SELECT off FROM endpoint")[0]["off"] == "The answer was 410."


def test_a_redirect_is_not_followed(
    add: Any, hooks: Webhooks, page: Any, receiver: Receiver
) -> None:  # R16
    add()
    receiver.answers = [307]
    page("a", "one")
    hooks.deliver()
    assert len(receiver.got) == 1
    assert hooks.db.rows("SELECT answer FROM message")[0][0] == "The answer was 307."


def test_a_crash_between_taking_in_and_sending_loses_nothing(
    add: Any, hooks: Webhooks, page: Any, receiver: Receiver, monkeypatch: Any
) -> None:
    add()
    page("a", "one")

    def crash(*_: Any) -> int:
        raise MemoryError

    monkeypatch.setattr(hooks.sending, "_post", crash)
    with pytest.raises(MemoryError):
        hooks.deliver()
    monkeypatch.undo()
    hooks.deliver()
    assert told(receiver) == [("page.saved", "a")]


# -- the page of administrators


@pytest.mark.parametrize("inside", [False])
def test_without_the_setting_this_machine_is_refused(
    add: Any, hooks: Webhooks, receiver: Receiver, client: Any
) -> None:  # R16
    for url in (receiver.url, "http://example.org/", "ftp://example.org"):
        refused = add(url=url)
        assert refused.status_code == 422
        assert "The address must begin with https://." in refused.text
        assert url in refused.text
    # Its name is looked up when something is sent.
    assert add(url=receiver.url.replace("http:", "https:")).status_code == 303
    shown = client.get(press(client, "test").location).text
    assert "leads to this machine or its own network" in shown
    assert receiver.got == []


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"name": ""}, "Give it a name"),
        ({"name": "x" * 81}, "Give it a name"),
        ({"events": []}, "Choose what it hears of"),
        ({"events": ["page.text"]}, "Choose what it hears of"),
        ({"events": ["person.joined"]}, "Choose what it hears of"),
        ({"audience": "group:all"}, "Choose what it hears of"),
        ({"url": "https://a:b@example.org/"}, "and no password"),
        ({"url": "https://example.org/\u202e"}, "plain letters"),
        ({"url": "https://"}, "must name a host"),
        ({"url": "https://example.org:99999/"}, "not an address"),
        ({"url": "https://[::1/"}, "not an address"),
        ({"url": "javascript:alert(1)"}, "must begin with https://"),
    ],
)
def test_what_cannot_be_an_endpoint_is_kept_in_the_form(
    add: Any, hooks: Webhooks, fields: dict[str, Any], says: str
) -> None:
    refused = add(**fields)
    assert refused.status_code in (400, 422)
    assert says in refused.text
    assert hooks.db.rows("SELECT * FROM endpoint") == []


def test_only_administrators(
    add: Any, login: Any, client: Any, hooks: Webhooks
) -> None:
    add()
    assert "Webhooks" in client.get("/").text
    submit(client, "/-/account", "/-/sign-out")
    assert client.get("/-/p/webhooks/").status_code == 401
    for role in ("member", "moderator"):
        login(role)
        assert client.get("/-/p/webhooks/").status_code == 403
        assert "/-/p/webhooks/" not in client.get("/-/recent").text
        for url in ("/-/p/webhooks/", "/-/p/webhooks/1", "/-/p/webhooks/again/1"):
            refused = submit(client, "/-/account", url, do="remove", name="x")
            assert refused.status_code == 403, url
    assert len(hooks.db.rows("SELECT * FROM endpoint")) == 1


def test_secrets_are_changed_without_a_gap(
    add: Any, hooks: Webhooks, client: Any, receiver: Receiver
) -> None:
    add()
    old = hooks.db.rows("SELECT secrets FROM endpoint")[0][0]
    assert old.startswith("whsec_")
    assert 24 <= len(base64.b64decode(old.removeprefix("whsec_"))) <= 64
    press(client, "rotate")
    press(client, "test")
    new, _, kept = hooks.db.rows("SELECT secrets FROM endpoint")[0][0].partition(" ")
    assert kept == old
    assert verified(*receiver.got[-1], old)
    assert verified(*receiver.got[-1], new)
    press(client, "forget")
    press(client, "test")
    assert verified(*receiver.got[-1], new)
    assert not verified(*receiver.got[-1], old)


def test_sending_again_and_changing_and_removing(
    add: Any, hooks: Webhooks, client: Any, page: Any, receiver: Receiver, wiki: Wiki
) -> None:
    add()
    page("a", "one")
    hooks.deliver()
    done = submit(client, "/-/p/webhooks/", "/-/p/webhooks/again/1")
    assert done.status_code == 303
    assert receiver.got[0][0]["webhook-id"] == receiver.got[1][0]["webhook-id"]
    assert receiver.got[0][1] == receiver.got[1][1]
    add(folder="elsewhere")  # the one of this name, changed
    assert [it["folder"] for it in hooks.db.rows("SELECT * FROM endpoint")] == [
        "elsewhere"
    ]
    press(client, "off")
    page("a", "two")
    hooks.deliver()
    assert len(receiver.got) == 2
    press(client, "remove")
    assert hooks.db.rows("SELECT * FROM message") == []
    assert press(client, "remove").status_code == 404
    assert press(client, "explode").status_code == 404
    said = [a.detail["what"] for a in wiki.accounts.audit.acts(kind="plugin.changed")]
    assert said == ["remove bot", "off bot", "saved bot", "saved bot"]


def test_the_log_holds_the_last_hundred(
    add: Any, hooks: Webhooks, client: Any, receiver: Receiver
) -> None:
    add()
    one = hooks.db.rows("SELECT * FROM endpoint")[0]
    for _ in range(105):
        hooks.sending.send(hooks.following.test(one, "x"))
    assert len(hooks.db.rows("SELECT * FROM message")) == 100
    assert client.get("/-/p/webhooks/").text.count("Send again") == 100


def test_hostile_words_stay_words(
    add: Any, hooks: Webhooks, client: Any, page: Any, receiver: Receiver
) -> None:
    add(name="<script>alert(1)</script>")
    name = "“قاعدة” & b's"
    page(name, "x")
    hooks.deliver()
    shown = client.get("/-/p/webhooks/").text
    assert "<script>alert" not in shown
    assert told(receiver) == [("page.saved", name)]
    assert json.loads(receiver.got[0][1])["data"]["url"].isascii()


def test_commands(add: Any, hooks: Webhooks, receiver: Receiver) -> None:
    add()
    listed, test = hooks.commands()
    assert CliRunner().invoke(listed).output == f"bot\ton\t{receiver.url}\n"
    done = CliRunner().invoke(test, ["bot"])
    assert (done.exit_code, done.output) == (0, "It arrived.\n")
    assert told(receiver) == [("test", "home")]
    receiver.answers = [404]
    done = CliRunner().invoke(test, ["bot"])
    assert (done.exit_code, done.output) == (
        1,
        "Error: It did not arrive. The answer was 404.\n",
    )
    assert CliRunner().invoke(test, ["none"]).exit_code == 1


def test_secrets_are_for_the_wikis_user_alone(hooks: Webhooks) -> None:
    path = hooks.folder() / "webhooks.db"
    assert path.stat().st_mode & 0o077 == 0
    assert Path(path.parent).stat().st_mode & 0o077 == 0

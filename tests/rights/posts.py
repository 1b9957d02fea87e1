"""Every form and body that could name something hidden.

``LIKE_MISSING`` answer as for something that is not there; those in ``TAKEN`` would
make something at a hidden name and answer as for a reserved one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .objects import Ask
from .sinks import V1, filled

LINKS = "[[{name}]] [{name}]({name}) ![{name}]({name}/plan.png) {name}"
FILES = "![{file}](/-/files/{file}) ![x]({file})"
WORDS = "[[term:{word}]] {word} [[{word}]]"


@dataclass(frozen=True)
class Post:
    """A form: where it is sent and what it holds, with ``{name}`` and the like."""

    url: str
    form: Mapping[str, Any] = field(default_factory=dict)
    method: str = "POST"
    json: bool = False


def for_program(
    method: str, url: str, body: dict[str, Any], **headers: str
) -> tuple[Post, ...]:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return (Post(url, {**body, "headers": given}, method, True),)


POSTS: Mapping[str, tuple[Post, ...]] = {
    "edit.update": (
        Post("/-/edit/{name}", {"text": "mine", "base": "1"}),
        Post("/-/edit/{name}", {"text": "mine", "base": "1", "preview": "1"}),
        Post(
            "/-/edit/{name}",
            {"text": "mine", "base": "1", "resolve": "1", "theirs_n": "1"},
        ),
        Post(
            "/-/edit/open",
            {"name": "open", "text": LINKS, "base": "1", "preview": "1"},
        ),
    ),
    "edit.create": (
        Post("/-/new", {"name": "draft", "text": LINKS, "preview": "1"}),
        Post("/-/new", {"name": "draft", "text": FILES, "preview": "1"}),
        Post("/-/new", {"name": "draft", "text": WORDS, "preview": "1"}),
        Post("/-/new", {"name": "{name}", "text": "mine", "preview": "1"}),
        Post("/-/new", {"name": "{name}", "text": "mine", "base": "1"}),
    ),
    "edit.preview": (
        Post("/-/preview", {"name": "draft", "text": LINKS}),
        Post("/-/preview", {"name": "draft", "text": FILES}),
        Post("/-/preview", {"name": "draft", "text": WORDS}),
        Post("/-/preview", {"name": "{name}", "text": "[[x]]"}),
    ),
    "history.rename_now": (
        Post("/-/rename/{name}", {"to": "elsewhere", "reason": "x"}),
        Post("/-/rename/{name}", {"to": "{name}", "reason": "x"}),
    ),
    "history.delete_now": (Post("/-/delete/{name}", {"reason": "x"}),),
    "history.restore_now": (
        Post("/-/restore/{name}", {"reason": "x"}),
        Post("/-/restore/{name}?rev=1", {"reason": "x", "widen": "1"}),
        Post("/-/restore/{page}?rev={n}", {"reason": "x", "widen": "1"}),
    ),
    "audience.change": (
        Post("/-/audience/{name}", {"who": "public", "widen": "1"}),
        Post("/-/audience/home", {"who": "groups", "group": "{group}"}),
    ),
    "moderation.undo": (Post("/-/undo/{name}", {"change": "1"}),),
    "review.publish": (Post("/-/review/{change}/publish"),),
    "review.decline": (Post("/-/review/{change}/decline"),),
    "groups.describe": (Post("/-/groups/{group}/about", {"about": "mine"}),),
    "groups.change": (
        Post("/-/groups/{group}/people", {"do": "in", "person": "nobody"}),
        Post("/-/groups/{group}/people", {"do": "out", "person": "Perquist"}),
    ),
    "invitations.invite_now": (
        Post(
            "/-/invite",
            {"role": "member", "group": "{group}", "uses": "1", "days": "1"},
        ),
    ),
    "joining.ask_now": (
        Post("/-/join", {"name": "", "password": "", "page": "{name}"}),
    ),
    "joining.join_now": (Post("/-/join/{word}", {"name": "x", "password": "y"}),),
    "links.follow_now": (Post("/-/reset/{word}"),),
    "api.write": (
        *for_program("PUT", f"{V1}/pages/{{name}}", {"source": "mine", "base": 1}),
        *for_program(
            "PUT", f"{V1}/pages/{{name}}", {"source": "mine"}, If_Match='"1-1"'
        ),
        *for_program("PUT", f"{V1}/pages/{{name}}", {"source": "mine"}),
        *for_program(
            "PUT", f"{V1}/pages/{{name}}", {"source": "mine", "dry_run": True}
        ),
        *for_program(
            "PUT", f"{V1}/pages/draft", {"source": LINKS, "base": 0, "dry_run": True}
        ),
        *for_program(
            "PUT", f"{V1}/pages/draft", {"source": FILES, "base": 0, "dry_run": True}
        ),
    ),
    "api.delete": (
        *for_program("DELETE", f"{V1}/pages/{{name}}", {}, If_Match='"1-1"'),
        *for_program("DELETE", f"{V1}/pages/{{name}}", {}),
    ),
    "api.render": (
        *for_program("POST", f"{V1}/render", {"source": LINKS, "name": "draft"}),
        *for_program("POST", f"{V1}/render", {"source": WORDS, "name": "draft"}),
        *for_program("POST", f"{V1}/render", {"source": "x", "name": "{name}"}),
    ),
    # For administrators: everybody else is turned away before anything is looked at.
    "admin.set_rule": (Post("/-/admin/areas", {"area": "{prefix}", "read": "public"}),),
    "admin.remove_rule": (Post("/-/admin/areas/remove", {"area": "{prefix}"}),),
    "admin.make_group": (Post("/-/admin/groups", {"name": "{group}"}),),
    "admin.remove_group_now": (Post("/-/admin/groups/{group}/remove", {"typed": "x"}),),
    "admin.erase_now": (Post("/-/admin/erase", {"value": "{word}"}),),
    "admin.expunge": (
        Post("/-/admin/erase/version", {"name": "{name}", "n": "1", "sure": "1"}),
    ),
}

TAKEN: Mapping[str, tuple[Post, ...]] = {
    "edit.create": (Post("/-/new", {"name": "{name}", "text": "mine", "base": "0"}),),
    "history.rename_now": (
        Post("/-/rename/other", {"to": "{name}", "reason": "x", "widen": "1"}),
    ),
    "api.write": (
        *for_program("PUT", f"{V1}/pages/{{name}}", {"source": "mine", "base": 0}),
        *for_program(
            "PUT", f"{V1}/pages/{{name}}", {"source": "mine"}, If_None_Match="*"
        ),
    ),
}

OWN = "about the own account only"
ADMIN = "for administrators, who may know of everything; by number or by a fixed word"
ELSEWHERE: Mapping[str, str] = {
    "account.begin_codes": OWN,
    "account.confirm_codes": OWN,
    "account.codes_off": OWN,
    "account.renew_recovery": OWN,
    "account.end_session": OWN,
    "account.name_device": OWN,
    "account.add_passkey": OWN,
    "account.new_passkey_options": OWN,
    "account.remove_passkey": OWN,
    "account.password": OWN,
    "account.end_sessions": OWN,
    "account.make_token": OWN,
    "account.end_token": OWN,
    "account.second_step": OWN,
    "account.passkey_sign_in": OWN,
    "account.passkey_options": OWN,
    "account.sign_out": OWN,
    "account.leave_now": OWN,
    "account.name_now": OWN,
    "account.sign_in_now": "once in test_posts.py: wrong passwords are counted",
    "account.setup_now": "only before there is an administrator",
    "links.email_now": OWN,
    "links.forgot_now": "answers alike for whoever is meant (R14)",
    "openid.connect": OWN,
    "openid.disconnect": OWN,
    "openid.begin": "leads to the provider; names nothing of the wiki",
    "openid.join_now": "names an account to be made",
    "invitations.end": "ends an invitation of one's own",
    "moderation.block": "for moderators; an account by its number",
    "moderation.unblock": "for moderators; an account by its number",
    "moderation.person_undo_now": "for moderators; counts what they see only",
    "moderation.commit_now": "for moderators; an action of which they see a change",
    "review.publish": "test_review.py: a change that one may not read is not there",
    "review.decline": "test_review.py: a change that one may not read is not there",
    "admin.panic_now": ADMIN,
    "admin.end_invitation": ADMIN,
    "admin.save_log": ADMIN,
    "admin.block": ADMIN,
    "admin.unblock": ADMIN,
    "admin.close": ADMIN,
    "admin.change_groups": ADMIN,
    "admin.one_time_link": ADMIN,
    "admin.remove": ADMIN,
    "admin.second_step_off": ADMIN,
    "admin.give_role": ADMIN,
    "admin.end_sessions": ADMIN,
    "admin.change_settings": ADMIN,
    "admin.reset_setting": ADMIN,
    "admin.let_in": ADMIN,
    "admin.refuse": ADMIN,
    "admin.refuse_all": ADMIN,
    "admin.switch_plugin": ADMIN,
    "admin.plugin_again": ADMIN,
    "feeds.make": "a token of one's own; it names nothing",
    "webhooks.save": ADMIN,
    "webhooks.change": ADMIN,
    "webhooks.again": ADMIN,
}


def filled_post(post: Post, ask: Ask, value: str) -> Post | None:
    """Return a form with a word in its places, None where it fits nowhere."""
    text = repr((post.url, post.form))
    marker = "{page}" if ask.kind == "rev" else "{" + ask.kind + "}"
    if marker not in text:
        return None

    def fill(it: Any) -> Any:
        if isinstance(it, dict):
            return {key: fill(one) for key, one in it.items()}
        if not isinstance(it, str):
            return it
        if ask.kind == "rev":
            page, n = value.split("@")
            return it.replace("{page}", page).replace("{n}", n)
        return it.replace("{" + ask.kind + "}", value)

    url = filled(post.url, ask, value) or post.url
    return Post(url, fill(dict(post.form)), post.method, post.json)


def forms(
    table: Mapping[str, tuple[Post, ...]], ask: Ask
) -> Iterator[tuple[str, Post, Post]]:
    """Yield (endpoint, form with the word, form with one of nothing)."""
    for endpoint, posts in table.items():
        for post in posts:
            there = filled_post(post, ask, ask.value)
            nothing = filled_post(post, ask, ask.nothing)
            if there is not None and nothing is not None:
                yield endpoint, there, nothing

"""Webhooks: other programs hear what happens here (Standard Webhooks 1.0)."""

from __future__ import annotations

from typing import Any

import click
from flask import Blueprint

import wiki
from wiki import Actor, Check, Job, NavItem, Setting, events, hookimpl

from .following import Following
from .sending import Sending
from .tables import STEPS
from .views import blueprint

EVERY = 10.0  # seconds


class Webhooks(wiki.Plugin):
    """Sends signed messages about changes to addresses that administrators set."""

    name = "webhooks"
    title = "Webhooks"
    description = "Tells other programs what happens in the wiki."
    version = "1"
    api = (1, 1)
    uses = frozenset({"routes", "tables", "network", "jobs"})
    stores = (
        "The addresses that administrators send messages to, their secrets, and the "
        "last 100 messages: what happened to which page, and who did it."
    )
    settings = (
        Setting(
            "inside",
            bool,
            False,
            "Send also to this machine and its own network, without protection",
            "For tests and closed networks only: allows http:// and inner addresses.",
        ),
    )

    @hookimpl
    def setup(self) -> None:
        self.db = self.database(*STEPS)
        self.following = Following(self.db, self.wiki)
        self.sending = Sending(self.db, self.send, self.following.may_tell)

    def send(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        return self.post(url, body, headers, inside=self.options["inside"])

    @hookimpl
    def jobs(self) -> list[Job]:
        return [Job("deliver", EVERY, self.deliver)]

    def deliver(self) -> None:
        """Take in what happened, and send what is due."""
        self.following.catch_up()
        self.sending.send_due()

    @hookimpl
    def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.PluginFailing):
            self.following.plugin_failing(event.plugin)

    @hookimpl
    def blueprints(self) -> list[Blueprint]:
        return [blueprint(self)]

    @hookimpl
    def nav_items(self, actor: Actor) -> list[NavItem]:
        if not self.wiki.access.allows(actor, "admin"):
            return []
        return [NavItem("Webhooks", "webhooks.index", group="more", weight=90)]

    @hookimpl
    def health_checks(self) -> list[Check]:
        return [Check("delivery", self.health)]

    def health(self) -> tuple[str, str]:
        every = self.db.rows("SELECT name, off FROM endpoint")
        off = ", ".join(one["name"] for one in every if one["off"])
        if off:
            return "warning", f"Nothing is sent to: {off}. Look at /-/p/webhooks/."
        if every and not self.wiki.config.site.url:
            return "warning", "Set site.url, so that messages name whole addresses."
        return "ok", "Nothing waits for an administrator."

    @hookimpl
    def commands(self) -> list[Any]:
        @click.command("list")
        def names() -> None:
            """List the webhooks: name, on or off, address."""
            for one in self.db.rows("SELECT * FROM endpoint ORDER BY name"):
                click.echo(
                    f"{one['name']}\t{'off' if one['off'] else 'on'}\t{one['url']}"
                )

        @click.command()
        @click.argument("name")
        def test(name: str) -> None:
            """Send a test to the webhook NAME and say what came back."""
            found = self.db.rows("SELECT * FROM endpoint WHERE name = ?", name)
            if not found:
                raise click.ClickException(f"There is no webhook “{name}”.")
            wrong = self.sending.send(self.following.test(found[0], "(wiki)"))
            if wrong:
                raise click.ClickException(f"It did not arrive. {wrong}")
            click.echo("It arrived.")

        return [names, test]

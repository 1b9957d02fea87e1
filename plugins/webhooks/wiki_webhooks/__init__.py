"""Webhooks: other programs hear what happens here (Standard Webhooks 1.0)."""

from __future__ import annotations

import time
from typing import Any

import click
from flask import Blueprint

import wiki
from wiki import Actor, Check, Job, NavItem, Setting, events, hookimpl

from .following import Following
from .keeping import Keeping
from .sending import Sending
from .views import blueprint

EVERY = 10.0  # seconds


class Webhooks(wiki.Plugin):
    """Sends signed messages about changes to addresses that administrators set."""

    name = "webhooks"
    title = "Webhooks"
    description = "Tells other programs what happens in the wiki."
    version = "1"
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
        self.keeping = Keeping(self.folder() / "webhooks.db")
        self.sending = Sending(self.keeping, self._post, time.time)
        self.following = Following(self.keeping, self.wiki, time.time)

    def _post(self, url: str, body: bytes, headers: dict[str, str]) -> int:
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
        return [Check("deliveries", self.health)]

    def health(self) -> tuple[str, str]:
        off = [it for it in self.keeping.endpoints() if it.off]
        if off:
            names = ", ".join(it.name for it in off)
            text = f"Nothing is sent any more to: {names}. Look at /-/p/webhooks/."
            return "warning", text
        if self.keeping.endpoints() and not self.wiki.config.site.url:
            return "warning", "Set site.url, so that messages name whole addresses."
        return "ok", "Messages arrive."

    @hookimpl
    def commands(self) -> list[Any]:
        @click.command("list")
        def names() -> None:
            """List the webhooks: name, on or off, address."""
            for one in self.keeping.endpoints():
                click.echo(f"{one.name}\t{'off' if one.off else 'on'}\t{one.url}")

        @click.command()
        @click.argument("name")
        def test(name: str) -> None:
            """Send a test message to the webhook NAME and say what came back."""
            found = next((x for x in self.keeping.endpoints() if x.name == name), None)
            if found is None:
                raise click.ClickException(f"There is no webhook “{name}”.")
            answer = self.sending.send(self.following.test(found, "(wiki)"))
            if answer:
                raise click.ClickException(f"It did not arrive: {answer}")
            click.echo("It arrived.")

        return [names, test]

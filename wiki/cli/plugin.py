"""``wiki plugin``: what is installed and how it is."""

from __future__ import annotations

import json

import click

from . import plugin_new
from .context import Instance


@click.group()
def plugin() -> None:
    """Plugins of this wiki."""


plugin.add_command(plugin_new.new)


@plugin.command("list")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_obj
def list_(instance: Instance, as_json: bool) -> None:
    """List plugins with their state; the broken ones with the reason."""
    with instance.open() as wiki:
        states = list(wiki.registry.states.values())
    if as_json:
        rows = [
            {"name": s.name, "version": s.version, "state": s.state, "why": s.reason}
            for s in states
        ]
        click.echo(json.dumps(rows))
        return
    for one in states:
        click.echo(f"{one.name}\t{one.version}\t{one.state}\t{one.reason}".rstrip())

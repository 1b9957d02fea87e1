"""Commands that plugins add: ``wiki <plugin> <command>``."""

from __future__ import annotations

import click

from wiki.errors import StartError
from wiki.hooks import Door

from .context import Instance


class WithPlugins(click.Group):
    """A group that looks for an unknown name among the instance's plugins."""

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        found = super().get_command(ctx, name)
        if found is not None or "folder" not in ctx.params:
            return found
        # The command is looked for before the group's own function has run.
        return plugin_groups(Instance(ctx.params["folder"])).get(name)


def plugin_groups(instance: Instance) -> dict[str, click.Group]:
    """Return {plugin: group of its commands}; none where there is no wiki."""
    try:
        with instance.open() as wiki:
            return groups_of(wiki.door)
    except StartError:
        return {}


def groups_of(door: Door) -> dict[str, click.Group]:
    """Return {plugin: group of the commands that it adds}."""
    groups: dict[str, click.Group] = {}
    for plugin, command in door.collect("commands"):
        if isinstance(command, click.Command) and command.name:
            group = groups.setdefault(plugin, click.Group(plugin, help=_help(plugin)))
            group.add_command(command)
    return groups


def _help(plugin: str) -> str:
    return f"Commands of the plugin “{plugin}”."

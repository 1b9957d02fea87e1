"""``wiki plugin check``: the contract of plugins, checked on one."""

from __future__ import annotations

import click

from wiki.plugin_checks import check as check_plugin

from .context import Instance


@click.command()
@click.argument("plugin", metavar="[PATH|NAME]", default=".")
@click.pass_obj
def check(instance: Instance, plugin: str) -> None:
    """Check a plugin: the project or file at PATH, or the one of a NAME.

    It is run in a wiki in memory. Each problem is a line; with any, exit code 1.
    """
    name, found = check_plugin(plugin, instance.folder / "plugins")
    for one in found:
        click.echo(str(one))
    if found:
        count = "1 problem" if len(found) == 1 else f"{len(found)} problems"
        click.echo(f"“{name}”: {count}.", err=True)
        raise click.exceptions.Exit(1)
    click.echo(f"“{name}”: no problem was found.")

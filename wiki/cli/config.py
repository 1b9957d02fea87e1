"""``wiki config``: settings, where each comes from, and what they mean."""

from __future__ import annotations

import click

from wiki.config import describe

from .context import Instance


@click.group()
def config() -> None:
    """Look at the settings."""


@config.command()
@click.pass_obj
def show(instance: Instance) -> None:
    """Show every setting and where its value comes from."""
    for row in describe(instance.config()):
        click.echo(f"{row['key']} = {row['value']!r}  ({row['where']})")


@config.command()
@click.pass_obj
def check(instance: Instance) -> None:
    """Check the settings; every problem is listed, with exit code 3."""
    instance.config()
    click.echo("The settings are fine.")


@config.command()
@click.pass_obj
def docs(instance: Instance) -> None:
    """Print the reference of all settings as Markdown."""
    click.echo("| Setting | Default | Meaning |\n|---|---|---|")
    for row in describe(instance.config()):
        click.echo(f"| `{row['key']}` | `{row['default']}` | {row['help']} |")

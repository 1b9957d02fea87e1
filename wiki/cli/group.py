"""``wiki group``: groups and who is in them, from the terminal."""

from __future__ import annotations

import json

import click

from wiki.model.actor import SYSTEM

from .context import Instance


@click.group()
def group() -> None:
    """Change groups: the people that pages can be for."""


@group.command("list")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_obj
def list_(instance: Instance, as_json: bool) -> None:
    """List the groups, with how many people are in each."""
    with instance.open() as wiki:
        rows = wiki.accounts.groups.all()
    if as_json:
        keys = ("name", "about", "members", "stewards")
        found = [{key: getattr(row, key) for key in keys} for row in rows]
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for row in rows:
        click.echo(f"{row.name}\t{row.members}\t{row.about}")


@group.command()
@click.argument("name")
@click.option("--about", default="", help="What the group is for.")
@click.pass_obj
def add(instance: Instance, name: str, about: str) -> None:
    """Make a group; it keeps its name, because pages name it."""
    with instance.open() as wiki:
        name = wiki.accounts.groups.add(name, about)
    click.echo(f"The group “{name}” is there. Next: wiki user groups PERSON {name}")


@group.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def remove(instance: Instance, name: str, yes: bool) -> None:
    """Remove a group; pages for it alone are for administrators from then on."""
    typed = name if yes else click.prompt(f"Type “{name}” to remove it")
    with instance.open() as wiki:
        wiki.accounts.groups.remove(name, typed)
    click.echo(f"The group “{name}” is gone. Its people keep their accounts.")


@group.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_obj
def members(instance: Instance, name: str, as_json: bool) -> None:
    """List who is in a group; its stewards have a star."""
    with instance.open() as wiki:
        groups = wiki.accounts.groups
        rows, following = groups.members(SYSTEM, name)
        while following:
            more, following = groups.members(SYSTEM, name, after=following)
            rows += more
    if as_json:
        found = [{"name": row.name, "steward": row.steward} for row in rows]
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for row in rows:
        click.echo(f"{row.name}{' *' if row.steward else ''}")


@group.command()
@click.argument("name")
@click.argument("person")
@click.option("--off", is_flag=True, help="No longer a steward.")
@click.pass_obj
def steward(instance: Instance, name: str, person: str, off: bool) -> None:
    """Make PERSON a steward of a group: whoever says who else is in it."""
    with instance.open() as wiki:
        groups = wiki.accounts.groups
        if not off:
            groups.put_in(name, person)
        person = groups.set_steward(name, person, not off)
    click.echo(f"“{person}” is {'no' if off else 'a'} steward of “{name}” now.")

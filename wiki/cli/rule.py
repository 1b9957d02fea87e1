"""``wiki rule``: who reads and who changes which part of the wiki."""

from __future__ import annotations

import json
import sys

import click

from wiki.model.actor import SYSTEM, VISITOR_ACTOR

from .context import Instance


@click.group()
def rule() -> None:
    """Who reads and who changes the pages of an area."""


@rule.command("list")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_obj
def list_(instance: Instance, as_json: bool) -> None:
    """List the rules."""
    with instance.open() as wiki:
        rules = wiki.areas.all(SYSTEM)
    if as_json:
        rows = [{"area": r.area, "read": r.read, "edit": r.edit} for r in rules]
        click.echo(json.dumps(rows))
        return
    for one in rules:
        click.echo(f"{one.area}\tread {one.read or '–'}\tchange {one.edit or '–'}")


@rule.command("set")
@click.argument("area")
@click.option("--read", default="", help="public, members, admins or group:NAME, …")
@click.option("--edit", default="", help="A role, or group:NAME, …")
@click.option("--yes", is_flag=True, help="Open pages to more people without asking.")
@click.pass_obj
def set_(instance: Instance, area: str, read: str, edit: str, yes: bool) -> None:
    """Set the rule of AREA: a folder like guides/ or the name of one page."""
    with instance.open() as wiki:
        found = wiki.areas.checked(area, read, edit)
        _, wider = wiki.areas.effect(SYSTEM, found.area, found)
        _confirm(wider, yes)
        changed = wiki.areas.set(SYSTEM, area, read, edit)
    click.echo(f"The rule of “{found.area}” holds now; {changed} pages follow it.")


@rule.command()
@click.argument("area")
@click.option("--yes", is_flag=True, help="Open pages to more people without asking.")
@click.pass_obj
def remove(instance: Instance, area: str, yes: bool) -> None:
    """Remove the rule of AREA; the area above decides again."""
    with instance.open() as wiki:
        _, wider = wiki.areas.effect(SYSTEM, area, None)
        _confirm(wider, yes)
        changed = wiki.areas.remove(SYSTEM, area)
    click.echo(f"The rule is gone; {changed} pages have other readers now.")


@rule.command()
@click.argument("page")
@click.argument("person", default="")
@click.pass_obj
def explain(instance: Instance, page: str, person: str) -> None:
    """Say what PERSON (a visitor where none is named) may do with PAGE."""
    with instance.open() as wiki:
        actor = VISITOR_ACTOR
        if person:
            actor = wiki.areas.actor_called(SYSTEM, person)
        found = wiki.areas.explain(SYSTEM, actor, page)
    click.echo(f"{person or 'A visitor'} reads “{found.name}”: {_yes(found.may_read)}.")
    click.echo(f"Changes it: {_yes(found.may_edit)}.")
    click.echo(f"It is for: {found.audience}.")
    for word, one in (("read", found.reading), ("change", found.editing)):
        if one is not None:
            said = one.read if word == "read" else one.edit
            click.echo(f"The rule of “{one.area}” says who may {word}: {said}.")


def _yes(answer: bool) -> str:
    return "yes" if answer else "no"


def _confirm(wider: int, yes: bool) -> None:
    """Ask before pages are opened; without a terminal only ``--yes`` does it."""
    if not wider or yes:
        return
    text = f"{wider} pages become visible to more people."
    if not sys.stdin.isatty():
        click.echo(f"{text} Nothing was changed; add --yes if you mean it.", err=True)
        raise click.exceptions.Exit(4)
    click.confirm(f"{text} Go on?", abort=True)

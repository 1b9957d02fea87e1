"""``wiki user``: accounts, sign-in links and tokens from the terminal."""

from __future__ import annotations

import json
import sys

import click

from wiki.model.actor import ROLES, SYSTEM

from .context import Instance

SCOPES = ("read", "write", "admin")


@click.group()
def user() -> None:
    """Accounts, one-time sign-in links, tokens for programs."""


@user.command()
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES[1:]), default="editor")
@click.pass_obj
def add(instance: Instance, name: str, role: str) -> None:
    """Make an account; “wiki user link NAME” gives its first way in."""
    with instance.open() as wiki:
        wiki.accounts.create_user(name, role)
    click.echo(f"“{name}” is there, as {role}. Next: wiki user link {name}")


@user.command("list")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_obj
def list_(instance: Instance, as_json: bool) -> None:
    """List the accounts."""
    with instance.open() as wiki:
        rows = wiki.accounts.list_users()
    if as_json:
        click.echo(json.dumps([{"name": r.name, "role": r.role} for r in rows]))
        return
    for row in rows:
        click.echo(f"{row.name}\t{row.role}")


@user.command()
@click.argument("name")
@click.argument("role", type=click.Choice(ROLES[1:]))
@click.pass_obj
def role(instance: Instance, name: str, role: str) -> None:
    """Give an account another role."""
    with instance.open() as wiki:
        wiki.accounts.set_role(wiki.accounts.user_id(name), role)
    click.echo(f"“{name}” is {role} now.")


@user.command()
@click.argument("name")
@click.argument("groups", nargs=-1)
@click.pass_obj
def groups(instance: Instance, name: str, groups: tuple[str, ...]) -> None:
    """Put an account into these GROUPS and no others; without any, into none."""
    with instance.open() as wiki:
        wiki.accounts.set_groups(wiki.accounts.user_id(name), groups)
    click.echo(f"“{name}” is in: {', '.join(groups) or 'no group'}.")


@user.command()
@click.argument("name")
@click.pass_obj
def block(instance: Instance, name: str) -> None:
    """Let an account read and no more, until “wiki user unblock NAME”."""
    with instance.open() as wiki:
        wiki.accounts.block(wiki.accounts.user_id(name), by=SYSTEM)
    click.echo(f"“{name}” can read and change nothing.")


@user.command()
@click.argument("name")
@click.pass_obj
def unblock(instance: Instance, name: str) -> None:
    """Let an account do again what its role allows."""
    with instance.open() as wiki:
        wiki.accounts.unblock(wiki.accounts.user_id(name), by=SYSTEM)
    click.echo(f"“{name}” can do again what the role allows.")


@user.command()
@click.argument("name")
@click.pass_obj
def close(instance: Instance, name: str) -> None:
    """Close an account; its name stays in the history and stays taken."""
    with instance.open() as wiki:
        wiki.accounts.close_user(wiki.accounts.user_id(name))
    click.echo(f"The account “{name}” is closed.")


@user.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def remove(instance: Instance, name: str, yes: bool) -> None:
    """Remove an account and its name from the history; this cannot be undone."""
    if not yes and click.prompt(f"Type “{name}” to remove it") != name:
        raise click.UsageError("Nothing was removed: that is another name.")
    with instance.open() as wiki:
        wiki.removal.remove(wiki.accounts.user_id(name))
    click.echo(
        "The account is gone, and its name from the history. The search index is "
        "built anew while the wiki runs; “wiki index rebuild” does it now."
    )


@user.command()
@click.argument("name")
@click.pass_obj
def password(instance: Instance, name: str) -> None:
    """Set a password; read from standard input when that is no terminal."""
    if sys.stdin.isatty():
        text = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        text = sys.stdin.readline().rstrip("\n")
    with instance.open() as wiki:
        wiki.accounts.reset_password(wiki.accounts.user_id(name), text)
    click.echo("The password is set; all sessions of the account have ended.")


@user.command()
@click.argument("name")
@click.pass_obj
def link(instance: Instance, name: str) -> None:
    """Print a one-time link that signs the account in."""
    with instance.open() as wiki:
        secret = wiki.accounts.link_for(wiki.accounts.user_id(name))
        server = wiki.config.server
        url = wiki.config.site.url or f"http://{server.host}:{server.port}"
    click.echo(f"{url.rstrip('/')}/-/reset/{secret}")
    if not wiki.config.site.url:
        click.echo("Put the address you serve at in place of this one.", err=True)


@user.command()
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, type=click.Choice(SCOPES))
@click.option("--days", default=90, type=click.IntRange(1, 365))
@click.option("--label", default="", help="What the token is for.")
@click.pass_obj
def token(
    instance: Instance, name: str, scopes: tuple[str, ...], days: int, label: str
) -> None:
    """Make a token for the API; it is shown once."""
    with instance.open() as wiki:
        made = wiki.accounts.make_token(
            wiki.accounts.user_id(name), frozenset(scopes or ("read",)), days, label
        )
    click.echo(made)

"""``wiki config``: settings, where each comes from, and changing them."""

from __future__ import annotations

import json
from typing import Any

import click

from wiki.config import describe
from wiki.errors import LooksTwice, NotValid, StartError
from wiki.model.actor import SYSTEM
from wiki.settings import Misfit, from_text, nearest
from wiki.sources import guessed
from wiki.stored_settings import KNOWN, StoredSettings, shown

from .context import Instance

WRONG_USAGE, WRONG, REFUSED = 2, 3, 4

NOTES = (
    ("file_only", "Not in the browser."),
    ("restart", "Takes effect at the next start."),
    ("secret", "Comes from the environment only."),
)

yes = click.option("--yes", is_flag=True, help="Agree to what is dangerous.")
as_json = click.option("--json", "as_json", is_flag=True, help="For programs.")


@click.group()
def config() -> None:
    """Look at the settings, or change those that can change while the wiki runs."""


@config.command()
@as_json
@click.pass_obj
def show(instance: Instance, as_json: bool) -> None:
    """Show every setting and where its value comes from."""
    rows = describe(instance.config())
    if as_json:
        wanted = ("key", "value", "where")
        click.echo(json.dumps([{name: row[name] for name in wanted} for row in rows]))
        return
    for row in rows:
        click.echo(f"{row['key']} = {row['value']!r}  ({row['where']})")


@config.command()
@click.argument("key")
@click.pass_obj
def get(instance: Instance, key: str) -> None:
    """Print the value of one setting."""
    _known(key)
    row = next(row for row in describe(instance.config()) if row["key"] == key)
    click.echo(shown(row["value"]))


@config.command("set")
@click.argument("key")
@click.argument("value")
@yes
@click.pass_obj
def set_(instance: Instance, key: str, value: str, yes: bool) -> None:
    """Set a value, as in the browser; a running wiki takes it within two seconds."""
    if not key.startswith("plugin."):
        _known(key)
    with instance.settings() as settings:
        given = _value(key, value)
        change(settings, {key: given}, [], sure=yes)
    click.echo(f"{key} is {shown(given)}." + _when(key))


@config.command()
@click.argument("key")
@yes
@click.pass_obj
def unset(instance: Instance, key: str, yes: bool) -> None:
    """Forget a value that was set in the browser or with “config set”."""
    with instance.settings() as settings:
        if not change(settings, {}, [key], sure=yes):
            raise StartError(f"{key} was not set in the browser. Nothing changed.", 1)
    click.echo(f"{key} is set back." + _when(key))


@config.command()
@click.pass_obj
def check(instance: Instance) -> None:
    """Check the settings; every problem is listed, with exit code 3."""
    instance.config()
    click.echo("The settings are fine.")


@config.command()
def docs() -> None:
    """Print the reference of all settings as Markdown."""
    click.echo("| Setting | Default | Meaning |\n|---|---|---|")
    for it in KNOWN.values():
        notes = " ".join(text for flag, text in NOTES if getattr(it.rule, flag))
        meaning = f"{it.rule.help} {notes}".rstrip()
        click.echo(f"| `{it.key}` | `{as_toml(it.default)}` | {meaning} |")


def as_toml(value: object) -> str:
    """Return a value as it is written in wiki.toml."""
    if isinstance(value, tuple):
        return f"[{', '.join(map(as_toml, value))}]"
    return json.dumps(value, ensure_ascii=False)


def _known(key: str) -> None:
    if key not in KNOWN:
        near = nearest(key, KNOWN)
        raise StartError(f"There is no setting “{key[:200]}”.{near}", WRONG_USAGE)


def _value(key: str, text: str) -> Any:
    """Return the value that was typed for a setting, as it is stored."""
    if key not in KNOWN:
        return guessed(text)
    try:
        value = from_text(KNOWN[key], text)
    except Misfit as misfit:
        raise StartError(f"Nothing was changed. {misfit.about(key)}", WRONG) from None
    return list(value) if isinstance(value, tuple) else value


def change(
    settings: StoredSettings, put: dict[str, Any], drop: list[str], *, sure: bool
) -> list[str]:
    try:
        return settings.change(SYSTEM, put, drop, sure=sure)
    except LooksTwice as looks:
        lines = "".join(f"\n  - {sentence}" for sentence in looks.sentences)
        raise StartError(
            f"This needs a second look. Nothing was changed. It makes true:{lines}\n"
            "Add --yes to do it.",
            REFUSED,
        ) from None
    except NotValid as wrong:
        lines = "".join(
            f"\n  - {problem.message % {'what': problem.field, **problem.params}}"
            for problem in wrong.problems
        )
        raise StartError(f"Nothing was changed.{lines}", WRONG) from None


def _when(key: str) -> str:
    if key in KNOWN and KNOWN[key].rule.restart:
        return " It takes effect when the wiki is started again."
    return ""

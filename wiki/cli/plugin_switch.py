"""``wiki plugin enable``, ``disable`` and ``purge``."""

from __future__ import annotations

import sys

import click

from wiki.config import Config
from wiki.errors import StartError
from wiki.model.actor import SYSTEM
from wiki.plugin_switching import (
    files_in,
    folder_of,
    is_wanted,
    present,
    remove_folder,
    switched,
)
from wiki.settings import nearest
from wiki.store.private_settings import values_of
from wiki.stored_settings import StoredSettings

from .config import change
from .context import Instance

REFUSED = 4
LEFT = "[plugin.%s] stands in wiki.toml. Take it out there."


@click.command()
@click.argument("name")
@click.pass_obj
def enable(instance: Instance, name: str) -> None:
    """Turn a plugin on; a running wiki takes it within two seconds."""
    _switch(instance, name, on=True)


@click.command()
@click.argument("name")
@click.pass_obj
def disable(instance: Instance, name: str) -> None:
    """Turn a plugin off; what it keeps stays, a running wiki lets go of it."""
    _switch(instance, name, on=False)


def _switch(instance: Instance, name: str, *, on: bool) -> None:
    with instance.settings() as settings:
        config = settings.config()
        names = present(config)
        if name not in names and (on or not is_wanted(config, name)):
            raise _unknown(name, names)
        put = switched(config, name, names, on=on)
        change(settings, put, [], sure=True)
    word = "on" if on else "off"
    if not put:
        click.echo(f"“{name}” was {word} already. Nothing changed.")
        return
    click.echo(
        f"“{name}” is {word}. A running wiki takes it within two seconds; "
        "“wiki plugin list” says how it is."
    )


def _unknown(name: str, names: set[str]) -> StartError:
    near = nearest(name, dict.fromkeys(names))
    return StartError(
        f"There is no plugin “{name[:200]}”. Nothing changed.{near}", REFUSED
    )


@click.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def purge(instance: Instance, name: str, yes: bool) -> None:
    """Remove what a plugin keeps of its own and its settings, for good.

    Only of a plugin that is off. Pages stay, whoever made them.
    """
    with instance.settings() as settings:
        config = settings.config()
        if not name.isidentifier():  # it is part of a path
            raise _unknown(name, present(config))
        folder = folder_of(config, name)
        keys = _keys(settings, name)
        if name in present(config) and is_wanted(config, name):
            raise StartError(
                f"“{name}” is on. Nothing was removed. First: wiki plugin disable "
                f"{name}",
                REFUSED,
            )
        if not folder.exists() and not folder.is_symlink() and not keys:
            if name not in present(config):
                raise _unknown(name, present(config))
            click.echo(f"“{name}” keeps nothing. There is nothing to remove.")
            return
        what = f"{_files(config, name)} and {_settings(keys)}"
        if not yes and not _typed(name, what):
            click.echo("Nothing was removed.")
            return
        _remove(settings, config, name, keys)
    click.echo(f"Removed of “{name}”: {what}. Pages stay.")
    if config.plugin.get(name, {}).keys() - {key.rpartition(".")[2] for key in keys}:
        click.echo(LEFT % name)


def _remove(
    settings: StoredSettings, config: Config, name: str, keys: list[str]
) -> None:
    folder = folder_of(config, name)
    try:
        remove_folder(folder)
    except OSError as error:
        raise StartError(
            f"Not all of “{folder}” could be removed ({error.strerror}). Its settings "
            "are kept. Remove the folder by hand, then say this again."
        ) from error
    change(settings, {}, keys, sure=True)
    settings.audit.note(SYSTEM, "plugin.changed", name, what="its data were removed")


def _keys(settings: StoredSettings, name: str) -> list[str]:
    stored = values_of(settings.state())
    return sorted(key for key in stored if key.startswith(f"plugin.{name}."))


def _files(config: Config, name: str) -> str:
    found = files_in(folder_of(config, name))
    size = sum(path.lstat().st_size for path in found)
    count = "1 file" if len(found) == 1 else f"{len(found)} files"
    return f"{count} ({size} bytes) in var/plugins/{name}"


def _settings(keys: list[str]) -> str:
    return f"its settings ({', '.join(keys)})" if keys else "no settings"


def _typed(name: str, what: str) -> bool:
    if not sys.stdin.isatty():
        raise click.UsageError("Say --yes to remove without being asked.")
    click.echo(f"This removes {what}. It cannot be undone.")
    answer = click.prompt(f"Type {name} to do it", default="", show_default=False)
    return str(answer).strip() == name

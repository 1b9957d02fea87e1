"""``wiki plugin``: what is installed, how it is, and turning it on and off."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import click

from wiki.config import Config
from wiki.errors import StartError
from wiki.plugin import Plugin
from wiki.plugin_switching import files_in, folder_of, present
from wiki.registry import in_folder, installed, load_file
from wiki.service import Wiki
from wiki.settings import nearest

from . import plugin_check, plugin_new, plugin_switch
from .config import as_toml
from .context import Instance


@click.group()
def plugin() -> None:
    """Plugins of this wiki, and of your own."""


plugin.add_command(plugin_new.new)
plugin.add_command(plugin_check.check)
plugin.add_command(plugin_switch.enable)
plugin.add_command(plugin_switch.disable)
plugin.add_command(plugin_switch.purge)

as_json = click.option("--json", "as_json", is_flag=True, help="For programs.")


@plugin.command("list")
@as_json
@click.pass_obj
def list_(instance: Instance, as_json: bool) -> None:
    """List plugins: name, version, interface, state, and why one is not on."""
    with instance.open() as wiki:
        rows = [_row(wiki, name) for name in sorted(wiki.registry.states)]
    if as_json:
        click.echo(json.dumps(rows))
        return
    for row in rows:
        click.echo("\t".join(map(str, row.values())).rstrip())


def _row(wiki: Wiki, name: str) -> dict[str, str]:
    state = wiki.registry.states[name]
    cls = wiki.registry.classes.get(name)
    return {
        "name": name,
        "version": state.version,
        "api": _api(cls) if cls else "",
        "state": state.state,
        "why": state.reason,
    }


def _api(cls: type[Plugin]) -> str:
    return ".".join(map(str, cls.api))


@plugin.command()
@click.argument("name")
@as_json
@click.pass_obj
def show(instance: Instance, name: str, as_json: bool) -> None:
    """Show all there is to know of a plugin, before it is enabled, too."""
    with instance.open() as wiki:
        if name not in wiki.registry.states:
            near = nearest(name, wiki.registry.states)
            raise StartError(f"There is no plugin “{name[:200]}”.{near}", 4)
        facts = _facts(wiki, name)
    if as_json:
        click.echo(json.dumps(facts))
        return
    for line in _lines(facts):
        click.echo(line)


def _facts(wiki: Wiki, name: str) -> dict[str, Any]:
    facts: dict[str, Any] = _row(wiki, name)
    cls = wiki.registry.classes.get(name) or _class_of(wiki.config, name)
    if cls is None:
        return facts
    files = files_in(folder_of(wiki.config, name))
    given = wiki.config.plugin.get(name, {})
    faults = [one for one in wiki.door.faults.values() if one.plugin == name]
    return facts | {
        "version": cls.version,
        "api": _api(cls),
        "title": cls.title,
        "description": cls.description,
        "uses": sorted(cls.uses),
        "stores": cls.stores,
        "bytes": sum(path.lstat().st_size for path in files),
        "hooks": sorted(key for key in wiki.registry.hooks if hasattr(cls, key)),
        "settings": [
            {
                "key": (key := f"plugin.{name}.{one.name}"),
                "value": given.get(one.name, one.default),
                "where": wiki.config.where(key),
            }
            for one in cls.settings
        ],
        "faults": [
            {"hook": one.hook, "count": one.count, "text": one.text} for one in faults
        ],
    }


def _class_of(config: Config, name: str) -> type[Plugin] | None:
    """Return the class of a plugin that is off; None where it cannot be loaded."""
    if name not in present(config):
        return None
    try:
        single = in_folder(config.plugins_folder).get(name)
        cls = load_file(single) if single else installed()[name].load()
    except KeyboardInterrupt:
        raise
    except BaseException:  # an import may raise anything
        return None
    return cls if isinstance(cls, type) and issubclass(cls, Plugin) else None


def _lines(facts: dict[str, Any]) -> Iterator[str]:
    """Yield what is known of a plugin as people read it."""
    version = f" {facts['version']}" if facts["version"] else ""
    yield f"{facts['name']}{version}: {facts['state']}"
    if facts["why"]:
        yield facts["why"]
    if "title" not in facts:
        return
    yield f"{facts['title']}. {facts['description']}"
    yield f"Interface: {facts['api']}"
    yield f"Uses: {', '.join(facts['uses']) or 'nothing of these'}"
    yield f"Stores: {facts['stores']} ({facts['bytes']} bytes of its own)"
    yield f"Hooks: {', '.join(facts['hooks'])}"
    for one in facts["settings"]:
        yield f"{one['key']} = {as_toml(one['value'])}  ({one['where']})"
    for one in facts["faults"]:
        yield f"Failed {one['count']} times in “{one['hook']}”: {one['text']}"

"""Pages of plugins: mounted below /-/p/<plugin>/, and at addresses they ask for.

A plugin's ``addresses`` are promised names beside its own folder, as /-/feed.atom is.
What lies below a first part of /-/ belongs to one plugin or to the wiki itself: what
is taken is refused, naming who has it.
"""

from __future__ import annotations

from typing import Any

from flask import Flask

from wiki.plugin import Plugin
from wiki.service import Wiki

CORE = "the wiki itself"
# Promised to the wiki whether or not it answers there.
RESERVED = ("p", "static", "api", "metrics")
REMEDY = "Update or disable it."


def mount(app: Flask, wiki: Wiki) -> None:
    """Mount the pages of all plugins; one that cannot be mounted is off."""
    rules = (str(rule) for rule in app.url_map.iter_rules())
    taken = dict.fromkeys({*map(part_of, rules), *RESERVED}, CORE)
    off = wiki.registry.drop
    for name, plugin in list(wiki.registry.plugins.items()):
        try:
            _claim(plugin, taken)
        except ValueError as error:
            off(name, f"Its address {error}. {REMEDY}")
    for name, blueprint in wiki.door.collect("blueprints"):
        try:
            app.register_blueprint(blueprint, url_prefix=f"/-/p/{name}")
        except Exception as error:  # whatever a plugin's routes may do wrong
            off(name, f"Its pages could not be mounted ({error}). {REMEDY}")
    for name, plugin in list(wiki.registry.plugins.items()):
        for address, endpoint in plugin.addresses.items():
            view: Any = app.view_functions.get(endpoint)
            if view is None or endpoint.partition(".")[0] != name:
                off(name, f"Its address “{address}” has no page “{endpoint}”. {REMEDY}")
                break
            app.add_url_rule(address, endpoint, view, methods=["GET"])


def _claim(plugin: Plugin, taken: dict[str, str]) -> None:
    """Note what a plugin takes; raises ValueError where it may not."""
    for address in plugin.addresses:
        part = part_of(address)
        if not part or "<" in part:
            raise ValueError(f"“{address}” is not below /-/ under a name of its own")
        if taken.setdefault(part, plugin.name) != plugin.name:
            raise ValueError(f"“{address}” is already taken by “{taken[part]}”")


def part_of(address: str) -> str:
    """Return the first part of an address below /-/, "" for one beside it."""
    if not address.startswith("/-/"):
        return ""
    return address.removeprefix("/-/").partition("/")[0]

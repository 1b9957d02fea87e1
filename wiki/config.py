"""The settings of a wiki: typed, from wiki.toml, the environment and the command line.

Each is declared once, in the class of its section. Whatever is wrong is told at once,
in plain words, before anything starts.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from .sections import (
    MOST_WORKERS,
    SECTIONS,
    AccessRules,
    Limits,
    Log,
    PluginRules,
    RenderRules,
    SearchRules,
    SecurityRules,
    Server,
    Sessions,
    Site,
    StoreRules,
    available_languages,
)
from .settings import Setting, declared
from .sources import Sources


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of one wiki and the folders that follow from them.

    ``plugin`` maps a plugin's name to its own settings, unchecked.
    """

    folder: Path
    site: Site = field(default_factory=Site)
    access: AccessRules = field(default_factory=AccessRules)
    sessions: Sessions = field(default_factory=Sessions)
    store: StoreRules = field(default_factory=StoreRules)
    search: SearchRules = field(default_factory=SearchRules)
    limits: Limits = field(default_factory=Limits)
    render: RenderRules = field(default_factory=RenderRules)
    security: SecurityRules = field(default_factory=SecurityRules)
    server: Server = field(default_factory=Server)
    log: Log = field(default_factory=Log)
    plugins: PluginRules = field(default_factory=PluginRules)
    plugin: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    origins: Mapping[str, str] = field(default_factory=dict)

    @property
    def pages(self) -> Path:
        return self.folder / self.store.pages

    @property
    def var(self) -> Path:
        return self.folder / "var"

    @property
    def plugins_folder(self) -> Path:
        return self.folder / "plugins"

    def value(self, key: str) -> Any:
        """Return the value of a declared key; KeyError for any other."""
        section, _, name = key.partition(".")
        if key not in {it.key for it in settings()}:
            raise KeyError(key)
        return getattr(getattr(self, section), name)

    def where(self, key: str) -> str:
        """Say where a value came from, in plain words."""
        return self.origins.get(key, "the default")


def settings() -> list[Setting]:
    """Return all settings as they are declared."""
    return [it for name, of in SECTIONS.items() for it in declared(name, of)]


def describe(config: Config) -> list[dict[str, Any]]:
    """Return a row for each setting: what it means, its value, where that is from.

    Keys: key, kind, default, help, choices, least, most, variable, value, where.
    """
    return [
        {
            "key": it.key,
            "kind": it.kind,
            "default": list(it.default) if it.type is tuple else it.default,
            "help": it.rule.help,
            "choices": it.rule.choices,
            "least": it.rule.least,
            "most": it.rule.most,
            "variable": it.variable,
            "value": config.value(it.key),
            "where": config.where(it.key),
        }
        for it in settings()
    ]


def load(
    folder: Path,
    environ: Mapping[str, str],
    overrides: Mapping[str, object] | None = None,
    *,
    file: Path | None = None,
) -> Config:
    """Read the settings of the wiki in a folder.

    Later sources win: defaults, ``file`` (wiki.toml), ``WIKI_…`` variables, then
    ``overrides`` by key, where None stands for not given. Raises StartError.
    """
    folder = folder.absolute()
    sources = Sources({it.key: it for it in settings()}, SECTIONS)
    sources.read_file(file or folder / "wiki.toml", required=file is not None)
    sources.read_environment(environ)
    sources.read_overrides(overrides or {})
    _check_together(sources)
    sources.raise_problems()
    sections = {name: of(**sources.section(name)) for name, of in SECTIONS.items()}
    config = Config(folder, **sections, plugin=sources.plugin, origins=sources.origins)
    return _filled(config)


def _filled(config: Config) -> Config:
    """Return the settings with what “all” and “as many as” stand for."""
    site, server = config.site, config.server
    return replace(
        config,
        site=replace(site, languages=site.languages or available_languages()),
        server=replace(server, workers=server.workers or _processors()),
    )


def _processors() -> int:
    """Return the processors this process may use, as far as the system tells."""
    if hasattr(os, "sched_getaffinity"):
        return min(len(os.sched_getaffinity(0)), MOST_WORKERS)
    return min(os.cpu_count() or 1, MOST_WORKERS)


def _check_together(sources: Sources) -> None:
    """Look for values that fit each on its own but not beside each other."""
    both = set(sources.get("plugins.enabled")) & set(sources.get("plugins.disabled"))
    for name in sorted(both):
        sources.problem(
            "plugins.disabled",
            f"“{name}” is in plugins.enabled too; take it out of one.",
        )
    languages = sources.get("site.languages")
    if languages and sources.get("site.language") not in languages:
        sources.problem(
            "site.languages", "must hold the language of site.language too."
        )

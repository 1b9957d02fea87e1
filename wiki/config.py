"""The settings of a wiki: typed, each from the last of its sources.

Sources: defaults, the browser, wiki.toml, the environment, the command line. Each
setting is declared once, in the class of its section. Whatever is wrong is told at
once, in plain words, before anything starts.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from .checks import available_languages as available_languages
from .sections import (
    SECTIONS,
    AccessRules,
    Mail,
    Moderation,
    PrivacyRules,
    SecurityRules,
    Sessions,
    Site,
)
from .sections_machine import (
    MOST_WORKERS,
    Limits,
    Log,
    PluginRules,
    RenderRules,
    SearchRules,
    Server,
    StoreRules,
)
from .settings import Setting, attribute, declared
from .sources import DEFAULT, Sources
from .store.private_settings import PRIVATE, State, stored_in, values_of


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
    moderation: Moderation = field(default_factory=Moderation)
    render: RenderRules = field(default_factory=RenderRules)
    privacy: PrivacyRules = field(default_factory=PrivacyRules)
    security: SecurityRules = field(default_factory=SecurityRules)
    mail: Mail = field(default_factory=Mail)
    server: Server = field(default_factory=Server)
    log: Log = field(default_factory=Log)
    plugins: PluginRules = field(default_factory=PluginRules)
    plugin: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    origins: Mapping[str, str] = field(default_factory=dict)
    given: Given | None = field(default=None, repr=False, compare=False)
    state: State = field(default=(), repr=False, compare=False)

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
        return getattr(getattr(self, section), attribute(name))

    def where(self, key: str) -> str:
        """Say where a value came from, in plain words."""
        return self.origins.get(key, DEFAULT)

    def running(self, new: Config) -> Config:
        """Return newer settings, but those kept until the next start as they are."""
        kept: dict[str, dict[str, Any]] = {}
        for it in settings():
            if it.rule.restart:
                section, _, name = it.key.partition(".")
                kept.setdefault(section, {})[attribute(name)] = self.value(it.key)
        sections = {
            section: replace(getattr(new, section), **values)
            for section, values in kept.items()
        }
        return replace(new, **sections)


@dataclass(frozen=True, slots=True)
class Given:
    """What a wiki's settings are read from, besides what the browser stored."""

    folder: Path
    environ: Mapping[str, str]
    overrides: Mapping[str, object]
    file: Path | None = None

    def read(self, stored: Mapping[str, Any]) -> Config:
        """Return the settings with these stored ones; raises SettingsWrong."""
        sources = Sources({it.key: it for it in settings()}, SECTIONS)
        sources.read_stored(stored)
        file = self.file or self.folder / "wiki.toml"
        sources.read_file(file, required=self.file is not None)
        sources.read_environment(self.environ)
        sources.read_overrides(self.overrides)
        _check_together(sources)
        sources.raise_problems()
        sections = {name: of(**sources.section(name)) for name, of in SECTIONS.items()}
        config = Config(
            self.folder,
            **sections,
            plugin=sources.plugin,
            origins=sources.origins,
            given=self,
        )
        return _filled(config)

    def begin(self, state: State) -> Config:
        """Return the settings with what the browser stored; raises SettingsWrong."""
        return replace(self.read(values_of(state)), state=state)


def settings() -> list[Setting]:
    """Return all settings as they are declared."""
    return [it for name, of in SECTIONS.items() for it in declared(name, of)]


def describe(config: Config) -> list[dict[str, Any]]:
    """Return a row for each setting: what it means, its value, where that is from.

    Keys: key, kind, default, help, choices, least, most, variable, secret, value,
    where. Of a secret the value says only whether there is one.
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
            "secret": it.rule.secret,
            "value": _shown(it, config.value(it.key)),
            "where": config.where(it.key),
        }
        for it in settings()
    ]


def _shown(it: Setting, value: Any) -> Any:
    if not it.rule.secret:
        return value
    return "(set)" if value else ""


def load(
    folder: Path,
    environ: Mapping[str, str],
    overrides: Mapping[str, object] | None = None,
    *,
    file: Path | None = None,
) -> Config:
    """Read the settings of the wiki in a folder.

    Later sources win: defaults, what was set in the browser, ``file`` (wiki.toml),
    ``WIKI_…`` variables, then ``overrides`` by key, where None stands for not given.
    Raises StartError.
    """
    given = Given(folder.absolute(), dict(environ), dict(overrides or {}), file)
    return given.begin(stored_in(given.folder / "var" / PRIVATE))


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
            "%(what)s cannot hold “%(name)s”, which is in plugins.enabled too. "
            "Take it out of one.",
            "plugins.enabled",
            name=name,
        )
    for key, other in (
        ("mail.url", "mail.from"),
        # Else whoever asks for a link could have it begin with another host.
        ("mail.url", "site.url"),
        ("access.oidc_issuer", "access.oidc_client"),
    ):
        if sources.get(key) and not sources.get(other):
            sources.problem(
                other, "%(what)s must be set too, since %(other)s is.", key, other=key
            )
    languages = sources.get("site.languages")
    if languages and sources.get("site.language") not in languages:
        sources.problem(
            "site.languages",
            "%(what)s must hold the language of site.language too.",
            "site.language",
        )

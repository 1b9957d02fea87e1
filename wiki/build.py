"""Puts a wiki together: store, accounts, plugins, markup, search.

The one module below the web that knows all parts; ``app`` and ``cli`` start here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from .access import Access, set_default
from .accounts import Accounts
from .accounts.removal import Removal
from .areas import Areas
from .audit import Audit
from .config import Config, Given
from .describing import Describer
from .directives import Directives
from .erasing import Erasing
from .indexing import PageSource
from .markup.child import ParserPool
from .model.merge import merge_text
from .panic import Panic
from .plugin import Plugin
from .records import Stamps
from .registry import Registry
from .rendering import Renderer
from .search.engines import check_engine, make_engine
from .search.finder import Finder
from .search.follower import Follower
from .service import Wiki
from .store.base import Store
from .store.cache import RenderCache
from .store.core import now_ms
from .store.memory import MemoryStore
from .store.private import PrivateStore
from .store.sql import SqlStore
from .stored_settings import StoredSettings


def release() -> str:
    """Return the version of the installed distribution."""
    try:
        return version("commonground-wiki")
    except PackageNotFoundError:
        return "0"


def build(
    config: Config,
    *,
    plugins: Iterable[type[Plugin]] = (),
    safe_mode: bool = False,
    strict: bool = False,
    memory: bool = False,
    serving: bool = False,
) -> Wiki:
    """Return a wiki over an instance folder, or in memory for tests.

    ``serving`` says that this process shows the wiki to people, or speaks for one.

    Raises StartError, naming cause and remedy, when the folder cannot be used.
    """
    describer = Describer()
    private = PrivateStore(_private(config, memory=memory))
    store = _store(config, describer, private, memory=memory)
    set_default(store, config.access.read, widen=serving)
    access = Access(store, members_edit=config.access.edit == "member")
    accounts = Accounts(private, config)
    registry = Registry(config, extra=plugins, safe_mode=safe_mode, strict=strict)
    cache = RenderCache(None if memory else config.var / "cache" / "render.db")
    wiki = Wiki(config, store, accounts, registry, access, describer)
    wiki.areas = Areas(store, access, accounts, private)
    given = config.given or Given(config.folder, {}, {})
    wiki.settings = stored_settings(private, given, registry.classes)
    wiki.panic = Panic(private, accounts.audit)
    wiki.erasing = Erasing(
        *(store, private, cache, access, accounts.audit, config), folders=not memory
    )
    wiki.removal = Removal(accounts, store, config.var / "index")
    registry.start(wiki)
    pool = ParserPool(
        [path for _, path in registry.door.collect("markdown_plugins")],
        cpu_seconds=config.render.cpu_seconds,
        memory_mb=config.render.memory_mb,
        forms=registry.forms(),
    )
    renderer = Renderer(
        store,
        pool,
        cache,
        registry.door,
        registry.page_types,
        Directives(registry.door, registry.directives),
        registry.fingerprint(),
        Stamps(store),
    )
    describer.renderer = renderer
    source = PageSource(store, renderer)
    finder = _finder(config, source, memory=memory)
    wiki.begin(renderer, finder, _boot(config, registry))
    return wiki


def stored_settings(
    private: PrivateStore, given: Given, plugins: Mapping[str, type[Plugin]]
) -> StoredSettings:
    """Return the settings that administrators change while the wiki runs."""

    def lockout(config: Config) -> str:
        if config.access.password:
            return ""
        return Accounts(private, config).why_passwords()

    audit = Audit(private, now_ms)
    return StoredSettings(private, given, audit, now_ms, plugins, lockout)


def follower(wiki: Wiki) -> Follower:
    """Return the follower that keeps this instance's search index."""
    config = wiki.config
    return Follower(
        partial(make_engine, config.search.engine),
        PageSource(wiki.store, wiki.renderer),
        config.var / "lock" / "search.lock",
        config.var / "index",
    )


def _store(
    config: Config, describer: Describer, private: PrivateStore, *, memory: bool
) -> Store:
    if memory:
        return MemoryStore(describer, merge_text, private.database.read_only)
    return SqlStore(config.var, config.pages, describer, merge_text)


def _private(config: Config, *, memory: bool) -> Path | None:
    return None if memory else config.var / "private.db"


def _finder(config: Config, source: PageSource, *, memory: bool) -> Finder:
    name = "memory" if memory else config.search.engine
    check_engine(name)
    path = config.var / "index" if name == "whoosh" else None
    return Finder(partial(make_engine, name), source, path)


def _boot(config: Config, registry: Registry) -> str:
    made = f"{release()};{registry.fingerprint()};{config.site};{config.access}"
    return hashlib.sha256(made.encode()).hexdigest()[:8]

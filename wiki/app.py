"""Makes the WSGI application: settings, wiki, plugins, blueprints."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

from flask import Flask
from jinja2 import ChoiceLoader, FileSystemLoader
from werkzeug.middleware.proxy_fix import ProxyFix

from .build import build
from .config import Config, describe, load
from .instance import secret_key
from .model.times import STEPS
from .plugin import Plugin
from .service import Wiki
from .web import (
    addresses,
    errors,
    frame,
    language,
    read_only,
    routes,
    security,
    sessions,
    slow_bodies,
)
from .web.answering import Kept
from .web.assets import Assets
from .web.directive_templates import DirectiveTemplates
from .web.limits import Limits
from .web.reloading import Reloading
from .web.response_cache import ResponseCache
from .web.sitemap import Parts

log = logging.getLogger("wiki.app")

HERE = Path(__file__).parent


def create_app(
    folder: str | Path | None = None,
    *,
    config: Config | None = None,
    plugins: Iterable[type[Plugin]] = (),
    safe_mode: bool = False,
    strict: bool = False,
    memory: bool = False,
) -> Flask:
    """Return the application of the wiki in ``folder``.

    ``plugins`` are classes beside the installed ones; ``memory`` keeps everything in
    memory (tests). Raises StartError, which says what is wrong and what to do.
    """
    if config is None:
        config = load(Path(folder or os.environ.get("WIKI_FOLDER", ".")), os.environ)
    make = partial(
        _make, plugins=tuple(plugins), safe_mode=safe_mode, strict=strict, memory=memory
    )
    app = make(config)
    if not memory:
        app.wsgi_app = Reloading(app, make)  # type: ignore
    return app


def _make(
    config: Config,
    *,
    plugins: Iterable[type[Plugin]],
    safe_mode: bool,
    strict: bool,
    memory: bool,
) -> Flask:
    wiki = build(
        config,
        plugins=plugins,
        safe_mode=safe_mode,
        strict=strict,
        memory=memory,
        serving=True,
    )
    app = Flask("wiki", template_folder=None, static_folder=None)
    _configure(app, config, memory=memory)
    _extend(app, wiki)
    app.before_request(slow_bodies.refuse)
    sessions.install(app)
    read_only.install(app)
    security.install(app, config)
    language.babel.init_app(
        app,
        locale_selector=language.choose,
        default_locale=config.site.language,
        default_translation_directories=_catalogs(wiki),
    )
    frame.install(app)
    errors.install(app)
    routes.install(app)
    # After the core's, so that a plugin that takes one of their names is refused.
    addresses.mount(app, wiki)
    app.wsgi_app = ResponseCache(  # type: ignore
        app.wsgi_app, wiki.store.change_mark, wiki.accounts.mark
    )
    if config.server.trusted_proxies:
        app.wsgi_app = BehindProxies(  # type: ignore
            app.wsgi_app, config.server.trusted_proxies
        )
    return app


class BehindProxies:
    """Believes X-Forwarded-* from the addresses named in the settings only."""

    def __init__(self, app: Any, trusted: Iterable[str]) -> None:
        self._app, self._fixed = app, ProxyFix(app, x_host=1)
        self._trusted = frozenset(trusted)

    def __call__(self, environ: dict[str, Any], start: Any) -> Any:
        trusted = environ.get("REMOTE_ADDR") in self._trusted
        return (self._fixed if trusted else self._app)(environ, start)


def _configure(app: Flask, config: Config, *, memory: bool) -> None:
    app.secret_key = "in-memory" if memory else secret_key(config.var)
    app.config.update(
        SESSION_COOKIE_NAME="wiki_form",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        # Forms carry up to a page each of text, base and parts.
        MAX_CONTENT_LENGTH=max(config.limits.page_kb * 8, 1024) * 1024,
        MAX_FORM_MEMORY_SIZE=max(config.limits.page_kb * 8, 1024) * 1024,
        WIKI_LANGUAGE=config.site.language,
        WIKI_TIME_STEP=STEPS[config.privacy.time_in_history],
        WIKI_LANGUAGES=list(config.site.languages),
        WIKI_SITE_URL=config.site.url.rstrip("/"),
        WIKI_LOOPBACK_ONLY=not memory and security.is_loopback(config.server.host),
        WIKI_ALLOW_HTTP=config.security.allow_http,
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]


def _extend(app: Flask, wiki: Wiki) -> None:
    folders = {"": HERE / "static"}
    templates = [HERE / "templates"]
    for name, plugin in wiki.registry.plugins.items():
        home = _home(plugin)
        if (home / "static").is_dir():
            folders[f"p/{name}/"] = home / "static"
        if (home / "templates").is_dir():
            templates.append(home / "templates")
    own = None
    # A file of the same name in the instance's own folder comes first.
    if wiki.config.pages != wiki.config.folder:
        templates.insert(0, wiki.config.folder / "templates")
        own = wiki.config.folder / "static"
    loader = ChoiceLoader([FileSystemLoader(path) for path in templates])
    app.jinja_loader = loader
    wiki.renderer.directives.templates = DirectiveTemplates(
        loader,
        _catalogs(wiki).split(";"),
        (wiki.config.site.language, *wiki.config.site.languages),
    )
    limits = wiki.config.limits
    app.extensions.update(
        {
            "wiki": wiki,
            "wiki.assets": Assets(folders, own),
            "wiki.addresses": {},
            "wiki.answers": Kept(),
            "wiki.catalogs": {},
            "wiki.sentences": {},
            "wiki.tokens": {},
            "wiki.limits": Limits(limits.reads_per_minute, limits.writes_per_minute),
            "wiki.settings": describe(wiki.config),
            "wiki.sitemap": Parts(),
        }
    )


def _home(plugin: Plugin) -> Path:
    module: Any = __import__(type(plugin).__module__, fromlist=["__file__"])
    return Path(module.__file__).parent


def _catalogs(wiki: Wiki) -> str:
    """Return the folders of translation catalogs, as Flask-Babel wants them."""
    found = [HERE / "locale"]
    found += [_home(plugin) / "locale" for plugin in wiki.registry.plugins.values()]
    return ";".join(str(path) for path in found if path.is_dir())

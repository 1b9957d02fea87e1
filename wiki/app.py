"""Makes the WSGI application: settings, wiki, plugins, blueprints."""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from flask import Flask
from jinja2 import ChoiceLoader, FileSystemLoader
from werkzeug.middleware.proxy_fix import ProxyFix

from .build import build
from .config import Config, describe, load
from .errors import StartError
from .plugin import Plugin
from .service import Wiki
from .web import errors, frame, language, routes, security, sessions
from .web.assets import Assets
from .web.kept import KeptAnswers
from .web.limits import Limits
from .web.response_cache import ResponseCache

log = logging.getLogger("wiki.app")

KEY_LENGTH = 32  # bytes

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
    wiki = build(
        config, plugins=plugins, safe_mode=safe_mode, strict=strict, memory=memory
    )
    app = Flask("wiki", template_folder=None, static_folder=None)
    _configure(app, config, memory=memory)
    _extend(app, wiki)
    sessions.install(app)
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
    _mount_plugins(app, wiki)
    app.wsgi_app = ResponseCache(app.wsgi_app, wiki.store)  # type: ignore
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
    app.secret_key = "in-memory" if memory else _secret_key(config.var)
    app.config.update(
        SESSION_COOKIE_NAME="wiki_form",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        # Forms carry up to a page each of text, base and parts.
        MAX_CONTENT_LENGTH=max(config.limits.page_kb * 8, 1024) * 1024,
        MAX_FORM_MEMORY_SIZE=max(config.limits.page_kb * 8, 1024) * 1024,
        WIKI_LANGUAGE=config.site.language,
        WIKI_LANGUAGES=list(config.site.languages),
        WIKI_SITE_URL=config.site.url.rstrip("/"),
        WIKI_LOOPBACK_ONLY=not memory and security.is_loopback(config.server.host),
        WIKI_ALLOW_HTTP=config.security.allow_http,
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]


def _secret_key(var: Path) -> str:
    """Return the key that signs forms, made once and shared by all processes."""
    path = var / "secret.key"
    if path.is_dir():
        raise StartError(f"“{path}” is a folder. Remove it; the wiki makes the file.")
    with contextlib.suppress(OSError, ValueError):
        kept = path.read_text("ascii").strip()
        if len(kept) >= KEY_LENGTH:
            return kept
        path.unlink()  # torn or emptied: forms that are open now will ask again
    made = var / f".secret.{os.getpid()}.tmp"
    fd = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(fd, "w") as file:
        file.write(secrets.token_hex(KEY_LENGTH))
    # Whole or not at all, and the first of several processes wins.
    with contextlib.suppress(FileExistsError):
        os.link(made, path)
    made.unlink()
    return path.read_text("ascii").strip()


def _extend(app: Flask, wiki: Wiki) -> None:
    folders = {"": HERE / "static"}
    templates = [HERE / "templates"]
    for name, plugin in wiki.registry.plugins.items():
        home = _home(plugin)
        if (home / "static").is_dir():
            folders[f"p/{name}/"] = home / "static"
        if (home / "templates").is_dir():
            templates.append(home / "templates")
    # A file of the same name in the instance's own folder comes first.
    if wiki.config.pages != wiki.config.folder:
        templates.insert(0, wiki.config.folder / "templates")
    app.jinja_loader = ChoiceLoader([FileSystemLoader(path) for path in templates])
    limits = wiki.config.limits
    app.extensions.update(
        {
            "wiki": wiki,
            "wiki.assets": Assets(folders),
            "wiki.addresses": {},
            "wiki.catalogs": {},
            "wiki.sentences": {},
            "wiki.tokens": {},
            "wiki.kept": KeptAnswers(),
            "wiki.limits": Limits(limits.reads_per_minute, limits.writes_per_minute),
            "wiki.settings": describe(wiki.config),
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


def _mount_plugins(app: Flask, wiki: Wiki) -> None:
    for name, blueprint in wiki.door.collect("blueprints"):
        try:
            app.register_blueprint(blueprint, url_prefix=f"/-/p/{name}")
        except Exception as error:  # whatever a plugin's routes may do wrong
            reason = f"Its pages could not be mounted ({error}). Update or disable it."
            wiki.registry.drop(name, reason)

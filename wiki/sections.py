"""The sections of the settings, each setting declared once: default, meaning, range."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

from .errors import BadName
from .model import names
from .settings import setting

LANGUAGES = ("en", "es", "fr", "ar")
MOST_WORKERS = 64
_LOCALE = Path(__file__).parent / "locale"


def available_languages() -> tuple[str, ...]:
    """Return the languages of the interface that there is a catalog for."""
    catalogs = (_LOCALE / lang / "LC_MESSAGES" for lang in LANGUAGES)
    return tuple(
        lang
        for lang, folder in zip(LANGUAGES, catalogs, strict=True)
        if lang == "en" or any(folder.glob("*.[mp]o"))
    )


def _check_language(value: str | tuple[str, ...]) -> str:
    there = available_languages()
    for lang in (value,) if isinstance(value, str) else value:
        if lang not in there:
            return f"must be one of {', '.join(there)}, not “{lang[:20]}”."
    return ""


def _check_url(value: str) -> str:
    try:
        parts = urlsplit(value)
        ok = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        ok = ok and "@" not in parts.netloc
    except ValueError:
        ok = False
    if not value or (ok and value.rstrip("/") == f"{parts.scheme}://{parts.netloc}"):
        return ""
    return "must be the address of the wiki, like “https://wiki.example.org”."


def _check_home(value: str) -> str:
    try:
        return "" if names.clean(value) == value else "must be a clean page name."
    except BadName as error:
        return f"must be the name of a page. {error}"


def _check_proxies(value: tuple[str, ...]) -> str:
    for one in value:
        try:
            ipaddress.ip_address(one)
        except ValueError:
            return f"must hold addresses of machines, and “{one[:60]}” is none."
    return ""


def _check_filled(value: str) -> str:
    return "" if value.strip() else "must not be empty."


def _check_title(value: str) -> str:
    fits = 1 <= len(value.strip()) <= 80
    return "" if fits else "must have 1 to 80 characters."


@dataclass(frozen=True, slots=True)
class Site:
    title: str = setting(
        "Common Ground", "The wiki's name, shown on every page.", check=_check_title
    )
    url: str = setting(
        "",
        "The address people open, like https://wiki.example.org. When it is set, "
        "requests for another host are refused; links to hand on begin with it.",
        check=_check_url,
    )
    language: str = setting(
        "en",
        "The language of the buttons and messages where a reader asks for none.",
        check=_check_language,
    )
    languages: tuple[str, ...] = setting(
        (), "The languages readers can choose; empty for all.", check=_check_language
    )
    home: str = setting("home", "The page shown at the address /.", check=_check_home)
    license: str = setting("", "The license of the texts, named on every page.")


@dataclass(frozen=True, slots=True)
class AccessRules:
    read: str = setting(
        "public",
        "Who reads pages that name no audience: public, or members only.",
        choices=("public", "members"),
    )
    edit: str = setting(
        "editor",
        "The lowest role that may change pages: editor, or any member.",
        choices=("editor", "member"),
    )
    join: str = setting(
        "invite",
        "How people join: by an invitation link, or not at all (closed).",
        choices=("invite", "closed"),
    )


@dataclass(frozen=True, slots=True)
class Sessions:
    idle_hours: int = setting(
        12,
        "Hours without a visit after which a person is signed out.",
        least=1,
        most=720,
    )
    remember_days: int = setting(
        30,
        "Days a person stays signed in at most, with “Keep me signed in”.",
        least=1,
        most=365,
    )


@dataclass(frozen=True, slots=True)
class StoreRules:
    pages: str = setting(
        "pages", "The folder of the pages, seen from wiki.toml.", check=_check_filled
    )
    watch_files: bool = setting(
        True, "Whether edits on disk become versions while the wiki runs."
    )


@dataclass(frozen=True, slots=True)
class SearchRules:
    engine: str = setting(
        "whoosh",
        "The search engine: whoosh keeps an index on disk, memory none.",
        choices=("whoosh", "memory"),
    )


@dataclass(frozen=True, slots=True)
class Limits:
    page_kb: int = setting(256, "Largest page, in kB.", least=1, most=256)
    file_mb: int = setting(20, "Largest file beside a page, in MB.", least=1, most=80)
    reads_per_minute: int = setting(
        600,
        "Reads a minute for a program with a token; a visitor has a fifth.",
        least=5,
        most=1_000_000,
    )
    writes_per_minute: int = setting(
        60, "Writes a minute for one person.", least=1, most=1_000_000
    )


@dataclass(frozen=True, slots=True)
class RenderRules:
    cpu_seconds: int = setting(
        2, "Seconds that laying out one page may take.", least=1, most=8
    )
    memory_mb: int = setting(
        256, "Memory that laying out one page may take, in MB.", least=64, most=1024
    )


@dataclass(frozen=True, slots=True)
class SecurityRules:
    allow_http: bool = setting(
        False,
        "Whether people may sign in without encryption from other machines. "
        "Passwords can then be read on the way.",
    )


@dataclass(frozen=True, slots=True)
class Server:
    host: str = setting(
        "127.0.0.1",
        "The address to listen on; 0.0.0.0 is every one of this machine.",
        check=_check_filled,
    )
    port: int = setting(8000, "The port to listen on.", least=1, most=65535)
    workers: int = setting(
        0,
        "Worker processes; 0 for as many as there are processors.",
        least=0,
        most=MOST_WORKERS,
    )
    trusted_proxies: tuple[str, ...] = setting(
        (),
        "Addresses of the machines in front whose X-Forwarded headers count.",
        check=_check_proxies,
    )


@dataclass(frozen=True, slots=True)
class Log:
    level: str = setting(
        "info",
        "How much is written to the log.",
        choices=("debug", "info", "warning", "error"),
    )


@dataclass(frozen=True, slots=True)
class PluginRules:
    enabled: tuple[str, ...] = setting((), "Plugins to use; empty for all installed.")
    disabled: tuple[str, ...] = setting((), "Plugins to leave out.")
    budget_ms: int = setting(
        1000, "Milliseconds one call of a plugin may take.", least=10, most=60_000
    )
    max_failures: int = setting(
        20, "Failures after which a plugin's hook is off.", least=1, most=1000
    )


SECTIONS: Mapping[str, type] = MappingProxyType(
    {
        "site": Site,
        "access": AccessRules,
        "sessions": Sessions,
        "store": StoreRules,
        "search": SearchRules,
        "limits": Limits,
        "render": RenderRules,
        "security": SecurityRules,
        "server": Server,
        "log": Log,
        "plugins": PluginRules,
    }
)

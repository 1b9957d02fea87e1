"""The sections of the settings, each setting declared once: default, meaning, range."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from . import checks
from .settings import setting

MOST_WORKERS = 64


@dataclass(frozen=True, slots=True)
class Site:
    title: str = setting(
        "Common Ground",
        "The wiki's name, shown on every page.",
        label="Name of the wiki",
        check=checks.title,
    )
    url: str = setting(
        "",
        "The address people open, like https://wiki.example.org. When it is set, "
        "requests for another host are refused; links to hand on begin with it.",
        label="Address",
        check=checks.url,
    )
    language: str = setting(
        "en",
        "The language of the buttons and messages where a reader asks for none.",
        label="Language of buttons and messages",
        choices=checks.available_languages(),
    )
    languages: tuple[str, ...] = setting(
        (),
        "The languages readers can choose; empty for all.",
        label="Languages to choose from",
        choices=checks.available_languages(),
    )
    home: str = setting(
        "home", "The page shown at the address /.", label="Home page", check=checks.home
    )
    license: str = setting(
        "",
        "The license of the texts, named on every page.",
        label="License of the texts",
    )


@dataclass(frozen=True, slots=True)
class AccessRules:
    read: str = setting(
        "public",
        "Who reads pages that name no audience: public, or members only.",
        label="Who reads pages",
        words=("Everybody", "Members only"),
        look_twice={
            "public": "Everybody on the internet can read every page that names no "
            "audience, search engines included. What they copied stays with them."
        },
        choices=("public", "members"),
    )
    edit: str = setting(
        "editor",
        "The lowest role that may change pages: editor, or any member.",
        label="Who changes pages",
        words=("Editors", "Every member"),
        choices=("editor", "member"),
    )
    join: str = setting(
        "invite",
        "How people join: by themselves (open), by asking an administrator "
        "(approve), by an invitation link only, or not at all (closed).",
        label="How people join",
        words=(
            "By themselves",
            "By asking an administrator",
            "By an invitation only",
            "Not at all",
        ),
        look_twice={
            "open": "Anybody who finds this wiki can make an account by themselves "
            "and read what is for members. Nobody looks at them first."
        },
        choices=("open", "approve", "invite", "closed"),
    )
    join_role: str = setting(
        "member",
        "The role of people who join without an invitation: member or editor.",
        label="Role of people who join",
        words=("Member", "Editor"),
        choices=("member", "editor"),
    )
    second_factor: str = setting(
        "asked",
        "Whether administrators need a passkey or one-time codes: no (off), they are "
        "asked to set one (asked), or no admin page opens before (admins).",
        label="More than a password for administrators",
        words=("Not asked for", "Asked for", "Needed"),
        choices=("off", "asked", "admins"),
    )
    passkeys: bool = setting(
        True,
        "Whether people may sign in with a passkey, where the extra is installed.",
        label="Sign in with a passkey",
    )
    password: bool = setting(
        True,
        "Whether people sign in with a password. Without, there are passkeys, "
        "one-time links and other services; it stays on until an administrator has "
        "one of these.",
        label="Sign in with a password",
        look_twice={
            False: "Everybody who has only a password needs a sign-in link from an "
            "administrator to come back."
        },
    )
    oidc_issuer: str = setting(
        "",
        "A provider that people can sign in with (OpenID Connect), like "
        "https://id.example.org.",
        label="Sign-in with another service",
        with_secret="access.oidc_secret",
        check=checks.issuer,
    )
    oidc_client: str = setting(
        "",
        "What the provider calls this wiki (client id).",
        label="Client id at that service",
    )
    oidc_secret: str = setting(
        "",
        "The secret the provider gave to this wiki.",
        label="Secret of that service",
        secret=True,
    )
    oidc_label: str = setting(
        "another account",
        "The words after “Sign in with” on the button.",
        label="Name of that service on the button",
    )
    oidc_join: str = setting(
        "approve",
        "What happens to people the provider knows and this wiki does not: they join "
        "(open), ask an administrator (approve), or stay out (closed).",
        label="People who are new here",
        words=("They join by themselves", "They ask an administrator", "They stay out"),
        choices=("open", "approve", "closed"),
    )


@dataclass(frozen=True, slots=True)
class Sessions:
    idle_hours: int = setting(
        12,
        "Hours without a visit after which a person is signed out.",
        label="Hours until a person is signed out",
        least=1,
        most=720,
    )
    remember_days: int = setting(
        30,
        "Days a person stays signed in at most, with “Keep me signed in”.",
        label="Days of “Keep me signed in”",
        least=1,
        most=365,
    )


@dataclass(frozen=True, slots=True)
class StoreRules:
    pages: str = setting(
        "pages",
        "The folder of the pages, seen from wiki.toml.",
        label="Folder of the pages",
        file_only=True,
        restart=True,
        check=checks.filled,
    )
    watch_files: bool = setting(
        True,
        "Whether edits on disk become versions while the wiki runs.",
        label="Take in changes of files",
    )


@dataclass(frozen=True, slots=True)
class SearchRules:
    engine: str = setting(
        "whoosh",
        "The search engine: whoosh keeps an index on disk, memory none.",
        label="Search engine",
        restart=True,
        words=("Whoosh: an index on disk", "Memory: for small wikis"),
        choices=("whoosh", "memory"),
    )


@dataclass(frozen=True, slots=True)
class Limits:
    page_kb: int = setting(
        256, "Largest page, in kB.", label="Largest page (kB)", least=1, most=256
    )
    file_mb: int = setting(
        20,
        "Largest file beside a page, in MB.",
        label="Largest file (MB)",
        least=1,
        most=80,
    )
    reads_per_minute: int = setting(
        600,
        "Reads a minute for a program with a token; a visitor has a fifth.",
        label="Reads a minute by a program",
        least=5,
        most=1_000_000,
    )
    writes_per_minute: int = setting(
        60,
        "Writes a minute for one person.",
        label="Writes a minute by a person",
        least=1,
        most=1_000_000,
    )


@dataclass(frozen=True, slots=True)
class Moderation:
    newcomer_days: int = setting(
        3,
        "Days that an account is new, unless it has made the changes below before; "
        "0 for none.",
        label="Days that an account is new",
        least=0,
        most=365,
    )
    newcomer_edits: int = setting(
        5,
        "Changes after which an account is not new any more, however young it is.",
        label="Changes until an account is not new any more",
        least=0,
        most=500,
    )
    newcomer_links: int = setting(
        3,
        "Links to other sites that a new account may add in one save.",
        label="Links to other sites that a new account may add at once",
        least=0,
        most=1000,
    )


@dataclass(frozen=True, slots=True)
class RenderRules:
    cpu_seconds: int = setting(
        2,
        "Seconds that laying out one page may take.",
        label="Seconds to lay out a page",
        least=1,
        most=8,
    )
    memory_mb: int = setting(
        256,
        "Memory that laying out one page may take, in MB.",
        label="Memory to lay out a page (MB)",
        least=64,
        most=1024,
    )


@dataclass(frozen=True, slots=True)
class SecurityRules:
    allow_http: bool = setting(
        False,
        "Whether people may sign in without encryption from other machines. "
        "Passwords can then be read on the way.",
        label="Sign-in without encryption",
        look_twice={
            True: "People can sign in without encryption. Whoever is on the way "
            "between them and this wiki can read their passwords, and what they read."
        },
    )


@dataclass(frozen=True, slots=True)
class Mail:
    url: str = setting(
        "",
        "The server that takes mail, like smtp://user@mail.example.org:587, or "
        "smtps:// with encryption from the start. Empty for no mail.",
        label="Mail server",
        with_secret="mail.password",
        check=checks.mail_url,
    )
    from_: str = setting(
        "",
        "The address that mail of this wiki comes from.",
        label="Sender of the mail",
        check=checks.address,
    )
    password: str = setting(
        "",
        "The password for the mail server.",
        label="Password of the mail server",
        secret=True,
    )


@dataclass(frozen=True, slots=True)
class Server:
    host: str = setting(
        "127.0.0.1",
        "The address to listen on; 0.0.0.0 is every one of this machine.",
        label="Address to listen on",
        file_only=True,
        restart=True,
        check=checks.filled,
    )
    port: int = setting(
        8000,
        "The port to listen on.",
        label="Port",
        file_only=True,
        restart=True,
        least=1,
        most=65535,
    )
    workers: int = setting(
        0,
        "Worker processes; 0 for as many as there are processors.",
        label="Worker processes",
        restart=True,
        least=0,
        most=MOST_WORKERS,
    )
    trusted_proxies: tuple[str, ...] = setting(
        (),
        "Addresses of the machines in front whose X-Forwarded headers count.",
        label="Machines in front",
        file_only=True,
        check=checks.proxies,
    )


@dataclass(frozen=True, slots=True)
class Log:
    level: str = setting(
        "info",
        "How much is written to the log.",
        label="What the log tells",
        restart=True,
        words=(
            "Everything, for finding faults",
            "What happened",
            "What looks wrong",
            "What failed",
        ),
        choices=("debug", "info", "warning", "error"),
    )


@dataclass(frozen=True, slots=True)
class PluginRules:
    enabled: tuple[str, ...] = setting(
        (), "Plugins to use; empty for all installed.", label="Plugins to use"
    )
    disabled: tuple[str, ...] = setting(
        (), "Plugins to leave out.", label="Plugins to leave out"
    )
    budget_ms: int = setting(
        1000,
        "Milliseconds one call of a plugin may take.",
        label="Milliseconds for one call of a plugin",
        least=10,
        most=60_000,
    )
    max_failures: int = setting(
        20,
        "Failures after which a plugin's hook is off.",
        label="Failures until a hook is off",
        least=1,
        most=1000,
    )


# What each section is about, in words for a form.
SECTION_WORDS = (
    ("site", "The wiki's name and languages"),
    ("access", "Reading, changing, joining"),
    ("sessions", "Staying signed in"),
    ("store", "Pages and files"),
    ("search", "Search"),
    ("limits", "Limits"),
    ("moderation", "New people"),
    ("render", "Laying out pages"),
    ("security", "Safety"),
    ("mail", "Mail"),
    ("server", "Server"),
    ("log", "Log"),
    ("plugins", "Plugins"),
)

SECTIONS: Mapping[str, type] = MappingProxyType(
    {
        "site": Site,
        "access": AccessRules,
        "sessions": Sessions,
        "store": StoreRules,
        "search": SearchRules,
        "limits": Limits,
        "moderation": Moderation,
        "render": RenderRules,
        "security": SecurityRules,
        "mail": Mail,
        "server": Server,
        "log": Log,
        "plugins": PluginRules,
    }
)

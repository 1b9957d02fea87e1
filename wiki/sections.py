"""The sections of the settings, each setting declared once: default, meaning, range.

Those of the wiki and its people stand here, those of the machine beside this file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from . import checks
from .sections_machine import (
    Limits,
    Log,
    PluginRules,
    RenderRules,
    SearchRules,
    Server,
    StoreRules,
)
from .settings import setting


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
    index_directory: bool = setting(
        False,
        "Whether search engines may list the groups, coalitions and resources of the "
        "directory. One page alone can say “index: true”.",
        label="Directory in search engines",
        look_twice={
            True: "Search engines list the groups and coalitions of the directory that "
            "everybody can read. What they copied stays with them."
        },
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
    review: str = setting(
        "off",
        "Whether changes by new accounts wait until somebody has looked at them: no "
        "(off), or yes (newcomers).",
        label="Look at changes by new accounts first",
        words=("They are shown at once", "They wait for somebody to look"),
        choices=("off", "newcomers"),
    )


@dataclass(frozen=True, slots=True)
class PrivacyRules:
    time_in_history: str = setting(
        "minute",
        "How exactly the time of a change is told to readers and programs: to the "
        "minute, the hour or the day. Coarser times tell less of when people are here.",
        label="Times in the history",
        choices=("minute", "hour", "day"),
        words=("To the minute", "To the hour", "To the day"),
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
    contact: str = setting(
        "",
        "Where people report faults that endanger others, like mailto:… or https://…. "
        "It is shown at /.well-known/security.txt.",
        label="Address for security reports",
        check=checks.contact,
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
    ("privacy", "Privacy"),
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
        "privacy": PrivacyRules,
        "security": SecurityRules,
        "mail": Mail,
        "server": Server,
        "log": Log,
        "plugins": PluginRules,
    }
)

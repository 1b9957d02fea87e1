"""What the values of settings must look like; each check returns what is wrong."""

from __future__ import annotations

import ipaddress
import re
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from .errors import BadName
from .model import names
from .settings import Misfit

LANGUAGES = ("en", "es", "fr", "ar")
_LOCALE = Path(__file__).parent / "locale"


def available_languages() -> tuple[str, ...]:
    """Return the languages of the interface that there is a catalog for."""
    catalogs = (_LOCALE / lang / "LC_MESSAGES" for lang in LANGUAGES)
    return tuple(
        lang
        for lang, folder in zip(LANGUAGES, catalogs, strict=True)
        if lang == "en" or any(folder.glob("*.[mp]o"))
    )


def url(value: str) -> str:
    try:
        parts = urlsplit(value)
        ok = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        ok = ok and "@" not in parts.netloc
    except ValueError:
        ok = False
    if not value or (ok and value.rstrip("/") == f"{parts.scheme}://{parts.netloc}"):
        return ""
    return "%(what)s must be the address of the wiki, like “https://wiki.example.org”."


def home(value: str) -> Misfit | None:
    try:
        if names.clean(value) == value:
            return None
    except BadName as error:
        return Misfit("%(what)s must be the name of a page. %(why)s", why=str(error))
    return Misfit("%(what)s must be a clean page name.")


def proxies(value: tuple[str, ...]) -> Misfit | None:
    for one in value:
        try:
            ipaddress.ip_address(one)
        except ValueError:
            return Misfit(
                "%(what)s must hold addresses of machines, and “%(value)s” is none.",
                value=one[:60],
            )
    return None


def issuer(value: str) -> str:
    if not value:
        return ""
    try:
        parts = urlsplit(value)
        near = parts.hostname in {"localhost", "127.0.0.1", "::1"}
        ok = parts.scheme == "https" or (parts.scheme == "http" and near)
        place = parts.hostname and parts.port != 0 and "@" not in parts.netloc
        ok = ok and bool(place)
    except ValueError:
        ok = False
    if not ok or "?" in value or "#" in value:
        return "%(what)s must be the provider's address, like “https://id.example.org”."
    if find_spec("authlib") is None:
        return "%(what)s needs more: pip install 'commonground-wiki[oidc]'."
    return ""


def mail_url(value: str) -> str:
    wrong = "%(what)s must be a mail server, like “smtp://user@mail.example.org:587”."
    if not value:
        return ""
    try:
        parts = urlsplit(value)
        ok = parts.scheme in ("smtp", "smtps") and parts.hostname and parts.port != 0
    except ValueError:
        return wrong
    if parts.password is not None:
        return "%(what)s must not hold the password; set WIKI_MAIL_PASSWORD instead."
    if not ok or parts.path.strip("/") or parts.query or parts.fragment:
        return wrong
    return ""


# One plain address: what a mail server takes without quoting.
ADDRESS = re.compile(
    r"(?=.{3,254}$)[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@"
    r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
    r"(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*"
)


def address(value: str) -> str:
    if not value or ADDRESS.fullmatch(value):
        return ""
    return "%(what)s must be one e-mail address, like “wiki@example.org”."


def filled(value: str) -> str:
    return "" if value.strip() else "%(what)s must not be empty."


def title(value: str) -> str:
    fits = 1 <= len(value.strip()) <= 80
    return "" if fits else "%(what)s must have 1 to 80 characters."


def contact(value: str) -> str:
    fits = value.startswith(("mailto:", "https://")) and value.isprintable()
    if not value or (fits and " " not in value):
        return ""
    return "%(what)s must begin with mailto: or https://."

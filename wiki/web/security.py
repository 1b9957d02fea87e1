"""What every response carries and every changing request must prove (R2, R13)."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import Flask, Request, Response, current_app, g, request
from flask_wtf.csrf import CSRFError, CSRFProtect

from wiki.config import Config
from wiki.errors import BadRequest

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "font-src 'self'; media-src 'self'; connect-src 'self'; manifest-src 'self'; "
    "worker-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types wiki"
)
HEADERS = (
    ("Content-Security-Policy", POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    (
        "Permissions-Policy",
        "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    ),
)
HSTS = ("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
FILE_POLICY = "default-src 'none'; sandbox"
DEFAULT_PORTS = {"http": 80, "https": 443}

csrf = CSRFProtect()


def install(app: Flask, config: Config) -> None:
    """Check every changing request and put the headers on every response."""
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    # The same-site proof below is ours; a strict Referer would refuse honest forms.
    app.config["WTF_CSRF_SSL_STRICT"] = False
    app.config["WTF_CSRF_TIME_LIMIT"] = 24 * 3600
    csrf.init_app(app)
    app.before_request(refuse_other_hosts)
    app.before_request(refuse_foreign)
    app.after_request(add_headers)


ONLY_HERE = (
    "This wiki answers to its own machine only. To open it under another name, "
    "set site.url in wiki.toml."
)


def refuse_other_hosts() -> None:
    """Refuse a request for a host that is neither the wiki's nor this machine."""
    url = current_app.config["WIKI_SITE_URL"]
    if is_loopback(request.host):
        return
    if not url:
        if current_app.config["WIKI_LOOPBACK_ONLY"]:
            raise BadRequest(ONLY_HERE)
        return
    ours = urlsplit(url)
    if _place(ours.netloc, ours.scheme) != _place(request.host, ours.scheme):
        raise BadRequest("This wiki answers at %(url)s. Open that address.", url=url)


def _place(host: str, scheme: str) -> tuple[str | None, int | None]:
    """Return name and port of a host as browsers mean it, whatever its spelling."""
    parts = urlsplit(f"//{host}")
    return parts.hostname, parts.port or DEFAULT_PORTS[scheme]


def refuse_foreign() -> None:
    """Refuse a changing request that cannot prove it came from our own pages."""
    if request.method in SAFE_METHODS or getattr(g, "by_token", False):
        return
    if not _same_site(request):
        raise CSRFError("This request did not come from this site.")
    csrf.protect()


def _same_site(request: Request) -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("Origin")
    if origin is None:
        return False
    ours = urlsplit(request.host_url)
    theirs = urlsplit(origin)
    return (theirs.scheme, theirs.netloc) == (ours.scheme, ours.netloc)


def add_headers(response: Response) -> Response:
    headers = response.headers
    if "Content-Security-Policy" in headers:
        for name, value in HEADERS:
            headers.setdefault(name, value)
    else:
        headers.extend(HEADERS)
    if request.is_secure:
        headers.setdefault(*HSTS)
    headers.setdefault("Cache-Control", "no-store")
    # For search engines: nothing, unless a page says otherwise (robots.py).
    headers.setdefault("X-Robots-Tag", "noindex")
    if "Cookie" not in response.vary:
        response.vary.add("Cookie")
    return response


def is_loopback(host: str) -> bool:
    """Tell whether a host name (with or without port) is this machine."""
    name = urlsplit(f"//{host}").hostname or ""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False

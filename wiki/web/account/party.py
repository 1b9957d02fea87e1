"""What host a passkey belongs to, as browsers see it."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import current_app, request

from wiki.accounts.passkeys import Party

from ..security import is_loopback


def party() -> Party | None:
    """Return the host and origin of this request, None where none can have passkeys.

    Browsers want https and a name: no address of digits; on this machine localhost.
    """
    url = current_app.config["WIKI_SITE_URL"]
    # A proxy may not tell that people come by https; the setting does.
    place = request.host_url if is_loopback(request.host) or not url else url
    parts = urlsplit(place)
    host = parts.hostname or ""
    local = host == "localhost" or host.endswith(".localhost")
    if _is_number(host) or not (parts.scheme == "https" or local):
        return None
    return Party(host, f"{parts.scheme}://{parts.netloc}")


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return not host
    return True

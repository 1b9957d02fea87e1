"""Requests to other machines: to an address that was looked at, and nowhere else (R16).

The name is resolved once, every address it has is checked, and the connection goes to
a checked address: whoever answers differently the second time is not asked again. No
redirect is followed, no proxy of the machine is used, and a whole request has 5 s.
"""

from __future__ import annotations

import http.client
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any
from urllib.parse import SplitResult, urlsplit

from .errors import WikiError

SECONDS, MOST_READ, LONGEST = 5.0, 64 * 1024, 2000
Resolve = Callable[..., list[Any]]
Connect = Callable[..., socket.socket]
_IP = IPv4Address | IPv6Address

_LOOPBACK = IPv6Address("::1")
# Global by their number, and yet a machine's own services or a way to them.
_NEVER = tuple(
    ip_network(text)
    for text in (
        *("168.63.129.16/32", "192.0.0.0/24"),
        *("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16"),
    )
)


class OutgoingRefused(WikiError):
    """The address is none that the wiki may ask."""

    status, slug = 422, "address-refused"
    sentence = (
        "The wiki sends nothing to this address: it leads to this machine or its own "
        "network. Give an address in the open net."
    )


class OutgoingFailed(WikiError):
    """The other machine could not be asked, or did not answer in time."""

    status, slug = 502, "no-answer"
    sentence = "There was no answer (%(reason)s)."


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes: checked in its form, its name not yet resolved."""

    host: str
    port: int
    path: str
    tls: bool

    @property
    def named(self) -> str:
        """What stands in the header ``Host``."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.tls else 80) else f"{host}:{self.port}"


def target(url: str, *, inside: bool = False) -> Target:
    """Return the parts of an address; raises OutgoingRefused saying what is wrong.

    ``inside`` lets ``http://`` be, too.
    """
    if len(url) > LONGEST or not all("!" <= letter <= "~" for letter in url):
        raise OutgoingRefused("Write an address of plain letters, without spaces.")
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        raise OutgoingRefused("This is not an address. Copy it as it is.") from None
    if parts.scheme != "https" and not (inside and parts.scheme == "http"):
        raise OutgoingRefused("The address must begin with https://.")
    if not host or "@" in parts.netloc or port == 0:
        raise OutgoingRefused(
            "The address must name a host, and no password. Copy it as it is."
        )
    tls = parts.scheme == "https"
    return Target(host, port or (443 if tls else 80), _path(parts), tls)


def _path(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def is_open(address: str, *, inside: bool = False) -> bool:
    """Tell whether an IP address may be asked.

    ``inside``: private and loopback ones too; never link-local (where machines in a
    data center ask for secrets of their own), multicast or reserved ones.
    """
    try:
        ip: _IP = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    if ip.is_multicast or ip.is_link_local or ip.is_unspecified:
        return False
    if isinstance(ip, IPv6Address) and (ip.is_reserved or ip.is_site_local):
        return inside and ip == _LOOPBACK
    if any(ip.version == net.version and ip in net for net in _NEVER):
        return False
    return ip.is_global or (inside and (ip.is_private or ip.is_loopback))


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends requests. Its parts can be others in tests."""

    resolve: Resolve = socket.getaddrinfo
    connect: Connect = socket.create_connection
    context: ssl.SSLContext | None = None

    def post(
        self, url: str, body: bytes, headers: Mapping[str, str], *, inside: bool = False
    ) -> int:
        """Post a body and return the status of the answer, whose text is not kept.

        Raises OutgoingRefused, OutgoingFailed.
        """
        to, until = target(url, inside=inside), time.monotonic() + SECONDS
        addresses = self._addresses(to)
        if not all(is_open(one, inside=inside) for one in addresses):
            raise OutgoingRefused
        try:
            plain = self._connected(addresses, to.port, until)
        except OSError as error:
            raise OutgoingFailed(reason=_reason(error)) from None
        # Whatever the other side does, slowly or never: it ends. A handle of its own,
        # since TLS takes the other one over.
        handle = plain.dup()
        alarm = threading.Timer(max(0.0, until - time.monotonic()), _cut, [handle])
        alarm.start()
        try:
            return self._asked(plain, to, body, headers)
        except (OSError, http.client.HTTPException, ValueError) as error:
            late = time.monotonic() >= until
            reason = "over 5 s" if late else _reason(error)
            raise OutgoingFailed(reason=reason) from None
        finally:
            alarm.cancel()
            plain.close()
            handle.close()

    def _addresses(self, to: Target) -> list[str]:
        """Return all addresses of a host, asked for once and for 5 s at most."""
        answers: queue.Queue[list[Any] | Exception] = queue.Queue()

        def ask() -> None:
            try:
                kind = socket.SOCK_STREAM
                answers.put(self.resolve(to.host, to.port, type=kind))
            except Exception as error:
                answers.put(error)

        threading.Thread(target=ask, daemon=True).start()
        try:
            found = answers.get(timeout=SECONDS)
        except queue.Empty:
            found = []
        if isinstance(found, Exception) or not found:
            raise OutgoingFailed(reason="the name is not known")
        return list(dict.fromkeys(str(one[4][0]) for one in found))

    def _connected(
        self, addresses: list[str], port: int, until: float
    ) -> socket.socket:
        error = OSError("no address")
        for address in addresses:
            left = until - time.monotonic()
            if left <= 0:
                raise TimeoutError
            try:
                return self.connect((address, port), timeout=left)
            except OSError as failed:
                error = failed
        raise error

    def _asked(
        self, plain: socket.socket, to: Target, body: bytes, headers: Mapping[str, str]
    ) -> int:
        plain.settimeout(SECONDS)
        asking = http.client.HTTPConnection(to.host, to.port)
        asking.sock = plain
        if to.tls:
            context = self.context or ssl.create_default_context()
            asking.sock = context.wrap_socket(plain, server_hostname=to.host)
        try:
            asking.request("POST", to.path, body, {"Host": to.named, **headers})
            answer = asking.getresponse()
            answer.read(MOST_READ)
            return answer.status
        finally:
            asking.close()


def _cut(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def _reason(error: Exception) -> str:
    """Return a word or two on what went wrong, never what the other side wrote."""
    if isinstance(error, TimeoutError):
        return "over 5 s"
    if isinstance(error, ssl.SSLCertVerificationError):
        return "its certificate does not fit"
    if isinstance(error, ssl.SSLError):
        return "no protected connection"
    if isinstance(error, ConnectionRefusedError):
        return "nobody listens there"
    return "the connection broke"

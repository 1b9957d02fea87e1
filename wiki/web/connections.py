"""The connections of this process, as far as the system tells of them (Linux does).

The server does not say which connection a request came by. What is known is whose
address it has, how long nothing was sent to it, and how long it has sent nothing.
"""

from __future__ import annotations

import errno
import os
import select
import socket
import stat
import struct
from contextlib import ExitStack, suppress
from dataclasses import dataclass

# tcp_info: milliseconds since something was sent, and since something was received.
_TIMES = struct.Struct("44xI4xI")


@dataclass(frozen=True, slots=True)
class Connection:
    """Times are milliseconds; ``stopped`` tells that it is not read any more."""

    fd: int
    line: socket.socket
    unanswered: int
    silent: int
    stopped: bool


def stop_listening(address: str, unanswered: float, count: int) -> None:
    """Read no more from ``count`` connections of an address, the most silent ones.

    Of those only that got no answer for some seconds. What is said to them still
    arrives. One at rest ends, and browsers open a new one.
    """
    with ExitStack() as stack:
        found = [
            one
            for one in _connections(address, stack)
            if one.unanswered >= unanswered * 1000 and not one.stopped
        ]
        # Of several that are as silent, the one that came first.
        found.sort(key=lambda one: (-one.silent, one.fd))
        for one in found[:count]:
            with suppress(OSError):
                one.line.shutdown(socket.SHUT_RD)


def _connections(address: str, stack: ExitStack) -> list[Connection]:
    """Return the connections from an address; they are the stack's to close."""
    if not hasattr(socket, "TCP_INFO"):
        return []
    found = list[Connection]()
    for name in os.listdir("/proc/self/fd"):
        with suppress(OSError):
            line = stack.enter_context(_line(int(name)))
            if _address(line) == address:
                found.append(_connection(int(name), line))
    return found


def _line(fd: int) -> socket.socket:
    """Return a socket of this process under another number; raises OSError."""
    if not stat.S_ISSOCK(os.fstat(fd).st_mode):
        raise OSError(errno.ENOTSOCK, os.strerror(errno.ENOTSOCK))
    return socket.socket(fileno=os.dup(fd))


def _address(line: socket.socket) -> str:
    if line.family not in (socket.AF_INET, socket.AF_INET6):
        return ""
    return str(line.getpeername()[0]).removeprefix("::ffff:")


def _connection(fd: int, line: socket.socket) -> Connection:
    ended = select.poll()
    ended.register(line, select.POLLRDHUP)
    told = line.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TIMES.size)
    unanswered, silent = _TIMES.unpack(told)
    return Connection(fd, line, unanswered, silent, bool(ended.poll(0)))

"""A server under measurement: started as people start it, its CPU time read."""

from __future__ import annotations

import http.client
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

HERE = Path(__file__).parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Server:
    """A running server; ``cpu`` is the time of its serving processes in ms."""

    process: subprocess.Popen[str]
    port: int
    output: str = ""
    first_answer: float = 0.0
    cookies: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def get(self, path: str) -> http.client.HTTPResponse:
        return self.ask("GET", path)

    def ask(
        self, method: str, path: str, body: str | None = None, **headers: str
    ) -> http.client.HTTPResponse:
        """Send a request on one kept connection and read the whole answer."""
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        self.connection.request(method, path, body, headers)
        response = self.connection.getresponse()
        response.content = response.read()  # type: ignore[attr-defined]
        for value in response.headers.get_all("Set-Cookie") or ():
            name, _, rest = value.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        return response

    def processes(self) -> list[psutil.Process]:
        """Return the serving processes: the first one and its workers."""
        main = psutil.Process(self.process.pid)
        return [main, *main.children(recursive=True)]

    def cpu(self, *, behind: bool = False) -> float:
        """Return CPU ms used so far; ``behind``: of the process that indexes."""
        total = 0.0
        for one in self.processes():
            try:
                if self._is_behind(one) == behind:
                    total += cpu_of(one.pid)
            except (psutil.NoSuchProcess, OSError):
                continue
        return total

    def _is_behind(self, process: psutil.Process) -> bool:
        """Tell whether a process is the one behind the workers, or started by it."""
        for one in [process, *process.parents()]:
            if one.pid == self.process.pid:
                return False
            if one.pid in self.behind():
                return True
        return False

    def behind(self) -> set[int]:
        """Return the process behind the workers: a wiki's first child, if it is one."""
        if "granian" in self.process.args[0]:
            return set()
        if not hasattr(self, "_behind"):
            self._behind = {
                one.pid
                for one in psutil.Process(self.process.pid).children()
                if one.create_time() == self._first_started()
            }
        return self._behind

    def _first_started(self) -> float:
        children = psutil.Process(self.process.pid).children()
        return min(one.create_time() for one in children)


def cpu_of(pid: int) -> float:
    """Return CPU ms of a process, from the scheduler's own count in ns."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((t / "schedstat").read_text().split()[0]) for t in tasks) / 1e6


@contextmanager
def started(command: list[str], port: int, path: str = "/") -> Iterator[Server]:
    """Start a server and wait for its first answer; stop it at the end."""
    log = open(f"/tmp/bench-{port}.log", "w+")  # noqa: SIM115 - kept for the server
    began = time.monotonic()
    environ = {**os.environ, "PYTHONPATH": str(HERE)}
    process = subprocess.Popen(
        command, stdout=log, stderr=subprocess.STDOUT, text=True, env=environ
    )
    try:
        server = Server(process, port)
        server.first_answer = _wait(server, path, began)
        log.seek(0)
        server.output = log.read()
        yield server
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
        log.close()


def _wait(server: Server, path: str, began: float) -> float:
    while time.monotonic() - began < 120:
        try:
            server.get(path)
            return time.monotonic() - began
        except OSError:
            server.connection.close()
            if server.process.poll() is not None:
                raise RuntimeError("the server ended before it answered") from None
            time.sleep(0.02)
    raise RuntimeError("the server did not answer in 120 s")


def wiki(folder: Path, port: int) -> list[str]:
    """Return the command that serves a folder with one worker."""
    serve = ["serve", str(folder), "--port", str(port), "--workers", "1"]
    return [str(Path(sys.executable).parent / "wiki"), *serve]


def bare(port: int) -> list[str]:
    """Return the command of the ceiling: a bare Flask route in the same server."""
    return [
        str(Path(sys.executable).parent / "granian"),
        *("--interface", "wsgi", "--factory", "--workers", "1"),
        *("--blocking-threads", "4", "--no-access-log", "--port", str(port)),
        "ceiling:app",
    ]


def sign_in_as_owner(server: Server) -> None:
    """Follow the link that the terminal shows."""
    found = re.search(r"/-/setup\?key=(\S+)", server.output)
    if not found:
        raise RuntimeError("the server printed no link: " + server.output)
    server.get(found.group(0))


def per_request(server: Server, count: int, ask: Callable[[int], object]) -> float:
    """Return CPU ms of the serving processes for each of ``count`` requests."""
    before = server.cpu()
    for i in range(count):
        ask(i)
    return (server.cpu() - before) / count

"""A pool of child processes that parse, so that a parse can be stopped (R3).

A child has a limit of memory for its life and of CPU time for each text; the parent
guards the wall clock. A text that breaks a limit costs its child, and is shown as it
was written. Children start with the first text that needs one.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import select
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Sequence
from types import MappingProxyType

from ..errors import Busy
from ..model.page import WARNING, Problem
from .directives import Forms
from .parse import Tree, as_source, too_much
from .quick import is_quick
from .worker import ANSWER, HEAD, OK, SafeParser, load_plugins, unpack

START = 10.0  # seconds for a child to get ready
WAIT = 10.0  # seconds for a free child before "busy"
TASKS = 5000  # of one child, so that what a library leaks is given back
AGAIN = 0.5  # a child that ends sooner did not break a limit of time
EXTRA = 0.75  # seconds of wall clock over the CPU time


class Stopped(Exception):
    """The child broke a limit, failed or died; nothing came of its text."""


class Child:
    """One child process; used by one thread at a time."""

    def __init__(self, arguments: Sequence[str], seconds: float) -> None:
        self.seconds, self.tasks, self.owner = seconds, 0, os.getpid()
        path = os.pathsep.join(entry or os.getcwd() for entry in sys.path)
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "wiki.markup.worker", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path},
            bufsize=0,
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.input, self.output = self.process.stdin, self.process.stdout
        for pipe in (self.input, self.output):
            os.set_blocking(pipe.fileno(), False)

    def ask(self, body: str) -> bytes:
        """Return the packed tree of a body; raises Stopped."""
        try:
            if not self.tasks:
                self._answer(time.monotonic() + START)
            self.tasks += 1
            deadline = time.monotonic() + self.seconds + EXTRA
            data = body.encode("utf-8", "replace")
            self._send(HEAD.pack(len(data)) + data, deadline)
            return self._answer(deadline)
        except OSError:
            raise Stopped from None

    def _answer(self, deadline: float) -> bytes:
        size = HEAD.unpack(self._receive(HEAD.size, deadline))[0]
        if not 0 < size <= ANSWER:
            raise Stopped
        answer = self._receive(size, deadline)
        if answer[:1] != OK:
            raise Stopped
        return answer[1:]

    def _send(self, data: bytes, deadline: float) -> None:
        view = memoryview(data)
        while view:
            self._wait(self.input.fileno(), select.POLLOUT, deadline)
            view = view[os.write(self.input.fileno(), view) :]

    def _receive(self, size: int, deadline: float) -> bytes:
        parts = bytearray()
        while len(parts) < size:
            self._wait(self.output.fileno(), select.POLLIN, deadline)
            part = os.read(self.output.fileno(), min(size - len(parts), 1 << 20))
            if not part:
                raise Stopped
            parts += part
        return bytes(parts)

    @staticmethod
    def _wait(descriptor: int, event: int, deadline: float) -> None:
        poll = select.poll()
        poll.register(descriptor, event)
        left = deadline - time.monotonic()
        if left <= 0 or not poll.poll(left * 1000):
            raise Stopped

    def worn(self) -> bool:
        """Tell whether the child is dead, or has served long enough."""
        return self.tasks >= TASKS or self.process.poll() is not None

    def stop(self) -> None:
        """End the process and wait for it, so that no zombie stays."""
        if self.owner != os.getpid():
            return  # after a fork, the child belongs to the other process
        self.input.close()
        self.output.close()
        self.process.kill()
        self.process.wait()


class ParserPool:
    """Parses bodies within limits; serves any number of threads.

    ``plugin_paths`` name plugins' mistune plugins as ``module:attribute``; ``forms``
    are the directives that there are. Short
    texts without risk are parsed here, all others in one of ``size`` children; with
    plugins, all texts, as the cost of their rules is not known.
    """

    def __init__(
        self,
        plugin_paths: Sequence[str] = (),
        cpu_seconds: float = 2,
        memory_mb: int = 256,
        size: int = 1,
        forms: Forms = MappingProxyType({}),
    ) -> None:
        known = json.dumps({name: [*form] for name, form in forms.items()})
        self._arguments = [str(cpu_seconds), str(memory_mb), known, *plugin_paths]
        self._seconds, self._size = cpu_seconds, size
        self._plugins = load_plugins(plugin_paths)
        self._parser = SafeParser(self._plugins, forms)
        self._owner = os.getpid()
        self._lock = threading.Lock()
        self._children: set[Child] = set()
        self._free: queue.LifoQueue[Child | None] = queue.LifoQueue()
        self._reset()
        weakref.finalize(self, _stop_all, self._children)

    def parse(self, body: str) -> Tree:
        """Return the tree of a body. Raises Busy if no child gets free in time."""
        if too_much(body) or (is_quick(body) and not self._plugins):
            return self._parser.parse(body)
        self._after_fork()
        try:
            child = self._free.get(timeout=WAIT)
        except queue.Empty:
            raise Busy from None
        answer = None
        began = time.monotonic()
        try:
            if child is None or child.worn():
                child = self._replace(child)
            answer = child.ask(body)
        except Stopped:
            # At once, so that the next text need not wait for it to get ready.
            child = self._replace(child)
            if time.monotonic() - began < AGAIN:
                # It cannot have been the text: somebody ended the child.
                with contextlib.suppress(Stopped):
                    answer = child.ask(body)
        finally:
            self._free.put(child)
        return unpack(answer, body) if answer else as_source(body, _too_complicated())

    def close(self) -> None:
        """End all children; the next text starts a new one."""
        with self._lock:
            _stop_all(self._children)
            self._reset()

    def _reset(self) -> None:
        self._free = queue.LifoQueue()
        for _ in range(self._size):
            self._free.put(None)

    def _after_fork(self) -> None:
        """Leave the children of the process that this one was forked from."""
        if self._owner != os.getpid():
            self._owner, self._lock = os.getpid(), threading.Lock()
            self._children.clear()
            self._reset()

    def _replace(self, child: Child | None) -> Child:
        if child is not None:
            child.stop()
        new = Child(self._arguments, self._seconds)
        with self._lock:
            if child is not None:
                self._children.discard(child)
            self._children.add(new)
        return new


def _stop_all(children: set[Child]) -> None:
    while children:
        children.pop().stop()


TOO_COMPLICATED = "This page is too complicated to lay out. Its text is below and safe."


def _too_complicated() -> Problem:
    return Problem(WARNING, "text", TOO_COMPLICATED)


def is_passing(problem: Problem) -> bool:
    """Tell whether a problem may be gone with the next try: nothing keeps it."""
    return problem.message == TOO_COMPLICATED


def was_stopped(tree: Tree) -> bool:
    """Tell whether a tree is the bare source of a text whose parse was stopped."""
    return any(map(is_passing, tree.problems))

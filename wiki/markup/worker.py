"""The child process of the pool: reads bodies, answers trees, and can be killed.

Run as ``python -m wiki.markup.worker CPU_SECONDS MEMORY_MB FORMS [module:attribute …]``
with the forms of directives as JSON.
On standard input and output, each message is a length of four bytes and JSON or
text. Ends when its input ends, so it never outlives its parent.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import struct
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib import import_module
from typing import Any, BinaryIO

from ..model.page import WARNING, Problem
from .directives import Form, Forms
from .parse import MarkdownPlugin, Parser, Tree

HEAD = struct.Struct(">I")
OK, FAILED = b"+", b"-"
# Longest answer: 256 kB of the shortest list items make 6 MB of tokens.
ANSWER = 8 * 1024 * 1024


def load_plugins(paths: Sequence[str]) -> list[MarkdownPlugin]:
    """Return the mistune plugins that paths like ``module:attribute`` name."""
    return [_load(path) for path in paths]


def _load(path: str) -> MarkdownPlugin:
    module, _, attribute = path.partition(":")
    found: Any = import_module(module)
    for part in attribute.split("."):
        found = getattr(found, part)
    return found  # type: ignore[no-any-return]


def forms_of(text: str) -> Forms:
    """Return the forms of directives that JSON says, one list for each name."""
    return {name: Form(*form) for name, form in json.loads(text).items()}


def pack(tree: Tree) -> bytes:
    """Return tokens, problems and the number of directives as JSON."""
    problems = [[p.level, p.field, p.message, p.line, p.params] for p in tree.problems]
    answer = [tree.tokens, problems, tree.directives]
    return json.dumps(answer, separators=(",", ":")).encode()


def unpack(message: bytes, body: str) -> Tree:
    """Return the tree that was packed."""
    tokens, problems, directives = json.loads(message)
    return Tree(tokens, tuple(Problem(*p) for p in problems), body, directives)


class SafeParser:
    """Parses with plugins and, where one of them fails, without."""

    def __init__(self, plugins: Sequence[MarkdownPlugin], forms: Forms) -> None:
        self._plain = Parser((), forms)
        self._full = Parser(plugins, forms) if plugins else self._plain

    def parse(self, body: str) -> Tree:
        try:
            return self._full.parse(body)
        except (MemoryError, RecursionError):
            raise
        except Exception:  # whatever a plugin's rule does
            if self._full is self._plain:
                raise
            tree = self._plain.parse(body)
            problem = Problem(
                WARNING,
                "text",
                "A plugin could not read this page, so what it adds is missing here.",
            )
            return replace(tree, problems=(*tree.problems, problem))


def main(arguments: Sequence[str]) -> None:
    """Answer until the input ends."""
    seconds, megabytes, forms, *paths = arguments
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    # What a plugin prints must not get between the answers.
    os.dup2(2, 1)
    parser = SafeParser(load_plugins(paths), forms_of(forms))
    limit = int(megabytes) * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    send(answers, OK)
    while serve(requests, answers, parser.parse, float(seconds)):
        pass


def serve(
    requests: BinaryIO,
    answers: BinaryIO,
    parse: Callable[[str], Tree],
    seconds: float,
) -> bool:
    """Answer one request; return whether to go on. Past its time, the process dies."""
    head = requests.read(HEAD.size)
    if len(head) < HEAD.size:
        return False
    body = requests.read(HEAD.unpack(head)[0]).decode("utf-8", "replace")
    # Default action of SIGPROF: the process ends, within a regular expression too.
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        message = OK + pack(parse(body))
    except Exception:
        message = FAILED
    signal.setitimer(signal.ITIMER_PROF, 0)
    if len(message) > ANSWER:
        message = FAILED
    send(answers, message)
    # After a failure the memory is not what it was: the parent starts another.
    return message is not FAILED


def send(answers: BinaryIO, message: bytes) -> None:
    answers.write(HEAD.pack(len(message)) + message)
    answers.flush()


if __name__ == "__main__":
    main(sys.argv[1:])

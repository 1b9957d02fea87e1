"""Price limits of a page (security.md R3), and the check before a save."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from ..model.page import ERROR, WARNING, Problem

KB = 1024
PAGE = 256 * KB
LINE = 10 * KB
HEADING = 500  # characters
REFERENCES = 100 * KB
NESTING = 50  # lists, quotes, definitions, folded parts, directives
DIRECTIVES = 200  # of one page
INLINE_NESTING = 20  # emphasis, links, tags within a block
OUTPUT_TIMES, OUTPUT_MORE = 10, 100 * KB
EMPTY_CELLS = 5000  # cells that ragged table rows leave out
PROBLEMS = 50  # of one page


def check(text: str) -> tuple[Problem, ...]:
    """Return what refuses a save of this text: lines that are too long."""
    return tuple(
        Problem(
            ERROR,
            "text",
            "Line %(line)d is too long (%(size)d of %(limit)d kB). "
            "Break it into several lines.",
            number,
            {"line": number, "size": -(-size // KB), "limit": LINE // KB},
        )
        for number, size in long_lines(text)[:PROBLEMS]
    )


def long_lines(text: str) -> list[tuple[int, int]]:
    """Return number and size in bytes of every line over the limit."""
    found = []
    if len(text) * 4 > LINE:
        for number, line in enumerate(text.split("\n"), 1):
            if len(line) * 4 > LINE and (size := size_of(line)) > LINE:
                found.append((number, size))
    return found


def size_of(text: str) -> int:
    """Return the size of a text in bytes of UTF-8."""
    return len(text.encode("utf-8", "surrogatepass"))


def output_limit(source: int) -> int:
    """Return how long the HTML of a source of that many characters may get."""
    return OUTPUT_TIMES * source + OUTPUT_MORE


def report(env: MutableMapping[str, Any], problem: Problem) -> None:
    """Note a problem once, as long as there are few."""
    problems: list[Problem] = env.setdefault("problems", [])
    if len(problems) < PROBLEMS and problem not in problems:
        problems.append(problem)


def warn(env: MutableMapping[str, Any], message: str, line: int = 0) -> None:
    """Note something for the editor that does not stop a save."""
    report(env, Problem(WARNING, "text", message, line, {"line": line} if line else {}))


class References(dict[str, Any]):
    """Link definitions that stop answering when their uses have cost too much.

    A definition of 10 kB used 20,000 times would make a page of 200 MB.
    """

    def __init__(self, env: MutableMapping[str, Any], budget: int) -> None:
        super().__init__()
        self.env, self.budget = env, budget

    def get(self, key: str, default: Any = None) -> Any:
        found = super().get(key, default)
        if found is default:
            return default
        self.budget -= len(found["url"]) + len(found.get("title") or "") + len(key)
        if self.budget < 0:
            warn(
                self.env,
                "This page uses its link definitions so often that the last ones are "
                "shown as text. Use fewer or shorter ones.",
            )
            return default
        return found

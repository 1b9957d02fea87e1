"""The guarded door: calls hook implementations so that a failing one fails alone."""

from __future__ import annotations

import itertools
import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from .model.answers import (
    PageGuard,
    WrongAnswer,
    check_draft,
    check_html,
    check_item,
    check_tree,
)
from .model.page import ERROR, WARNING, Draft, Problem
from .model.parts import PageContext

log = logging.getLogger("wiki.hooks")

MAX_ITEMS = 1000  # a list longer than this is an endless iterator in disguise
# Objections grow with what a person wrote: many are cut, never an answer refused.
SHOWN_PROBLEMS, MAX_PROBLEMS = 100, 100_000
PAUSE = 60.0  # seconds until a guard that was off is tried again


@dataclass(frozen=True, slots=True)
class Implementation:
    """One plugin's function for one hook, and the arguments it names."""

    plugin: str
    function: Callable[..., Any]
    arguments: tuple[str, ...]


@dataclass(slots=True)
class Fault:
    """What went wrong in a plugin's hook: how often, since when, last how."""

    plugin: str
    hook: str
    text: str
    since: float
    count: int = 0
    off: bool = False
    tried: float = 0.0


@dataclass(frozen=True, slots=True)
class HookInfo:
    """A hook as specified: its kind and the type of its answers."""

    name: str
    kind: str
    answer: type | None


class TooSlow(RuntimeError):
    """A call took longer than its budget; the answer was used all the same."""


class Door:
    """Calls hooks by kind. Everything but KeyboardInterrupt stops at the door.

    ``budget`` is in seconds a call; after ``max_failures`` a plugin's hook is no
    longer called until :meth:`reset`; a guard is tried again after a pause, because
    nothing is saved without it. ``strict`` raises instead (tests).
    """

    def __init__(
        self,
        hooks: Mapping[str, HookInfo],
        *,
        budget: float = 1.0,
        max_failures: int = 20,
        strict: bool = False,
    ) -> None:
        self._hooks = hooks
        self._implementations: dict[str, tuple[Implementation, ...]] = {}
        self._budget = budget
        self._max_failures = max_failures
        self._strict = strict
        self.faults: dict[tuple[str, str], Fault] = {}
        # Hears of a fault when it is new and when it switches a hook off.
        self.on_fault: Callable[[Fault], None] | None = None

    def mount(self, hook: str, implementations: Sequence[Implementation]) -> None:
        self._implementations[hook] = tuple(implementations)

    def collect(self, hook: str, **arguments: Any) -> list[tuple[str, Any]]:
        """Return (plugin, item) of every plugin's list, in plugin order."""
        found: list[tuple[str, Any]] = []
        for one in self._callable(hook):
            ok, answer = self._call(hook, one, arguments, self._items)
            if ok:
                found.extend((one.plugin, item) for item in answer)
        return found

    def first(self, hook: str, **arguments: Any) -> Any:
        """Return the first answer that is not None, or None."""
        page = arguments.get("page")
        for one in self._callable(hook):
            if isinstance(page, PageContext):  # its own, to do with as it likes
                arguments["page"] = replace(page, data={**page.data}, problems=[])
            ok, answer = self._call(hook, one, arguments, self._one)
            if ok and answer is not None:
                return answer
        return None

    def chain(
        self,
        hook: str,
        value: Any,
        *,
        fresh: Callable[[Any], Any] | None = None,
        **arguments: Any,
    ) -> Any:
        """Pass ``value`` through every plugin; a failing one leaves it as it was.

        ``fresh`` copies a value that plugins change in place. What a failing one did
        to a PageContext among the arguments is undone.
        """
        page = arguments.get("page")
        for one in self._callable(hook):
            name = one.arguments[0] if one.arguments else ""
            named = {**arguments, name: fresh(value) if fresh else value}
            kept = PageGuard(page) if isinstance(page, PageContext) else None
            ok, answer = self._call(hook, one, named, partial(_like, value, kept))
            if ok and answer is not None:
                value = answer
            elif not ok and kept is not None:
                kept.put_back()
        return value

    def guard(self, hook: str, **arguments: Any) -> list[Problem]:
        """Return all objections; a plugin that cannot answer is one itself."""
        found: list[Problem] = []
        for one in self._implementations.get(hook, ()):
            ok = False
            answer: list[Problem] = []
            if not self._is_resting(one.plugin, hook):
                ok, answer = self._call(hook, one, arguments, self._problems)
            if ok:
                self._works_again(one.plugin, hook)
                found.extend(answer)
            else:
                found.append(
                    Problem(
                        ERROR,
                        "",
                        "The check of “%(plugin)s” could not run, so nothing was "
                        "saved. Your text is here; tell an administrator.",
                        params={"plugin": one.plugin},
                    )
                )
        return found

    def notify(self, hook: str, **arguments: Any) -> None:
        for one in self._callable(hook):
            self._call(hook, one, arguments, lambda hook, answer: None)

    def call_one(self, hook: str, plugin: str, **arguments: Any) -> bool:
        """Call one plugin's implementation, if it has one; False when it failed."""
        for one in self._implementations.get(hook, ()):
            if one.plugin == plugin:
                return self._call(hook, one, arguments, lambda h, a: None)[0]
        return True

    def run(
        self, plugin: str, what: str, work: Callable[[], None], budget: float = 0.0
    ) -> bool:
        """Run something of a plugin's that is not a hook (a template), guarded.

        ``budget`` in seconds, for what no reader waits for.
        """
        if self._is_off(plugin, what):
            return False
        one = Implementation(plugin, work, ())
        return self._call(what, one, {}, lambda h, a: None, budget)[0]

    def reset(self, plugin: str) -> None:
        """Forget a plugin's faults, so that its hooks are called again."""
        for at in [key for key in self.faults if key[0] == plugin]:
            del self.faults[at]

    # -- inside

    def _callable(self, hook: str) -> Iterable[Implementation]:
        all_of_it = self._implementations.get(hook, ())
        if not self.faults:
            return all_of_it
        return [one for one in all_of_it if not self._is_off(one.plugin, hook)]

    def _is_off(self, plugin: str, hook: str) -> bool:
        fault = self.faults.get((plugin, hook))
        return fault is not None and fault.off

    def _is_resting(self, plugin: str, hook: str) -> bool:
        fault = self.faults.get((plugin, hook))
        if fault is None or not fault.off:
            return False
        return time.monotonic() - fault.tried < PAUSE

    def _works_again(self, plugin: str, hook: str) -> None:
        fault = self.faults.get((plugin, hook))
        if fault is not None and fault.off:
            self.faults.pop((plugin, hook), None)

    def _call(
        self,
        hook: str,
        one: Implementation,
        arguments: Mapping[str, Any],
        check: Callable[[str, Any], Any],
        budget: float = 0.0,
    ) -> tuple[bool, Any]:
        budget = budget or self._budget
        started = time.perf_counter()
        try:
            answer = check(
                hook, one.function(*map(arguments.__getitem__, one.arguments))
            )
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            self._failed(one.plugin, hook, error)
            return False, None
        if time.perf_counter() - started > budget:
            self._failed(one.plugin, hook, TooSlow(f"over {budget:g} s"))
        return True, answer

    def _failed(self, plugin: str, hook: str, error: BaseException) -> None:
        if self._strict:
            raise error
        fault = self.faults.get((plugin, hook))
        if fault is None:
            fault = Fault(plugin, hook, "", time.time())
            self.faults[plugin, hook] = fault
        fault.count += 1
        fault.text = f"{type(error).__name__}: {error}"[:500]
        # A guard that is slow has answered: off, it would stop everybody's saves.
        info = self._hooks.get(hook)
        if not (isinstance(error, TooSlow) and info and info.kind == "guard"):
            fault.off = fault.count >= self._max_failures
        fault.tried = time.monotonic()
        log.error("plugin %s failed in %s", plugin, hook, exc_info=error)
        turning_off = fault.off and fault.count == self._max_failures
        if self.on_fault is not None and (fault.count == 1 or turning_off):
            self.on_fault(fault)

    def _items(self, hook: str, answer: Any) -> list[Any]:
        if answer is None:
            return []
        if isinstance(answer, str | bytes):
            raise WrongAnswer(f"{hook} must return a list, not text")
        items = _taken(hook, answer, MAX_ITEMS)
        for item in items:
            self._one(hook, item)
        return items

    def _problems(self, hook: str, answer: Any) -> list[Problem]:
        if answer is None:
            return []
        items = _taken(hook, answer, MAX_PROBLEMS)
        for item in items:
            self._instance(hook, item)
        items.sort(key=lambda one: one.level == WARNING)
        del items[SHOWN_PROBLEMS:]
        for item in items:
            check_item(item)
        return items

    def _one(self, hook: str, answer: Any) -> Any:
        self._instance(hook, answer)
        check_item(answer)
        return answer

    def _instance(self, hook: str, answer: Any) -> None:
        wanted = self._hooks[hook].answer
        if answer is not None and wanted and not isinstance(answer, wanted):
            raise WrongAnswer(
                f"{hook} must return {wanted.__name__}, not {type(answer).__name__}"
            )


def _taken(hook: str, answer: Any, most: int) -> list[Any]:
    items = list(itertools.islice(answer, most + 1))
    if len(items) > most:
        raise WrongAnswer(f"{hook} returned more than {most} items")
    return items


def _like(value: Any, kept: PageGuard | None, hook: str, answer: Any) -> Any:
    """Return a chain's answer if it may take the place of the value before it."""
    if kept is not None:
        kept.check()
    wanted = type(value)
    if wanted.__module__ == type(answer).__module__ == "wiki.search.base":
        return answer  # the query tree: any node may take a node's place
    if answer is not None and not isinstance(answer, wanted):
        given = type(answer).__name__
        raise WrongAnswer(f"{hook} must return {wanted.__name__}, not {given}")
    if isinstance(answer, str):
        check_html(value, answer)
    elif isinstance(answer, list):
        check_tree(answer)
    elif isinstance(answer, Draft):
        check_draft(value, answer)
    else:
        check_item(answer)
    return answer

"""Checks of what a plugin declares: itself, its settings, its hooks."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from typing import Any

from wiki import hookspecs
from wiki.plugin import API, Plugin, Setting
from wiki.registry import hooks_of

from .findings import Finding, Subject

HOOKS = hooks_of()
SAY = {
    "title": "the name that people read",
    "description": "a sentence on what it does",
    "version": "its version",
    "api": f"the interface it was written for, {API} at present",
    "uses": "what it uses of routes, tables, network, jobs and guards, or frozenset()",
    "stores": "a sentence on what it keeps; say too that it keeps nothing",
}
USES = {"routes", "tables", "network", "jobs", "guards"}
# Hooks that need a word in ``uses``.
NEEDS = {
    "blueprints": "routes",
    "jobs": "jobs",
    "page_problems": "guards",
    "denials": "guards",
}
MARK = f"{hookspecs.PROJECT}_impl"


SHAPES: dict[str, tuple[type, ...]] = {
    "title": (str,),
    "description": (str,),
    "version": (str,),
    "stores": (str,),
    "api": (tuple,),
    "uses": (frozenset, set),
    "settings": (tuple, list),
    "addresses": (dict,),
}


def misshapen(subject: Subject) -> list[Finding]:
    """Return what is of a wrong type, so that no other check makes sense of it."""
    found = []
    for name, types in SHAPES.items():
        if not isinstance(getattr(subject.cls, name), types):
            text = f"“{name}” must be a {types[0].__name__}. Correct it first."
            found.append(subject.finding_at(subject.cls, text))
    settings = () if found else subject.cls.settings
    if not all(isinstance(one, Setting) for one in settings):
        text = "“settings” must hold wiki.Setting objects. Correct it first."
        found.append(subject.finding_at(subject.cls, text))
    return found


def check(subject: Subject) -> Iterator[Finding]:
    """Yield what is wrong with the declarations of a plugin."""
    yield from _itself(subject)
    yield from _settings(subject)
    for name, method in _methods(subject.cls):
        text = _hook(name, method)
        if text:
            yield subject.finding_at(method, text)
        word = NEEDS.get(name, "")
        if word and hasattr(method, MARK) and word not in subject.cls.uses:
            text = f"It has the hook “{name}”. Add “{word}” to “uses”."
            yield subject.finding_at(method, text)


def _itself(subject: Subject) -> Iterator[Finding]:
    cls = subject.cls
    own = {name for base in cls.__mro__ if base is not Plugin for name in vars(base)}
    for name, meaning in SAY.items():
        value = getattr(cls, name)
        if name not in own or (not value and name != "uses"):
            text = f"“{name}” is not declared. Set it to {meaning}."
            yield subject.finding_at(cls, text)
    for word in sorted(set(cls.uses) - USES):
        known = ", ".join(sorted(USES))
        text = f"“uses” has an unknown word “{word}”. There are: {known}."
        yield subject.finding_at(cls, text)


def _settings(subject: Subject) -> Iterator[Finding]:
    seen: set[str] = set()
    for one in subject.cls.settings:
        text = f"The setting “{one.name}” "
        if one.name in seen:
            yield subject.finding_at(subject.cls, text + "is there twice. Remove one.")
        seen.add(one.name)
        for what in ("label", "help"):
            if not getattr(one, what).strip():
                say = f"has no {what}. Say in words what it is for."
                yield subject.finding_at(subject.cls, text + say)
        wrong = one.problem(one.default)
        if wrong:
            say = f"{text}has a default that does not fit: {wrong}"
            yield subject.finding_at(subject.cls, say)


def _methods(cls: type[Plugin]) -> list[tuple[str, Callable[..., Any]]]:
    found = inspect.getmembers(cls, inspect.isfunction)
    return [(name, one) for name, one in found if not hasattr(Plugin, name)]


def _hook(name: str, method: Callable[..., Any]) -> str:
    """Return what is wrong with a method that is a hook or looks like one."""
    marked = getattr(method, MARK, None)
    if marked is None:
        if name not in HOOKS:
            return ""
        return f"“{name}” has the name of a hook and is none. Add @hookimpl above it."
    if name not in HOOKS:
        return f"There is no hook “{name}”.{_near(name)}"
    if marked.get("wrapper") or marked.get("hookwrapper"):
        return f"“{name}” is a wrapper, which is not supported. Make it a plain hook."
    specified = inspect.signature(getattr(hookspecs, name))
    known = [*specified.parameters]
    # Without an instance, so the first one is self; a static method has none.
    given = [*inspect.signature(method).parameters][1:]
    unknown = [one for one in given if one not in known]
    if unknown:
        said = f"“{name}” has no argument “{unknown[0]}”."
        return f"{said} It is {name}({', '.join(known)}); you may leave some out."
    return ""


def _near(name: str) -> str:
    near = get_close_matches(name, HOOKS, n=1, cutoff=0.6)
    return f" Did you mean “{near[0]}”?" if near else " Look at the list of hooks."

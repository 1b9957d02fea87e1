"""The engines built in, loaded by name when the first search needs one."""

from __future__ import annotations

from importlib import import_module
from typing import cast

from wiki.errors import StartError
from wiki.search.base import Engine
from wiki.search.installation import check_installation

# Loaded by name: the library behind an engine must not slow the start of the wiki.
_ENGINES = {
    "whoosh": ("wiki.search.whoosh_engine", "WhooshEngine"),
    "memory": ("wiki.search.memory", "MemoryEngine"),
}


def check_engine(name: str) -> None:
    """Raise StartError for an unknown engine, or one that is installed badly.

    Loads nothing, so it may run at every start.
    """
    if name not in _ENGINES:
        known = ", ".join(sorted(_ENGINES))
        raise StartError(
            f"There is no search engine “{name}”. Choose one of: {known}.", exit_code=3
        )
    if name == "whoosh":
        check_installation()


def make_engine(name: str) -> Engine:
    """Return an engine that is not open yet; StartError as ``check_engine``."""
    check_engine(name)
    module, factory = _ENGINES[name]
    return cast(Engine, getattr(import_module(module), factory)())

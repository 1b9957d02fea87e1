"""The engines built in, loaded by name when the first search needs one."""

from __future__ import annotations

from importlib import import_module
from typing import cast

from wiki.errors import StartError
from wiki.search.base import Engine

# Loaded by name: the library behind an engine must not slow the start of the wiki.
_ENGINES = {
    "whoosh": ("wiki.search.whoosh_engine", "WhooshEngine"),
    "memory": ("wiki.search.memory", "MemoryEngine"),
}


def make_engine(name: str) -> Engine:
    """Return an engine that is not open yet; StartError for an unknown name."""
    if name not in _ENGINES:
        known = ", ".join(sorted(_ENGINES))
        raise StartError(
            f"There is no search engine “{name}”. Choose one of: {known}.", exit_code=3
        )
    module, factory = _ENGINES[name]
    return cast(Engine, getattr(import_module(module), factory)())

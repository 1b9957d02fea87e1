"""What a plugin is: a class with a name, settings and hook implementations."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from .service import Wiki

# The plugin interface: (major, minor). New hooks and trailing arguments raise minor.
API = (1, 1)


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of a plugin: read from ``[plugin.<name>]`` in wiki.toml.

    ``type`` is bool, int, float, str or list (of text).
    """

    name: str
    type: type
    default: Any
    label: str
    help: str = ""
    choices: tuple[str, ...] = ()

    def problem(self, value: Any) -> str:
        """Return a sentence about a value that does not fit, or an empty string."""
        wrong = not isinstance(value, self.type) or (
            self.type is int and isinstance(value, bool)
        )
        if wrong:
            kind = self.type.__name__
            return f"“{self.name}” must be {kind}, not {type(value).__name__}."
        if self.choices and value not in self.choices:
            return f"“{self.name}” must be one of: {', '.join(self.choices)}."
        return ""


class Plugin:
    """Base of every plugin; hook implementations are methods marked ``hookimpl``.

    One instance an app. ``self.wiki`` is the service, ``self.options`` the settings,
    ``self.log`` a logger of the plugin's own.
    """

    name: ClassVar[str] = ""
    title: ClassVar[str] = ""
    description: ClassVar[str] = ""
    version: ClassVar[str] = "0"
    api: ClassVar[tuple[int, int]] = API
    # What it uses, shown before it is enabled: routes, tables, network, jobs, guards.
    uses: ClassVar[frozenset[str]] = frozenset()
    # A sentence for the page “What this site stores”; say too that it stores nothing.
    stores: ClassVar[str] = ""
    settings: ClassVar[tuple[Setting, ...]] = ()

    def __init__(self, wiki: Wiki, options: Mapping[str, Any]) -> None:
        self.wiki = wiki
        self.options = dict(options)
        self.log = logging.getLogger(f"wiki.plugin.{self.name}")

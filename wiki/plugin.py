"""What a plugin is: a class with a name, settings and hook implementations."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from .model.actor import Actor
from .outgoing import Sender, target
from .plugin_data import Database

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
    # Addresses beside /-/p/<name>/ that its pages answer, too: {address: endpoint}.
    # Their first part below /-/ must be free; see wiki/web/addresses.py.
    addresses: ClassVar[Mapping[str, str]] = {}
    # What sends its requests; another one in tests.
    sender: Sender = Sender()

    def __init__(self, wiki: Wiki, options: Mapping[str, Any]) -> None:
        self.wiki = wiki
        self.options = dict(options)
        self.log = logging.getLogger(f"wiki.plugin.{self.name}")

    def folder(self) -> Path:
        """Return a folder of the plugin's own, for the wiki's user alone.

        It lies in the instance and is removed with the plugin's data. Raises
        RuntimeError unless ``uses`` names ``tables``.
        """
        self._check_uses("tables")
        made = self.wiki.config.var / "plugins" / self.name
        made.mkdir(mode=0o700, parents=True, exist_ok=True)
        return made

    def database(self, *steps: str) -> Database:
        """Return tables of the plugin's own, in its folder; see :class:`Database`."""
        return Database(self.folder() / f"{self.name}.db", steps)

    def check_url(self, url: str, *, inside: bool = False) -> None:
        """Raise OutgoingRefused for an address that :meth:`post` would never take."""
        target(url, inside=inside)

    def post(
        self, url: str, body: bytes, headers: Mapping[str, str], *, inside: bool = False
    ) -> int:
        """Post a body to another machine and return the status of its answer.

        Only https, only addresses of the open net, no redirects, 5 s; ``inside``
        allows http and this machine's own network as well. Raises OutgoingRefused,
        OutgoingFailed, and RuntimeError unless ``uses`` names ``network``.
        """
        self._check_uses("network")
        return self.sender.post(url, body, headers, inside=inside)

    def note(self, by: Actor, what: str) -> None:
        """Write into the log of the wiki that a person changed the plugin's affairs."""
        audit = self.wiki.accounts.audit
        audit.note(by, "plugin.changed", self.title or self.name, what=what)

    def _check_uses(self, what: str) -> None:
        if what not in self.uses:
            raise RuntimeError(f"declare “{what}” in uses of the plugin “{self.name}”")

"""Facts that happened: told to plugins after the commit, never before."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PageSaved:
    page_id: int
    name: str
    rev: int
    kind: str
    actor_id: int | None
    created: bool


@dataclass(frozen=True, slots=True)
class PageRenamed:
    page_id: int
    old: str
    new: str
    actor_id: int | None


@dataclass(frozen=True, slots=True)
class PageDeleted:
    page_id: int
    name: str
    actor_id: int | None


@dataclass(frozen=True, slots=True)
class PageRestored:
    page_id: int
    name: str
    rev: int
    actor_id: int | None


@dataclass(frozen=True, slots=True)
class ActorSignedIn:
    actor_id: int


@dataclass(frozen=True, slots=True)
class PluginFailing:
    """A hook of a plugin failed for the first time, or so often that it is off now."""

    plugin: str
    hook: str
    off: bool


Event = (
    PageSaved | PageRenamed | PageDeleted | PageRestored | ActorSignedIn | PluginFailing
)

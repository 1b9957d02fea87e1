"""Notes what was done to people, rights and settings: who, what, when; no address."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection

from .model.actor import Actor
from .model.acts import SENTENCES, Act
from .store.private import PrivateStore
from .store.private_audit import ActRows

YEAR_MS = 365 * 24 * 3_600_000
_LONGEST = 300


class Audit:
    """The log. ``now`` gives milliseconds UTC."""

    def __init__(self, store: PrivateStore, now: Callable[[], int]) -> None:
        self._store, self._now = store, now
        self._rows = ActRows(store.database)

    def note(
        self,
        by: Actor,
        act: str,
        subject: str = "",
        *,
        at: Connection | None = None,
        **detail: Any,
    ) -> None:
        """Write one act, in the transaction ``at`` or in one of its own.

        Raises KeyError for an act that has no sentence in ``wiki.model.acts``.
        """
        SENTENCES[act]
        if at is None:
            with self._store.writing() as own:
                self._write(own, by, act, subject, detail)
        else:
            self._write(at, by, act, subject, detail)

    def _write(
        self, at: Connection, by: Actor, act: str, subject: str, detail: dict[str, Any]
    ) -> None:
        now = self._now()
        self._rows.forget(at, now - YEAR_MS)
        self._rows.add(
            at,
            ts=now,
            actor_id=by.id,
            actor=by.name,
            act=act,
            subject=subject[:_LONGEST],
            detail={key: str(value)[:_LONGEST] for key, value in detail.items()},
        )

    def rename(
        self, at: Connection, user_id: int, old: str, new: str, *, forget: bool = False
    ) -> None:
        """Put a person's name in place of an old one; ``forget`` their id as well."""
        self._rows.rename(at, user_id, old, new, forget=forget)

    def acts(
        self,
        before: int | None = None,
        limit: int = 50,
        *,
        kind: str = "",
        person: str = "",
    ) -> list[Act]:
        """Return acts newest first, below an id.

        ``kind`` is an act or what stands before its dot; ``person`` is who did it or
        to whom it was done.
        """
        return self._rows.list(before, limit, kind=kind, person=person)

"""Ends everything that lets somebody in without signing in anew."""

from __future__ import annotations

from sqlalchemy import Connection, delete

from .private_tables import link, session

# Links that open an account stay: nobody can use them while the wiki is read-only.
INVITATIONS = "join"


def end_all(at: Connection) -> int:
    """End all sessions and the links that begin one; return how many sessions."""
    at.execute(delete(link).where(link.c.kind != INVITATIONS))
    return int(at.execute(delete(session)).rowcount)

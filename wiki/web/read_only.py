"""Refuses what changes something while the wiki is read-only, before anything else.

The store refuses by itself; said here first, so that nobody is asked to sign in.
"""

from __future__ import annotations

from flask import Flask, g, request

from wiki.errors import ReadOnlyForNow

from .current import wiki

_READING = frozenset({"GET", "HEAD", "OPTIONS"})


def install(app: Flask) -> None:
    app.before_request(refuse)


def refuse() -> None:
    """Raise ReadOnlyForNow for a request that writes, and for every token."""
    if (request.method not in _READING or g.by_token) and wiki().panic.on:
        raise ReadOnlyForNow

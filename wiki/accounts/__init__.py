"""People's accounts: signing in, sessions, links, tokens. No Flask, no pages."""

from .entry import Accounts

__all__ = ["Accounts"]

"""The admin home: one blueprint behind one check, one file a section."""

from . import (
    access,
    erase,
    groups,
    home,
    invitations,
    log,
    pages,
    panic,
    people,
    plugins,
    rules,
    settings,
)
from .blueprint import bp

__all__ = [
    "access",
    "bp",
    "erase",
    "groups",
    "home",
    "invitations",
    "log",
    "pages",
    "panic",
    "people",
    "plugins",
    "rules",
    "settings",
]

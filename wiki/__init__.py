"""Common Ground, a wiki for people who organize: what plugins may import.

``create_app`` makes the WSGI application; everything else here is for plugins.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .errors import BadRequest, Busy, Gone, NotFound, NotValid, WikiError
from .hookspecs import hookimpl
from .model import events
from .model.actor import Actor, Sees
from .model.audience import is_understood as is_audience
from .model.audience import sees_part
from .model.page import (
    ERROR,
    WARNING,
    Change,
    Draft,
    Page,
    PageRow,
    Problem,
    Revision,
)
from .model.parts import (
    Action,
    Alternate,
    Asset,
    Check,
    Directive,
    Field,
    FrontLimits,
    Job,
    Link,
    NavItem,
    Option,
    PageContext,
    PageType,
    Panel,
    Record,
    Token,
)
from .outgoing import OutgoingFailed, OutgoingRefused
from .plugin import API, Plugin, Setting
from .plugin_data import Database, Row
from .search.base import And, Filter, Node, Not, Or, Phrase, Prefix, Word

if TYPE_CHECKING:
    from .app import create_app
    from .service import PageView, Wiki
    from .web.plugin_api import (
        answer,
        current_actor,
        for_admins,
        gettext,
        is_proven,
        make_token,
        page_url,
        reader,
        render,
        site_url,
    )

# Loaded at first use: the process that parses pages needs neither Flask nor a store.
_LATE = {
    "create_app": ".app",
    "PageView": ".service",
    "Wiki": ".service",
    "answer": ".web.plugin_api",
    "current_actor": ".web.plugin_api",
    "for_admins": ".web.plugin_api",
    "gettext": ".web.plugin_api",
    "is_proven": ".web.plugin_api",
    "make_token": ".web.plugin_api",
    "page_url": ".web.plugin_api",
    "reader": ".web.plugin_api",
    "render": ".web.plugin_api",
    "site_url": ".web.plugin_api",
}


def __getattr__(name: str) -> Any:
    if name in _LATE:
        return getattr(import_module(_LATE[name], __name__), name)
    raise AttributeError(f"module “wiki” has no “{name}”")


__all__ = [
    "API",
    "ERROR",
    "WARNING",
    "Action",
    "Actor",
    "Alternate",
    "And",
    "Asset",
    "BadRequest",
    "Busy",
    "Change",
    "Check",
    "Database",
    "Directive",
    "Draft",
    "Field",
    "Filter",
    "FrontLimits",
    "Gone",
    "Job",
    "Link",
    "NavItem",
    "Node",
    "Not",
    "NotFound",
    "NotValid",
    "Option",
    "Or",
    "OutgoingFailed",
    "OutgoingRefused",
    "Page",
    "PageContext",
    "PageRow",
    "PageType",
    "PageView",
    "Panel",
    "Phrase",
    "Plugin",
    "Prefix",
    "Problem",
    "Record",
    "Revision",
    "Row",
    "Sees",
    "Setting",
    "Token",
    "Wiki",
    "WikiError",
    "Word",
    "answer",
    "create_app",
    "current_actor",
    "events",
    "for_admins",
    "gettext",
    "hookimpl",
    "is_audience",
    "is_proven",
    "make_token",
    "page_url",
    "reader",
    "render",
    "sees_part",
    "site_url",
]

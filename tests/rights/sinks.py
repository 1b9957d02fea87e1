"""Every way something could come out: all routes, with all that can be asked there.

In a template ``{name}`` and the like stand for a word of a hidden thing; a template
without one lists what there is. A route that is missing here fails the matrix.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import quote

from .objects import Ask

V1 = "/-/api/v1"

# What every route may ask of a request, whoever answers.
EVERYWHERE = frozenset({"lang", "access_token"})

GETS: Mapping[str, tuple[str, ...]] = {
    # -- pages
    "page.home": ("/", "/?lang=es"),
    "page.view": (
        "/open",
        "/other",
        "/lampost",
        "/terms/plimroot",
        "/groups/openhands",
        "/open?rev=1",
        "/{name}",
        "/{name}.md",
        "/{name}/",
        "/{name}/deeper",
        "/{name}?rev=1",
        "/{page}?rev={n}",
        "/{page}.md?rev={n}",
        "/{group}",
        "/{word}",
        "/{prefix}",
        "/-/{word}",
    ),
    "page.raw": ("/-/raw/open", "/-/raw/{name}", "/-/raw/{page}?rev={n}"),
    "history.history": (
        "/-/history/open",
        "/-/history/lampost",
        "/-/history/onceopen",
        "/-/history/{name}",
        "/-/history/{page}?before=9",
    ),
    "history.diff": (
        "/-/diff/lampost",
        "/-/diff/{name}",
        "/-/diff/{page}?a={n}&b={n}",
        "/-/diff/{page}?a={n}&b=3",
        "/-/diff/{page}?b={n}&mode=inline",
    ),
    "history.restore": (
        "/-/restore/lampost",
        "/-/restore/{name}",
        "/-/restore/{page}?rev={n}",
    ),
    "history.rename": ("/-/rename/open", "/-/rename/{name}"),
    "history.delete": ("/-/delete/open", "/-/delete/{name}"),
    "edit.edit": ("/-/edit/open", "/-/edit/{name}"),
    "edit.new": ("/-/new", "/-/new?name={name}", "/-/new?type={type}"),
    "audience.audience": ("/-/audience/open", "/-/audience/{name}"),
    # -- lists
    "lists.pages": (
        "/-/pages",
        "/-/pages?prefix={prefix}",
        "/-/pages?prefix={name}",
        "/-/pages?after={name}",
    ),
    "lists.recent": (
        "/-/recent",
        "/-/recent?before=99999",
        "/-/recent?in={prefix}",
        "/-/recent?in={name}",
    ),
    "lists.tags": ("/-/tags",),
    "lists.tag": ("/-/tags/shared", "/-/tags/{tag}", "/-/tags/{tag}?after=a"),
    "lists.links": ("/-/links/open", "/-/links/{name}", "/-/links/{name}?after=a"),
    "lists.wanted": ("/-/reports/wanted",),
    # -- search
    "search.search": (
        "/-/search",
        "/-/search?q=commonword",
        "/-/search?q=shared&page=1",
        "/-/search?q=commonwurd",
        "/-/search?q={word}",
        "/-/search?q={name}",
        "/-/search?q={tag}",
        "/-/search?q=%22{word}%22",
        "/-/search?q={word}*",
        "/-/search?q={word}+commonword",
        "/-/search?q=commonword+-{word}",
        "/-/search?q=commonword+OR+{word}",
        "/-/search?q=author:{word}",
        "/-/search?q=title:{word}",
        "/-/search?q=tag:{tag}",
        "/-/search?q=commonword&tag={tag}",
        "/-/search?q=commonword&in={prefix}",
        "/-/search?q=commonword&type={type}",
        "/-/search?q=lang:cy+commonword",
    ),
    "search.suggest": (
        "/-/search/suggest?q=o",
        "/-/search/suggest?q={word}",
        "/-/search/suggest?q={name}",
    ),
    # -- files and what lies about
    "files.beside": ("/-/files/{file}", "/-/files/{name}/plan.png"),
    "assets.static": ("/-/static/0/{name}",),
    "coalitions.static": ("/-/p/coalitions/static/{name}",),
    "glossary.static": ("/-/p/glossary/static/{name}",),
    "health.health": ("/-/health",),
    "sitemap.sitemap": ("/sitemap.xml", "/sitemap.xml?part=1"),
    "well_known.security": ("/.well-known/security.txt",),
    "health.favicon": ("/favicon.ico",),
    "robots.robots": ("/robots.txt",),
    "errors.explain": ("/-/help/errors/{word}", "/-/help/errors/not-found"),
    "links.change_password": ("/.well-known/change-password",),
    # -- for programs
    "api.me": (f"{V1}/me",),
    "api.pages": (
        f"{V1}/pages",
        f"{V1}/pages?limit=100",
        f"{V1}/pages?in={{prefix}}",
        f"{V1}/pages?in={{name}}",
        f"{V1}/pages?tag={{tag}}",
        f"{V1}/pages?type={{type}}",
        f"{V1}/pages?after={{name}}",
    ),
    "api.read": (
        f"{V1}/pages/open?include=source,html,fields,links",
        f"{V1}/pages/groups/openhands?include=source,html,fields,links",
        f"{V1}/pages/{{name}}",
        f"{V1}/pages/{{name}}?include=source,html,fields,links",
        f"{V1}/pages/{{page}}?rev={{n}}&include=source,html",
    ),
    "api.history": (
        f"{V1}/history/open",
        f"{V1}/history/lampost?limit=100",
        f"{V1}/history/{{name}}",
        f"{V1}/history/{{name}}?after=x",
    ),
    "api.recent": (
        f"{V1}/recent",
        f"{V1}/recent?limit=100",
        f"{V1}/recent?in={{prefix}}",
        f"{V1}/recent?in={{name}}",
        f"{V1}/recent?after={{name}}",
    ),
    "api.search": (
        f"{V1}/search?q=commonword",
        f"{V1}/search?q=commonwurd",
        f"{V1}/search?q={{word}}",
        f"{V1}/search?q={{word}}*",
        f"{V1}/search?q=commonword+-{{word}}",
        f"{V1}/search?q=commonword&tag={{tag}}",
        f"{V1}/search?q=commonword&type={{type}}",
        f"{V1}/search?q=commonword&in={{prefix}}",
        f"{V1}/search?q=commonword&lang=cy&after={{word}}&limit=5",
    ),
    "api.suggest": (f"{V1}/suggest?q=o", f"{V1}/suggest?q={{word}}"),
    # -- plugins
    "coalitions.index": (
        "/-/p/coalitions/",
        "/-/p/coalitions/?q={word}",
        "/-/p/coalitions/?issue={word}",
        "/-/p/coalitions/?type={type}&scope={word}&status={word}",
        "/-/p/coalitions/?page=1",
    ),
    "coalitions.asks": ("/-/p/coalitions/asks", "/-/p/coalitions/asks?page=1"),
    "glossary.index": (
        "/-/p/glossary/",
        "/-/p/glossary/?q={word}",
        "/-/p/glossary/?in={word}",
    ),
    "feeds.feed": (
        "/-/feed.atom",
        "/-/feed.atom?full=1",
        "/-/feed.atom?in={prefix}",
        "/-/feed.atom?in={name}",
        "/-/feed.atom?tag={tag}&full=1",
        "/-/feed.atom?tag=shared",
        "/-/feed.atom?q={word}",
        "/-/feed.atom?q=commonword&full=1",
        "/-/feed.atom?q=commonword&in={prefix}",
        "/-/feed/open.atom?full=1",
        "/-/feed/lampost.atom",
        "/-/feed/onceopen.atom",
        "/-/feed/{name}.atom",
        "/-/p/feeds/feed/{name}.atom?full=1",
        "/-/p/feeds/t/{word}/feed.atom",
        "/-/p/feeds/t/x/feed/{name}.atom",
    ),
    "feeds.index": ("/-/p/feeds/",),
    "webhooks.index": ("/-/p/webhooks/",),
    # -- people
    "groups.mine": ("/-/groups",),
    "groups.group": ("/-/groups/{group}", "/-/groups/{group}?search=p&after=a"),
    "account.account": ("/-/account",),
    "account.leave": ("/-/account/leave",),
    "account.left": ("/-/account/left",),
    "account.name": ("/-/account/name",),
    "account.ways": ("/-/account/sign-in",),
    "account.tokens": ("/-/account/tokens",),
    "account.devices": ("/-/account/devices",),
    "account.new_codes": ("/-/account/codes",),
    "account.picture": ("/-/account/codes.png",),
    "account.setup": ("/-/setup", "/-/setup?key={word}"),
    "account.sign_in": ("/-/sign-in", "/-/sign-in?page={name}"),
    "invitations.invite": ("/-/invite", "/-/invite?group={group}"),
    "joining.ask": ("/-/join", "/-/join?page={name}"),
    "joining.join": ("/-/join/{word}",),
    "joining.thanks": ("/-/join/thanks",),
    "links.email": ("/-/account/email",),
    "links.follow": ("/-/reset/{word}",),
    "links.forgot": ("/-/forgot",),
    "openid.back": ("/-/openid/back?state={word}",),
    "openid.connection": ("/-/account/openid",),
    "openid.join": ("/-/openid/join?state={word}",),
    # -- those who moderate
    "moderation.person": (
        "/-/people/1",
        "/-/people/1?before=99999",
        "/-/people/{word}",
    ),
    "moderation.person_undo": ("/-/people/1/undo?since=all",),
    "moderation.commit": ("/-/actions/1/undo", "/-/actions/{word}/undo"),
    "review.waiting": ("/-/review", "/-/review?after=1"),
    "review.look": (
        "/-/review/{change}",
        "/-/review/{change}?mode=inline",
        "/-/review/{word}",
    ),
    "review.change": ("/-/review/{change}/edit", "/-/review/{word}/edit"),
    "privacy.privacy": ("/-/privacy",),
    # -- administrators
    "admin.home": ("/-/admin/",),
    "admin.access": (
        "/-/admin/access?person=nobody&page={name}",
        "/-/admin/access?person={word}&page=open",
    ),
    "admin.rules": ("/-/admin/areas", "/-/admin/areas?area={prefix}"),
    "admin.panic": ("/-/admin/emergency",),
    "admin.groups": ("/-/admin/groups",),
    "admin.remove_group": ("/-/admin/groups/{group}/remove",),
    "admin.invitations": ("/-/admin/invitations",),
    "admin.log": ("/-/admin/log", "/-/admin/log?before=99999"),
    "admin.people": ("/-/admin/people",),
    "admin.person": ("/-/admin/people/1",),
    "admin.settings": ("/-/admin/settings",),
    "admin.settings_section": (
        "/-/admin/settings/site",
        "/-/admin/settings/{word}",
    ),
    "admin.waiting": ("/-/admin/waiting",),
    "admin.erase": ("/-/admin/erase", "/-/admin/erase?name={name}&n=1"),
    "admin.pages": ("/-/admin/pages", "/-/admin/pages?orphans=1&page=1"),
    "admin.plugins": ("/-/admin/plugins",),
}


def filled(template: str, ask: Ask, value: str) -> str | None:
    """Return an address with a word in its place, None where it does not fit."""
    if ask.kind == "rev":
        page, n = value.split("@")
        if "{page}" not in template:
            return None
        return template.replace("{page}", quote(page)).replace("{n}", n)
    if "{page}" in template or "{" + ask.kind + "}" not in template:
        return None
    # Other places of the template are filled with the same word.
    for kind in ("name", "tag", "file", "group", "word", "prefix", "type", "change"):
        template = template.replace("{" + kind + "}", quote(value))
    return template


def lists() -> Iterator[tuple[str, str]]:
    """Yield (endpoint, address) of all that asks for nothing hidden by name."""
    for endpoint, templates in GETS.items():
        for template in templates:
            if "{" not in template:
                yield endpoint, template


def named(ask: Ask) -> Iterator[tuple[str, str, str]]:
    """Yield (endpoint, address with the word, address with one of nothing)."""
    for endpoint, templates in GETS.items():
        for template in templates:
            there = filled(template, ask, ask.value)
            nothing = filled(template, ask, ask.nothing)
            if there is not None and nothing is not None:
                yield endpoint, there, nothing

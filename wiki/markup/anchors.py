"""Links, images and mentions of footnotes, written as HTML.

A link that is not allowed, or a picture from elsewhere, stays visible as text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ..model.page import WARNING, Problem
from ..model.parts import Link, PageContext, Token
from . import links, text
from .links import Target
from .notes import BACK_LINKS
from .outline import anchor

# Where pictures may come from: no other address may be asked for by a picture.
PICTURES = ("/-/files/", "/-/static/")
REL = "noopener noreferrer nofollow ugc"
# Classes that a pass may give a link.
CLASSES = frozenset(("term",))


def escape(value: str) -> str:
    """Return a text for use between tags."""
    return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def quoted(value: str) -> str:
    """Return a text for use in an attribute in double quotes."""
    return escape(value).replace('"', "&quot;")


def fnref(number: int, mention: int) -> str:
    """Return the id of a mention of a footnote."""
    return f"fnref-{number}" if mention == 1 else f"fnref-{number}-{mention}"


class Anchors:
    """Writes the links of one page."""

    def __init__(
        self,
        page: PageContext,
        known: Mapping[Target, Link],
        words: Mapping[str, str],
        many: Callable[[Sequence[Token]], str],
    ) -> None:
        self.page, self.known, self.words, self.many = page, known, words, many
        self.problems: list[Problem] = []
        self.within = False

    def link(self, token: Token) -> str:
        if self.within:
            return self.many(token["children"])
        self.within = True
        html = self.many(token["children"])
        self.within = False
        target = links.target_of(token, self.page.name)
        attrs = token.get("attrs") or {}
        if attrs.get("bare"):
            html = self._title(target) or html
        # A link without words could not be followed by ear.
        html = html if html.strip() else escape(target.name or target.raw)
        if target.kind == "bad":
            return self._refused(target, html)
        if target.kind == "file" and not self._file(target):
            return self._no_file(html)
        return self._anchor(target, html, attrs)

    def _title(self, target: Target) -> str:
        """Return the title of the page that ``[[name]]`` leads to, if there is one."""
        link = self.known.get(target)
        return escape(link.title) if link and link.exists else ""

    def image(self, token: Token) -> str:
        target = links.target_of(token, self.page.name)
        words = text.inline(token["children"])
        if target.kind == "external":
            shown = escape(words or target.name)
            return shown if self.within else self._anchor(target, shown, {})
        shown_route = target.kind == "route" and target.name.startswith(PICTURES)
        if target.kind != "file" and not shown_route:
            return self._refused(target, escape(words))
        link = self._file(target)
        if not link:
            return self._no_file(escape(words))
        title = (token.get("attrs") or {}).get("title") or ""
        shown = f' title="{quoted(str(title))}"' if title else ""
        return f'<img src="{quoted(link.url)}" alt="{quoted(words)}"{shown}>'

    def footnote_ref(self, token: Token) -> str:
        number, mention = token["attrs"]["number"], token["attrs"]["mention"]
        if self.within:
            return f'<sup class="note">{number}</sup>'
        name = f' id="{fnref(number, mention)}"' if mention <= BACK_LINKS else ""
        return f'<sup class="note"><a{name} href="#fn-{number}">{number}</a></sup>'

    def _file(self, target: Target) -> Link | None:
        if target.kind == "route":
            return Link(target.name)
        link = self.known.get(target)
        return link if link and link.exists else None

    def _anchor(self, target: Target, html: str, attrs: Mapping[str, object]) -> str:
        href, css, rel, title = self._place(target)
        if not href:
            return html
        given = str(attrs.get("class") or "")
        css = given if given in CLASSES and css != "missing" else css
        # What a term means is told by its description, never by a title.
        title = "" if css == "term" else str(attrs.get("title") or title)
        described = str(attrs.get("describedby") or "")
        parts = (
            ("href", href),
            ("class", css),
            ("title", title),
            ("rel", rel),
            ("aria-describedby", described),
        )
        shown = "".join(f' {name}="{quoted(v)}"' for name, v in parts if v)
        return f"<a{shown}>{html}</a>"

    def _place(self, target: Target) -> tuple[str, str, str, str]:
        """Return address, class, rel and title of a link."""
        if target.kind == "external":
            web = target.name[:4].lower() == "http"
            return target.name, "external" if web else "", REL if web else "", ""
        if target.kind == "anchor":
            return f"#{anchor(target.fragment)}" if target.fragment else "", "", "", ""
        if target.kind == "route":
            return target.name, "", "", ""
        link = self.known.get(target)
        if not link or not link.exists:
            own = link.url if link and target.kind == "prefixed" else ""
            url = own or links.new_url(target.name)
            return url, "missing", "", link.title if link else ""
        fragment = f"#{anchor(target.fragment)}" if target.fragment else ""
        css = "file" if target.kind == "file" else ""
        return link.url + fragment, css, "", link.title

    def _refused(self, target: Target, html: str) -> str:
        raw = escape(target.raw)
        address = "" if raw == html or not raw else f" ({raw})"
        self._note(
            "A link on this page leads to “%(url)s”, which is not allowed. "
            "Use http, https, mailto, tel, or a page of this wiki.",
            url=target.raw[:100],
        )
        hint = escape(self.words["refused"])
        return (
            f'<span class="refused">{html}{address}</span> '
            f'<span class="hint">[{hint}]</span>'
        )

    def _no_file(self, html: str) -> str:
        hint = escape(self.words["no-file"])
        return f'<span class="refused">{html}</span> <span class="hint">[{hint}]</span>'

    def _note(self, message: str, **params: str) -> None:
        problem = Problem(WARNING, "text", message, 0, params)
        if len(self.problems) < 20 and problem not in self.problems:
            self.problems.append(problem)

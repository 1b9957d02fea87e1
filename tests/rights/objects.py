"""What is hidden: of each kind one, with its words, its readers and where it shows.

All words are made up, none is part of another, and each occurs in one thing only: a
word in an answer is a leak of that thing. ``asked`` pairs a word of it with one of the
same length that is a letter away and belongs to nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from wiki.model.actor import SYSTEM, person
from wiki.model.page import Draft

from .site import EDITS, Site

TENANTS = frozenset({"group:tenants"})
COOKS = frozenset({"group:cooks"})
MEMBERS = frozenset({"members"})
NO_ONE: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Ask:
    """A word to put into an address: ``kind`` says where it fits."""

    kind: str
    value: str
    nothing: str


@dataclass(frozen=True)
class Hidden:
    """Something that only some may know of; ``needs`` as a page's audience does.

    ``secrets`` are its words, ``shown`` where its readers find which of them.
    """

    label: str
    needs: tuple[frozenset[str], ...]
    secrets: tuple[str, ...]
    asked: tuple[Ask, ...]
    shown: tuple[tuple[str, str], ...]


def asks(**pairs: str) -> tuple[Ask, ...]:
    """Return asks from ``kind="value nothing, value nothing"``."""
    return tuple(
        Ask(kind, *pair.split())
        for kind, text in pairs.items()
        for pair in text.split(", ")
    )


def write_public(site: Site) -> None:
    """Write what everybody may read, links to hidden things among it."""
    site.write("home", "# Home\n\nCommonword: welcome. See [[open]].\n")
    site.write(
        "open",
        "---\ntags: [shared]\n---\n# Open page\n\nCommonword for all: the plimroot. "
        "[[zuppiter|a]] [[zupputer|a]] [[quorl|a]] [[quurl|a]] [[fennip|a]] "
        "[[fennop|a]] ![a](vurnok/plan.png) ![a](vurnok/plun.png)\n",
    )
    site.write("other", "---\ntags: [shared]\n---\n# Other page\n\nCommonword.\n")
    site.write(
        "terms/plimroot",
        "---\ntype: term\nterm: plimroot\nshort: A public meaning.\n---\n",
    )


def _front(site: Site) -> Hidden:
    site.wiki.accounts.create_user("Quildorn", "editor", groups=["tenants"])
    author = person(site.ids["both"], "Quildorn", "editor", frozenset({"tenants"}))
    text = (
        "---\ntitle: Wimbrast\naudience: group:tenants\ntags: [thurnel, shared]\n"
        "type: jexkind\nlang: cy\n---\n"
        "Commonword. The snorvile stands here. [[open]] [[frobwanted]]\n"
    )
    site.write("gorbax", text, "words of kelmish", author)
    site.write("gorbax", text + "\nMore.\n", "again kelmish", author)
    return Hidden(
        "page with an audience of its own",
        (TENANTS,),
        (
            "gorbax",
            "wimbrast",
            "thurnel",
            "snorvile",
            "kelmish",
            "quildorn",
            "jexkind",
            "frobwanted",
        ),
        asks(
            name="gorbax gorbex",
            tag="thurnel thurnil",
            word="snorvile snorvule, wimbrast wimbrest, quildorn quildurn",
            type="jexkind jexkund",
            rev="gorbax@1 gorbex@1",
        ),
        (
            ("/gorbax", "snorvile"),
            ("/-/raw/gorbax", "snorvile"),
            ("/-/history/gorbax", "kelmish"),
            ("/-/diff/gorbax?a=1&b=2", "kelmish"),
            ("/-/recent", "kelmish"),
            ("/-/tags", "thurnel"),
            ("/-/tags/thurnel", "wimbrast"),
            ("/-/pages", "wimbrast"),
            ("/-/search?q=snorvile", "wimbrast"),
            ("/-/search/suggest?q=wimbra", "wimbrast"),
            ("/-/links/open", "wimbrast"),
            ("/-/reports/wanted", "frobwanted"),
            ("/-/audience/gorbax", "wimbrast"),
            ("/-/api/v1/pages", "wimbrast"),
            ("/-/api/v1/pages/gorbax?include=source,html", "snorvile"),
            ("/-/api/v1/history/gorbax", "kelmish"),
            ("/-/api/v1/recent", "kelmish"),
            ("/-/api/v1/search?q=snorvile", "wimbrast"),
            ("/-/api/v1/suggest?q=wimbra", "wimbrast"),
        ),
    )


def _members(site: Site) -> Hidden:
    site.write(
        "brunkel",
        "---\ntitle: Oldrimp\naudience: members\ntags: [yarvish]\n---\n"
        "Commonword, clabtor. [[open]]\n",
        "about zindle",
    )
    return Hidden(
        "page for members",
        (MEMBERS,),
        ("brunkel", "oldrimp", "yarvish", "clabtor", "zindle"),
        asks(
            name="brunkel brunkol",
            tag="yarvish yarvosh",
            word="clabtor clabtar",
            rev="brunkel@1 brunkol@1",
        ),
        (
            ("/brunkel", "clabtor"),
            ("/-/search?q=clabtor", "oldrimp"),
            ("/-/recent", "zindle"),
            ("/-/api/v1/pages/brunkel?include=source", "clabtor"),
        ),
    )


def _area(site: Site) -> Hidden:
    site.wiki.areas.set(SYSTEM, "dorvik/", "group:tenants", "")
    site.write(
        "dorvik/melbox",
        "---\ntitle: Hastrune\ntags: [pelquin]\n---\nCommonword, trovil. [[open]]\n",
        "said by umbrack",
    )
    return Hidden(
        "page in an area with a rule",
        (TENANTS,),
        ("melbox", "hastrune", "pelquin", "trovil", "umbrack"),
        asks(
            name="dorvik/melbox dorvik/melbax",
            prefix="dorvik/ durvik/",
            tag="pelquin pelquun",
            word="trovil trovul",
            rev="dorvik/melbox@1 dorvik/melbax@1",
        ),
        (
            ("/dorvik/melbox", "trovil"),
            ("/-/pages?prefix=dorvik/", "hastrune"),
            ("/-/recent?in=dorvik/", "umbrack"),
            ("/-/search?q=in:dorvik", "hastrune"),
            ("/-/api/v1/pages?in=dorvik/", "hastrune"),
            ("/-/api/v1/pages/dorvik/melbox?include=source", "trovil"),
        ),
    )


def _two_groups(site: Site) -> Hidden:
    site.write(
        "sablont",
        "---\ntitle: Gristone\naudience: group:tenants, group:cooks\n---\n"
        "Commonword, furnash. [[open]]\n",
        "from vexwell",
    )
    return Hidden(
        "page for two groups",
        (TENANTS | COOKS,),
        ("sablont", "gristone", "furnash", "vexwell"),
        asks(name="sablont sablunt", word="furnash furnosh"),
        (
            ("/sablont", "furnash"),
            ("/-/search?q=furnash", "gristone"),
            ("/-/recent", "vexwell"),
            ("/-/api/v1/pages/sablont?include=source", "furnash"),
        ),
    )


def _two_bounds(site: Site) -> Hidden:
    site.write(
        "dorvik/yemlath",
        "---\ntitle: Ploxitar\naudience: group:cooks\n---\nCommonword, ringolf.\n",
        "for kuvatt",
    )
    return Hidden(
        "page that two bounds keep",
        (TENANTS, COOKS),
        ("yemlath", "ploxitar", "ringolf", "kuvatt"),
        asks(name="dorvik/yemlath dorvik/yemloth", word="ringolf ringulf"),
        (
            ("/dorvik/yemlath", "ringolf"),
            ("/-/search?q=ringolf", "ploxitar"),
            ("/-/recent", "kuvatt"),
            ("/-/api/v1/pages/dorvik/yemlath?include=source", "ringolf"),
        ),
    )


def _field(site: Site) -> Hidden:
    site.write(
        "groups/openhands",
        "---\ntype: group\ntitle: Open Hands\nsummary: Commonword.\n"
        "area: Ostrabell\naudiences: {area: 'group:tenants'}\n"
        "contacts:\n"
        "  - {kind: phone, value: '555 0174', role: flortek, audience: 'group:tenants'}"
        "\nneeds:\n  - {text: a vantriloom, audience: 'group:tenants'}\n"
        "asks:\n  - {text: Bring mozzplank, who: anyone, audience: 'group:tenants'}\n"
        "issues: [housing]\n---\nText.\n",
        "plain words",
    )
    return Hidden(
        "fields and items of a public page",
        (TENANTS,),
        ("ostrabell", "0174", "flortek", "vantriloom", "mozzplank"),
        asks(word="vantriloom vantrilaam, ostrabell ostrabull, mozzplank mozzplunk"),
        (
            ("/groups/openhands", "flortek"),
            ("/groups/openhands", "mozzplank"),
            ("/-/p/coalitions/asks", "mozzplank"),
            ("/-/raw/groups/openhands", "vantriloom"),
        ),
    )


def _version(site: Site) -> Hidden:
    own = "---\ntitle: Nurvegan\naudience: group:tenants\ntags: [drobley]\n---\nheltrim"
    site.write("formerly-wixhaven", own, "said trastolk")
    site.wiki.rename(SYSTEM, "formerly-wixhaven", "lampost", "because jumboral")
    site.write("lampost", own + "\nmore\n", "then trastolk")
    site.write("lampost", "# Lamp post\n\nCommonword, now for all.\n", "opened")
    return Hidden(
        "versions from when a public page was not",
        (TENANTS,),
        ("nurvegan", "drobley", "heltrim", "trastolk", "jumboral"),
        asks(rev="lampost@1 lampost@7, lampost@2 lampost@8", word="heltrim heltrum"),
        (
            ("/lampost?rev=1", "heltrim"),
            ("/-/raw/lampost?rev=1", "heltrim"),
            ("/-/history/lampost", "trastolk"),
            ("/-/diff/lampost?a=1&b=2", "trastolk"),
            ("/-/api/v1/pages/lampost?rev=1&include=source", "heltrim"),
            ("/-/api/v1/history/lampost", "trastolk"),
        ),
    )


def _closed(site: Site) -> Hidden:
    site.write("onceopen", "# Grallop\n\nCommonword, zephran.\n", "first bexlow")
    own = "---\naudience: group:tenants\n---\n# Grallop\n\nNow zephran.\n"
    site.write("onceopen", own, "then bexlow")
    return Hidden(
        "page that was public",
        (TENANTS,),
        ("grallop", "zephran", "bexlow"),
        asks(name="onceopen oncuopen", rev="onceopen@1 oncuopen@1"),
        (("/onceopen?rev=1", "zephran"), ("/-/history/onceopen", "bexlow")),
    )


def _deleted(site: Site) -> Hidden:
    site.write(
        "fennip",
        "---\ntitle: Skoltine\naudience: admins\n---\nworbling\n",
        "by rostique",
    )
    site.wiki.delete(SYSTEM, "fennip", "away with nemblat")
    return Hidden(
        "deleted page",
        (NO_ONE,),
        ("skoltine", "worbling", "rostique", "nemblat"),
        asks(name="fennip fennop", word="worbling worblung", rev="fennip@1 fennop@1"),
        (("/-/restore/fennip", "fennip"), ("/-/recent", "nemblat")),
    )


def _files(site: Site) -> Hidden:
    site.write("vurnok/anteroom", "---\naudience: group:tenants\n---\n![x](plan.png)\n")
    site.put_file("vurnok/anteroom", "plan.png", b"haddlewick")
    site.put_file("vurnok/anteroom", "loose.png", b"mortangle")
    return Hidden(
        "files of a hidden page",
        (TENANTS,),
        ("haddlewick", "mortangle", "anteroom", "loose.png"),
        asks(
            file="vurnok/plan.png vurnok/plun.png, vurnok/loose.png vurnok/luose.png",
            prefix="vurnok/ vurnak/",
        ),
        (
            ("/-/files/vurnok/plan.png", "haddlewick"),
            ("/-/files/vurnok/loose.png", "mortangle"),
        ),
    )


def _redirect(site: Site) -> Hidden:
    site.write("quorl", "---\ntitle: Tessifax\naudience: group:tenants\n---\nedgrim\n")
    site.wiki.rename(SYSTEM, "quorl", "bevlint", "for krumhest")
    return Hidden(
        "old name of a hidden page",
        (TENANTS,),
        ("bevlint", "tessifax", "edgrim", "krumhest"),
        asks(name="quorl quurl", rev="quorl@1 quurl@1"),
        (("/quorl", "bevlint"), ("/bevlint", "edgrim"), ("/-/recent", "krumhest")),
    )


def _target(site: Site) -> Hidden:
    site.write("zuppiter", "---\ntitle: Wodjemil\naudience: group:tenants\n---\nx\n")
    return Hidden(
        "page that a public page links to",
        (TENANTS,),
        ("wodjemil",),
        asks(name="zuppiter zupputer"),
        (("/zuppiter", "wodjemil"),),
    )


def _term(site: Site) -> Hidden:
    site.write(
        "terms/gazzlement",
        "---\ntype: term\nterm: commonword\nshort: It means hubblecrat.\n"
        "aliases: [flimwort]\naudience: group:tenants\n---\n",
    )
    return Hidden(
        "term of the glossary",
        (TENANTS,),
        ("gazzlement", "hubblecrat", "flimwort"),
        asks(name="terms/gazzlement terms/gazzlemunt", word="flimwort flimwurt"),
        (
            ("/other", "hubblecrat"),
            ("/-/p/glossary/", "hubblecrat"),
            ("/-/search?q=flimwort", "gazzlement"),
        ),
    )


def _group(site: Site) -> Hidden:
    site.wiki.accounts.groups.add("zorvalin", "about cruxmote", by=site.admin)
    site.wiki.accounts.create_user("Perquist", "member", groups=["zorvalin"])
    return Hidden(
        "group with its members",
        (NO_ONE,),
        ("zorvalin", "cruxmote", "perquist"),
        asks(group="zorvalin zorvalun"),
        (
            ("/-/groups/zorvalin", "perquist"),
            ("/-/admin/groups", "cruxmote"),
        ),
    )


def _waiting(site: Site) -> Hidden:
    own = site.wiki.accounts.create_user("Wexmoor", "editor", groups=["tenants"])
    author = person(own, "Wexmoor", "editor", frozenset({"tenants"}))
    text = "---\naudience: group:tenants\n---\nyudrick\n"
    for name in ("dorvik/tulmaze", "mirefold"):
        site.wiki.reviewing.keep(author, Draft(name, text, "for plosmere"), None)
    first, second = (row.id for row in site.wiki.reviewing.own(author))
    return Hidden(
        "changes that wait to be looked at",
        (TENANTS, frozenset({EDITS})),
        ("tulmaze", "mirefold", "yudrick", "plosmere", "wexmoor"),
        asks(
            name="dorvik/tulmaze dorvik/tulmize, mirefold mirefuld",
            change=f"{first} 91, {second} 92",
            word="yudrick yudrock",
        ),
        (
            ("/-/review", "mirefold"),
            (f"/-/review/{first}", "yudrick"),
            (f"/-/review/{first}/edit", "yudrick"),
        ),
    )


# Nothing of these is for all; of the others, something is.
WHOLE = (
    _front,
    _area,
    _two_groups,
    _two_bounds,
    _deleted,
    _files,
    _redirect,
    _target,
    _term,
    _group,
    _waiting,
)


def hide_whole(site: Site) -> list[Hidden]:
    """Hide one thing of every kind that is for a group or for nobody."""
    return [make(site) for make in WHOLE]


def hide_all(site: Site) -> list[Hidden]:
    """Hide one thing of every kind."""
    others = [make(site) for make in (_members, _field, _version, _closed)]
    return [*hide_whole(site), *others]

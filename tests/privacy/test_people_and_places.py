"""Contacts, places, opposition and authors, as everybody may see them (P6, P10 …)."""

from __future__ import annotations

import pytest

from wiki.model.actor import SYSTEM, person

from ..rights.compare import whole
from ..rights.objects import asks
from ..rights.sinks import lists, named
from ..rights.site import Site

GROUP = (
    "---\ntype: group\ntitle: Some Group {n}\nsummary: It is one.\n"
    "{lines}\n---\nText.\n"
)
NAMES = iter(range(1, 1000))


def write(site: Site, lines: str) -> str:
    """Write a group with these lines in its front matter; return the page's name."""
    name = f"groups/some{next(NAMES)}"
    site.write(name, GROUP.format(n=name, lines=lines))
    site.write(name, GROUP.format(n=name, lines=lines) + "More.\n")
    return name


def told(site: Site, viewer: str, name: str) -> dict[str, str]:
    """Return {address: all that a viewer is told there} of a page."""
    asked = asks(name=f"{name} {name}", rev=f"{name}@1 {name}@1")
    urls = [url for ask in asked for _, url, _ in named(ask)]
    urls += [url for _, url in lists()]
    urls += [f"/-/search?q={word}" for word in ("zwib*", "zwibb*+text", "some", "text")]
    return {url: whole(site.viewer(viewer).get(url)) for url in urls}


def telling(answers: dict[str, str], word: str) -> list[str]:
    """Return the addresses whose answers hold a word."""
    return [url for url, text in answers.items() if word in text]


# What is for members where nothing else is said, each with a word to look for.
FOR_MEMBERS = {
    "P19 stance of a value": "values: [{concept: zwibble, stance: oppose}]",
    "P19 stance of a goal": "goals: [{concept: zwibble, stance: oppose}]",
    "P19 reason of a goal": "goals: [{text: zwibble, stance: oppose}]",
    "P19 relation": "relations: [{to: groups/zwibble, kind: opposes, source: x}]",
    "P19 log of broken promises": "log: [{date: 2026-01-01, note: zwibble}]",
    "P6 contact": "contacts: [{kind: email, value: zwibble@example.org, role: press}]",
    "P6 needs": "needs: [{text: zwibble}]",
    "P6 who checked": "verified: 2026-05-02\nverified_by: zwibble",
}


@pytest.mark.parametrize("lines", FOR_MEMBERS.values(), ids=FOR_MEMBERS)
def test_p19_p06_for_members_by_default(site: Site, lines: str) -> None:  # P19, P6
    name = write(site, lines)
    site.index()
    for viewer in ("visitor", "writing token of editor"):
        assert telling(told(site, viewer, name), "zwibble") == []
    assert f"/{name}" in telling(told(site, "nobody", name), "zwibble")
    site.wiki.delete(SYSTEM, name)


def test_p19_there_is_no_type_for_adversaries_or_people(site: Site) -> None:  # P19
    types = set(site.wiki.registry.page_types)
    assert not types & {"adversary", "opponent", "person", "people", "target"}
    assert {"group", "coalition"} <= types


def test_p07_a_person_is_never_needed_and_a_named_one_agreed(
    site: Site,
) -> None:  # P7
    url = "/-/api/v1/pages/draft"
    for contact, warned in (
        ("{kind: email, value: a@example.org, person: Ana}", True),
        (
            "{kind: email, value: a@example.org, person: Ana, consent_on: 2026-01-02}",
            False,
        ),
        ("{kind: email, value: info@example.org, role: intake}", False),
        ("{kind: email, value: press@example.org}", False),
    ):
        source = GROUP.format(n=1, lines=f"contacts: [{contact}]")
        body = {"source": source, "base": 0}
        done = site.viewer("both").send(
            "PUT", url.replace("draft", f"groups/d{next(NAMES)}"), body, json=True
        )
        assert done.status_code == 201, done.text
        assert ("consent_on" in done.text) == warned, contact


@pytest.mark.parametrize(
    ("precision", "cut"),
    [("city", "44.12"), ("neighborhood", "44.123"), ("street", "44.1234")],
)
def test_p10_a_public_place_is_coarse(
    site: Site, precision: str, cut: str
) -> None:  # P10
    place = f"{{lat: 44.1234567, lon: -93.7654321, precision: {precision}}}"
    name = write(site, f"location: {place}\naudiences: {{location: public}}")
    site.index()
    text = told(site, "visitor", name)
    assert telling(text, cut) == []
    assert telling(text, "93.76543") == []


def test_p12_authors_are_names_they_chose_and_nothing_else(
    site: Site,
) -> None:  # P12
    accounts = site.wiki.accounts
    own = accounts.create_user("Rana ✿", "editor")
    accounts.set_email(person(own, "Rana ✿", "editor"), "hidden.mail@example.org")
    site.write(
        "byrana", "# By Rana\n\nText.\n", "a word", person(own, "Rana ✿", "editor")
    )
    site.index()
    for viewer in ("visitor", "nobody"):
        text = told(site, viewer, "byrana")
        assert "/-/history/byrana" in telling(text, "rana ✿")
        assert telling(text, "hidden.mail") == []
        assert telling(text, "mailto:") == []

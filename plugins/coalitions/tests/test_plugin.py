"""The plugin in a wiki: pages, directory, asks, and what never shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from wiki import Wiki, WikiError

Write = Callable[..., Any]

# The worked examples of the specification.
UNION = """---
type: group
title: River City Tenants Union
aka: [RCTU]
form: named
summary: Renters in forty buildings who bargain together and keep each other housed.
since: 2019-03
status: active
scope: city
area: Riverside and Old Harbor
location: {lat: 44.9, lon: -93.1, precision: city}
languages: [en, es, so]
issues: [housing]
constituencies: [renters, seniors]
values:
  - {concept: dignity, stance: support, weight: 3, words: "A home is where you can close the door.", on: 2026-01-14}
  - {concept: self-determination, stance: support}
goals:
  - {concept: rent-stabilization, stance: support, priority: 1, source: "members' assembly, 2026-01-14"}
  - {concept: warehouse-zone, stance: oppose, source: "minutes, 2026-02-11"}   # members only by default
offers:
  - {text: "Meeting room for 40, step-free", concepts: [space]}
needs:
  - {text: "Somali interpreter, two evenings a month", concepts: [interpreting]}
asks:
  - {id: a1, text: "Call your council member to support the right to counsel.", who: anyone,
     deadline: 2999-12-09, status: open, url: "https://example.org/call"}
  - {id: a2, text: "An ask of last year.", who: anyone, deadline: 2025-12-09}
memberships:
  - {in: coalitions/homes-for-all-table, level: 4, role: steering, since: 2024-05, on: 2026-01-14}
contacts:
  - {id: c1, kind: email, value: info@tenants.example.org, role: intake, audience: public}
  - {id: c2, kind: phone, value: "+1 555 0100", role: night line, audience: "group:coalitions/homes-for-all-table"}
verified: 2026-05-02
verified_by: outreach circle
audience: public
---
We began in two buildings after a winter without heat.
"""  # noqa: E501
TABLE = """---
type: coalition
title: Homes for All Table
form: informal
summary: Renters, congregations and food groups working for a right to counsel at eviction.
since: 2024-05
purpose_bound: true
ends_when: The ordinance is passed or voted down
scope: city
issues: [housing, hunger]
convener: groups/eastside-faith-table
decision_rule: Consensus; two-thirds if the clock runs out. Any group may stand aside.
members:
  - {group: groups/river-city-tenants-union, level: 3, role: steering, since: 2024-05, on: 2026-02-01}
  - {group: groups/eastside-faith-table, level: 5, role: convener, since: 2024-05}
  - {group: groups/riverside-food-network, level: 2, since: 2025-09, stated: observer, source: "newsletter, 2025-09"}
  - {group: coalitions/valley-hunger-network, level: 1, since: 2026}   # a coalition as a member
counts:
  - {count: 17, unit: groups, on: 2025-06, source: "annual letter"}
goals:
  - {concept: eviction-counsel, stance: support, priority: 1}
data_agreement: Members share phone trees inside the table only; nothing leaves it.
verified: 2026-06-10
audience: public
---
## How we decide
Together.
"""  # noqa: E501
INDEX, ASKS = "/-/p/coalitions/", "/-/p/coalitions/asks"


@pytest.fixture
def examples(page: Write) -> None:
    page("groups/river-city-tenants-union", UNION)
    page("coalitions/homes-for-all-table", TABLE)


@pytest.mark.parametrize("text", [UNION, TABLE])
def test_the_examples_load_with_warnings_about_missing_pages_only(
    wiki: Wiki, page: Write, text: str
) -> None:
    name = "groups/river-city-tenants-union" if text is UNION else "coalitions/table"
    found = page(name, text)
    assert found.kind in ("group", "coalition")
    assert found.meta["title"]


@pytest.mark.usefixtures("examples")
def test_a_group_page_is_made_from_its_front_matter(client: Any) -> None:
    html = client.get("/groups/river-city-tenants-union").text
    for text in (
        "Renters in forty buildings",
        "RCTU",
        "Riverside and Old Harbor",
        "A home is where you can close the door.",
        "Meeting room for 40, step-free",
        "Call your council member",
        "Homes for All Table",
        "They say: coordination (2026-02-01). We say: coalition (2026-01-14).",
        "info@tenants.example.org",
        "Checked on",
        "We began in two buildings",
    ):
        assert text in html, text
    assert html.index("Earlier asks") < html.index("An ask of last year.")


@pytest.mark.usefixtures("examples")
def test_a_coalition_page_shows_its_members_as_a_tree(page: Write, client: Any) -> None:
    page(
        "coalitions/valley-hunger-network",
        "---\ntype: coalition\ntitle: Valley Hunger Network\ndecision_rule: x\n"
        "members:\n  - {group: coalitions/homes-for-all-table, level: 1}\n---\n",
    )
    html = client.get("/coalitions/homes-for-all-table").text
    for text in (
        "Valley Hunger Network",
        "also shown above",
        "17 groups",
        "Consensus; two-thirds",
        "Stated by the coalition only.",
        "newsletter, 2025-09",
        "They say: coalition (2026-01-14). We say: coordination (2026-02-01).",
    ):
        assert text in html, text


@pytest.mark.usefixtures("examples")
def test_what_is_for_members_shows_to_members_only(
    client: Any, login: Callable[[str], None]
) -> None:
    page, table = "/groups/river-city-tenants-union", "/coalitions/homes-for-all-table"
    for_members = ("Somali interpreter", "outreach circle", "warehouse-zone", "44.9")
    html = client.get(page).text
    for text in (*for_members, "555 0100"):
        assert text not in html, text
    assert "phone trees" not in client.get(table).text
    login("editor")
    html = client.get(page).text
    for text in for_members:
        assert text in html, text
    assert "555 0100" not in html
    assert "phone trees" in client.get(table).text
    login("admin")
    assert "555 0100" in client.get(page).text


@pytest.mark.usefixtures("examples")
def test_the_directory(client: Any) -> None:
    html = client.get(INDEX).text
    assert "River City Tenants Union" in html
    assert "2 entries" in html
    assert "River City" not in client.get(f"{INDEX}?type=coalition").text
    empty = client.get(f"{INDEX}?q=zeppelin&issue=housing").text
    assert "No groups match." in empty
    assert 'href="?issue=housing"' in empty
    assert 'href="?q=zeppelin"' in empty
    assert client.get(f"{INDEX}?page=9").status_code == 404


@pytest.mark.usefixtures("examples")
def test_the_board_of_asks(client: Any) -> None:
    html = client.get(ASKS).text
    assert "Call your council member" in html
    assert "An ask of last year." not in html
    assert 'href="https://example.org/call"' in html


SECRET = """---
type: group
title: Canary Circle
summary: canary
issues: [canary-issue]
asks: [{text: canary ask, who: anyone}]
memberships: [{in: coalitions/homes-for-all-table, level: 1}]
relations: [{to: groups/river-city-tenants-union, kind: supports}]
audience: members
---
"""


@pytest.mark.usefixtures("examples")
def test_a_hidden_record_leaves_no_trace(
    page: Write, client: Any, login: Callable[[str], None]
) -> None:
    paths = [
        INDEX,
        f"{INDEX}?q=canary",
        f"{INDEX}?issue=canary-issue",
        ASKS,
        "/groups/river-city-tenants-union",
        "/coalitions/homes-for-all-table",
    ]
    before = [client.get(path).text for path in paths]
    page("groups/canary", SECRET)
    assert [client.get(path).text for path in paths] == before
    login("member")
    assert "Canary Circle" in client.get(INDEX).text
    assert "canary ask" in client.get(ASKS).text
    assert "Canary Circle" in client.get("/coalitions/homes-for-all-table").text
    assert "Supported by" in client.get("/groups/river-city-tenants-union").text


def test_an_empty_wiki_says_what_belongs_here(client: Any) -> None:
    assert "There are none yet that you can see." in client.get(INDEX).text
    assert "Nobody asks for anything just now." in client.get(ASKS).text


def test_opposition_of_concepts_shows_on_both_pages(page: Write, client: Any) -> None:
    page(
        "concepts/streets",
        "---\ntype: concept\ntitle: Truck-free streets\nrole: [goal]\nopposes:\n"
        "  - {concept: warehouse-zone, reason: Trucks need the street., by: council}\n"
        "---\n",
    )
    page(
        "concepts/warehouse-zone",
        "---\ntype: concept\ntitle: Warehouse zone\nrole: [goal]\n---\n",
    )
    for path in ("/concepts/streets", "/concepts/warehouse-zone"):
        assert "Trucks need the street." in client.get(path).text
    page(
        "groups/g",
        "---\ntype: group\ntitle: Gee\nvalues:\n"
        "  - {concept: warehouse-zone, stance: support}\n---\n",
    )
    assert "Gee" in client.get("/concepts/warehouse-zone").text


def test_a_resource_that_is_gone_names_its_heir_first(page: Write, client: Any) -> None:
    page(
        "resources/old",
        "---\ntype: resource\ntitle: Old\npurpose: Lists rooms.\nurl: https://x.example\n"
        "data_collected: unknown\nalive: dead\nreplaced_by: resources/new\n---\n",
    )
    page(
        "resources/new",
        "---\ntype: resource\ntitle: The New One\npurpose: Lists rooms.\n"
        "url: https://y.example\ndata_collected: unknown\n---\n",
    )
    html = client.get("/resources/old").text
    assert html.index("The New One") < html.index("Lists rooms.")
    listed = client.get(INDEX).text
    assert "The New One" in listed
    assert '"/resources/old"' not in listed


def test_a_story_shows_on_the_pages_of_those_who_took_part(
    page: Write, client: Any
) -> None:
    page("groups/g", "---\ntype: group\ntitle: Gee\n---\n")
    page(
        "stories/bus",
        "---\ntype: story\ntitle: The bus that stayed\n"
        "groups: [{group: groups/g, role: riders}]\n---\nText.\n",
    )
    html = client.get("/groups/g").text
    assert "Took part in" in html
    assert "The bus that stayed" in html


def test_an_error_is_refused_with_its_sentence(page: Write) -> None:
    with pytest.raises(WikiError) as refused:
        page("groups/bad", "---\ntype: group\ntitle: Bad\nform: club\n---\n")
    problems = [str(p) for p in getattr(refused.value, "problems", ())]
    assert problems == [
        "Form must be one of: incorporated, fiscally-sponsored, named, informal."
    ]


HOSTILE = """---
type: group
title: "<b>X</b>"
summary: "<script>alert(1)</script>"
contacts: [{kind: web, value: "javascript:alert(1)", audience: public}]
goals: [{text: "<i>", stance: support}]
---
"""


def test_hostile_text_is_shown_as_text(page: Write, client: Any) -> None:
    page("groups/x", HOSTILE)
    for path in ("/groups/x", INDEX):
        html = client.get(path).text
        assert "<script>alert" not in html
        assert "<b>X" not in html
        assert 'href="javascript' not in html

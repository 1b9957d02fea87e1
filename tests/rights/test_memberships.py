"""A private membership is hidden from both ends, counts included (P5)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .compare import RANDOM, body_of
from .sinks import V1, lists
from .site import Site, opened

GROUP = """---
type: group
title: Riverside Riders
summary: They ride.
issues: [housing]
{extra}
---
Text.
"""
TABLE = """---
type: coalition
title: City Table
summary: It meets.
decision_rule: Consensus.
{extra}
---
Text.
"""
IN = "memberships: [{in: coalitions/table, level: 4, audience: members}]"
OF = "members: [{group: groups/riders, level: 4, audience: members}]"
HIDDEN = "audience: members\nmemberships: [{in: coalitions/table, level: 2}]"


def plain(lines: str) -> str:
    """Return another private line of one length: the size of a change is public."""
    keeps = "audience: members\n" if lines == HIDDEN else ""
    frame = "needs: [{text: %s, audience: members}]"
    left = len(lines) - len(keeps) - len(frame % "")
    return keeps + frame % ("a" * left)


PAGES = (
    "/groups/riders",
    "/coalitions/table",
    "/groups/quiet",
    "/-/links/groups/riders",
    "/-/links/coalitions/table",
    "/-/search?q=table",
    "/-/search?q=riders",
    "/-/p/coalitions/?q=table",
    "/-/p/coalitions/?type=coalition",
    f"{V1}/pages/groups/riders?include=source,html,fields,links",
    f"{V1}/pages/coalitions/table?include=source,html,fields,links",
    "/-/history/groups/riders",
    "/-/history/coalitions/table",
    "/-/raw/groups/riders",
    "/-/diff/groups/riders",
)
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|\+00:00)")


def public_answers(folder: Path, group: str, table: str, quiet: str) -> dict[str, str]:
    """Return what visitors are told by a wiki whose pages came to hold these lines."""
    with opened(folder) as site:
        site.write("groups/riders", GROUP.format(extra="languages: [en]"))
        site.write("coalitions/table", TABLE.format(extra="languages: [en]"))
        own = GROUP.replace("Riverside", "Quiet")
        site.write("groups/quiet", own.format(extra=quiet))
        site.write("groups/riders", GROUP.format(extra=group))
        site.write("coalitions/table", TABLE.format(extra=table))
        site.index()
        return {url: shown(site, url) for url in (*[u for _, u in lists()], *PAGES)}


def shown(site: Site, url: str) -> str:
    got = site.viewer("visitor").get(url)
    return f"{got.status_code} {MOMENT.sub('', RANDOM.sub('', body_of(got)))}"


@pytest.mark.parametrize("side", ["group", "coalition", "page"])
def test_p05_a_private_membership_shows_at_neither_end(
    tmp_path: Path, side: str
) -> None:  # P5
    kept = {"group": plain(IN), "coalition": plain(OF), "page": plain(HIDDEN)}
    private = kept | {side: {"group": IN, "coalition": OF, "page": HIDDEN}[side]}
    without = public_answers(tmp_path / "a", *kept.values())
    with_it = public_answers(tmp_path / "b", *private.values())
    for url, answer in without.items():
        assert with_it[url] == answer, url
    assert "Riverside Riders" in with_it["/-/p/coalitions/"]


def test_p05_those_with_the_right_see_it_from_both_ends(tmp_path: Path) -> None:  # P5
    with opened(tmp_path) as site:
        site.write("groups/riders", GROUP.format(extra=IN))
        site.write("coalitions/table", TABLE.format(extra="languages: [en]"))
        member = site.viewer("nobody")
        assert "City Table" in member.get("/groups/riders").text
        assert "Riverside Riders" in member.get("/coalitions/table").text
        visitor = site.viewer("visitor")
        assert "City Table" not in visitor.get("/groups/riders").text
        assert "Riverside Riders" not in visitor.get("/coalitions/table").text

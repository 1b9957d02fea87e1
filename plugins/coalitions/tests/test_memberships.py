"""Memberships as both sides state them, the tree of members, and circles."""

from __future__ import annotations

from typing import Any

from wiki_coalitions import memberships
from wiki_coalitions.directory import Directory


def members(directory: Directory, name: str) -> list[memberships.Membership]:
    found = directory.get(name)
    return memberships.members_of(directory, found) if found else []


def coalitions(directory: Directory, name: str) -> list[memberships.Membership]:
    found = directory.get(name)
    return memberships.coalitions_of(directory, found) if found else []


def titles(found: list[memberships.Membership]) -> list[str]:
    return [one.title for one in found]


def both(
    shelf: Any, ours: dict[str, Any] | None, theirs: dict[str, Any] | None
) -> None:
    """Put group A and coalition C with what each says of the other."""
    own = [{"in": "coalitions/c", **ours}] if ours is not None else []
    their = [{"group": "groups/a", **theirs}] if theirs is not None else []
    shelf.put("groups/a", title="A", memberships=own)
    shelf.put("coalitions/c", "coalition", title="C", members=their)


def test_both_agree(shelf: Any, seen: Any) -> None:
    both(shelf, {"level": 3}, {"level": 3, "role": "steering"})
    (one,) = members(seen(), "coalitions/c")
    assert (one.agreement, one.level, one.role) == ("agreed", 3, "steering")
    (one,) = coalitions(seen(), "groups/a")
    assert (one.agreement, one.title) == ("agreed", "C")


def test_they_differ_and_neither_overwrites_the_other(shelf: Any, seen: Any) -> None:
    both(shelf, {"level": 1, "on": "2025-11"}, {"level": 3, "on": "2026-03"})
    (one,) = members(seen(), "coalitions/c")
    assert one.agreement == "differ"
    assert one.group is not None
    assert one.coalition is not None
    assert (one.group.level, one.group.on) == (1, "2025-11")
    assert (one.coalition.level, one.coalition.on) == (3, "2026-03")


def test_stated_by_one_side_only(shelf: Any, seen: Any) -> None:
    both(shelf, None, {"level": 2})
    assert members(seen(), "coalitions/c")[0].agreement == "coalition"
    assert coalitions(seen(), "groups/a")[0].agreement == "coalition"
    both(shelf, {"level": 2}, None)
    assert members(seen(), "coalitions/c")[0].agreement == "group"


def test_private_if_either_statement_is(shelf: Any, seen: Any) -> None:
    for ours, theirs in (
        ({"level": 1, "audience": "members"}, {"level": 1}),
        ({"level": 1}, {"level": 1, "audience": "members"}),
    ):
        both(shelf, ours, theirs)
        assert members(seen(), "coalitions/c") == []
        assert coalitions(seen(), "groups/a") == []
        assert len(members(seen("member"), "coalitions/c")) == 1
        assert len(coalitions(seen("member"), "groups/a")) == 1


def test_private_if_either_page_is(shelf: Any, seen: Any) -> None:
    both(shelf, {"level": 1}, {"level": 1})
    shelf.put("groups/a", page_audience="members", memberships=[{"in": "coalitions/c"}])
    assert members(seen(), "coalitions/c") == []
    assert titles(members(seen("member"), "coalitions/c")) == ["a"]


def test_a_missing_page_keeps_its_words(shelf: Any, seen: Any) -> None:
    shelf.put(
        "coalitions/c", "coalition", members=[{"group": "groups/none", "level": 1}]
    )
    (one,) = members(seen(), "coalitions/c")
    assert (one.name, one.title) == ("", "groups/none")


def test_earlier_ones_are_rows_of_their_own(shelf: Any, seen: Any) -> None:
    shelf.put("groups/a", title="A")
    rows = [
        {"group": "groups/a", "level": 2, "since": "2019", "until": "2020"},
        {"group": "groups/a", "level": 4, "since": "2024"},
    ]
    shelf.put("coalitions/c", "coalition", members=rows)
    assert [(m.level, m.earlier) for m in members(seen(), "coalitions/c")] == [
        (4, False),
        (2, True),
    ]


def tree(directory: Directory, name: str) -> list[Any]:
    def plain(nodes: list[memberships.Node]) -> list[Any]:
        return [
            (n.membership.title, "again" if n.again else plain(n.members))
            for n in nodes
        ]

    page = directory.get(name)
    return plain(memberships.Tree(directory, page).nodes) if page else []


def test_the_tree_shows_each_record_once_and_ends(shelf: Any, seen: Any) -> None:
    def coalition(name: str, *inside: str) -> None:
        shelf.put(name, "coalition", members=[{"group": one} for one in inside])

    coalition("c", "b", "g")
    coalition("b", "g", "c")
    shelf.put("g")
    assert tree(seen(), "c") == [("b", [("c", "again"), ("g", [])]), ("g", "again")]


def test_very_deep_nesting_ends(shelf: Any, seen: Any) -> None:
    for n in range(200):
        shelf.put(f"c{n}", "coalition", members=[{"group": f"c{n + 1}"}])
    shelf.put("c200")
    page = seen().get("c0")
    nodes, depth = memberships.Tree(seen(), page).nodes, 1
    while nodes[0].members:
        nodes, depth = nodes[0].members, depth + 1
    assert depth == memberships.MAX_DEPTH
    assert nodes[0].deeper


def test_a_circle_is_named(shelf: Any, seen: Any) -> None:
    shelf.put("a", "coalition", title="A", memberships=[{"in": "b"}])
    shelf.put("b", "coalition", title="B", memberships=[{"in": "c"}])
    shelf.put("c", "coalition", title="C")
    assert memberships.circle(seen(), "c", ["a"]) == ["C", "A", "B", "C"]
    assert memberships.circle(seen(), "c", ["d"]) == []


def test_a_circle_by_way_of_a_hidden_membership_is_not_told(
    shelf: Any, seen: Any
) -> None:
    hidden = [{"in": "b", "audience": "members"}]
    shelf.put("a", "coalition", title="A", memberships=hidden)
    shelf.put("b", "coalition", title="B")
    assert memberships.circle(seen(), "b", ["a"]) == []
    assert memberships.circle(seen("member"), "b", ["a"]) == ["B", "A", "B"]


def test_many_members_of_one_coalition(shelf: Any, seen: Any) -> None:
    names = [f"groups/g{n}" for n in range(2000)]
    for name in names:
        shelf.put(name, memberships=[{"in": "c", "level": 2}])
    shelf.put("c", "coalition", members=[{"group": n, "level": 2} for n in names])
    found = members(seen(), "c")
    assert len(found) == 2000
    assert {one.agreement for one in found} == {"agreed"}
    tree = memberships.Tree(seen(), seen().get("c"))
    assert len(tree.nodes) == memberships.MAX_NODES
    assert tree.more == 2000 - memberships.MAX_NODES

"""The directory is kept until something changes."""

from __future__ import annotations

from typing import Any

from wiki_coalitions.directory import Directories

VISITOR = frozenset({"public"})


def test_kept_while_nothing_changes(shelf: Any) -> None:
    shelf.put("groups/a", title="A")
    directories = Directories(shelf, "UTC")
    assert directories.get(VISITOR) is directories.get(VISITOR)
    assert directories.get(VISITOR) is not directories.get(None)


def test_a_change_is_seen_and_the_other_records_are_not_read_again(shelf: Any) -> None:
    shelf.put("groups/a", title="A")
    shelf.put("groups/b", title="B")
    directories = Directories(shelf, "UTC")
    a, b = directories.get(VISITOR).rows()
    shelf.put("groups/b", title="Bee")
    new_a, new_b = directories.get(VISITOR).rows()
    assert new_a is a
    assert (b.title, new_b.title) == ("B", "Bee")


def test_a_record_that_goes_into_hiding_is_gone_at_once(shelf: Any) -> None:
    shelf.put("groups/a", title="A")
    directories = Directories(shelf, "UTC")
    assert directories.get(VISITOR).get("groups/a")
    shelf.put("groups/a", title="A", page_audience="members")
    assert directories.get(VISITOR).get("groups/a") is None
    assert directories.get(VISITOR).is_hidden("groups/a")


def test_names_are_found_whatever_their_case_and_old_ones_followed(
    shelf: Any, seen: Any
) -> None:
    shelf.put("groups/new", title="A")
    shelf.moved["groups/old"] = "groups/new"
    assert seen().get("Groups/NEW").title == "A"
    assert seen().get("groups/old").title == "A"
    assert seen().get("groups/none") is None

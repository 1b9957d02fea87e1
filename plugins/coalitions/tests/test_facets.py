"""The list of the directory: facets, counts, pages."""

from __future__ import annotations

from typing import Any

from wiki_coalitions.facets import PER_PAGE, Choice, listing, read_choice


def fill(shelf: Any) -> None:
    shelf.put("a", title="Alpha", scope="city", issues=["housing"])
    shelf.put("b", title="Beta", scope="state", issues=["concepts/housing", "hunger"])
    shelf.put("c", "coalition", title="Gamma", scope="city", issues=["hunger"])
    shelf.put("d", title="Delta", scope="city", status="ended", issues=["housing"])
    shelf.put(
        "e", title="Eps", scope="city", issues=["housing"], page_audience="members"
    )


def ask(directory: Any, **args: Any) -> Any:
    return listing(directory, read_choice({k: [*v] for k, v in args.items()}))


def titles(found: Any) -> list[str]:
    return [one.title for one in found.found]


def counts(found: Any, facet: str) -> dict[str, int]:
    return {one.value: one.count for one in found.facets[facet]}


def test_ended_ones_are_one_click_away(shelf: Any, seen: Any) -> None:
    fill(shelf)
    found = ask(seen())
    assert titles(found) == ["Alpha", "Beta", "Gamma"]
    assert found.hidden_ended == 1
    assert titles(ask(seen(), ended=["1"])) == ["Alpha", "Beta", "Delta", "Gamma"]
    assert titles(ask(seen(), status=["ended"])) == ["Delta"]
    assert counts(found, "status") == {"active": 3, "ended": 1}


def test_facets_narrow_each_other_and_values_widen(shelf: Any, seen: Any) -> None:
    fill(shelf)
    found = ask(seen(), issue=["housing"], scope=["city"])
    assert titles(found) == ["Alpha"]
    assert titles(ask(seen(), issue=["housing", "hunger"])) == [
        "Alpha",
        "Beta",
        "Gamma",
    ]
    assert counts(found, "scope") == {"city": 1, "state": 1}
    assert counts(found, "issue") == {"hunger": 1, "housing": 1}


def test_counts_are_of_what_the_reader_sees(shelf: Any, seen: Any) -> None:
    fill(shelf)
    assert counts(ask(seen()), "issue")["housing"] == 2
    assert counts(ask(seen("member")), "issue")["housing"] == 3
    assert "Eps" not in titles(ask(seen()))


def test_words(shelf: Any, seen: Any) -> None:
    fill(shelf)
    shelf.put("f", title="Foxtrot", summary="They run a KITCHEN.", aka=["FX"])
    assert titles(ask(seen(), q=["kitchen"])) == ["Foxtrot"]
    assert titles(ask(seen(), q=["fx run"])) == ["Foxtrot"]
    assert titles(ask(seen(), q=["nothing like it"])) == []


def test_a_choice_stands_in_its_address() -> None:
    choice = read_choice({"q": ["bread"], "issue": ["a", "b"], "page": ["2"]})
    assert choice.query() == "?q=bread&issue=a&issue=b"
    assert choice.query(page=3) == "?q=bread&issue=a&issue=b&page=3"
    assert choice.without("issue", "a") == "?q=bread&issue=b"
    assert read_choice({"page": ["-1"], "x": ["y"]}) == Choice()
    assert read_choice({"page": ["9" * 30]}).page == 1


def test_pages_of_fifty(shelf: Any, seen: Any) -> None:
    for n in range(PER_PAGE + 1):
        shelf.put(f"g{n:03}")
    found = ask(seen())
    assert found.pages == 2
    assert len(found.page(1)) == PER_PAGE
    assert len(found.page(2)) == 1

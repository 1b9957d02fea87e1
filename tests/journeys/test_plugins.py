"""What the two plugins bring: words explained, and a directory of groups."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.browser


def test_words_are_marked_and_explained(
    starter: Any, tab: Callable[..., Any], js: bool
) -> None:
    page = tab(starter, js=js)
    page.goto("/guides/what-is-a-coalition")
    mark = page.locator("article a.term").first
    word = mark.inner_text().lower()
    note = mark.get_attribute("aria-describedby")
    assert note
    explained = page.locator(f"#{note}")
    assert len(explained.text_content().strip()) > 20
    mark.click()
    assert page.url.startswith(f"{starter.address}/terms/")
    assert word[:5] in page.locator("h1").inner_text().lower()


def test_the_index_of_terms(starter: Any, tab: Callable[..., Any], js: bool) -> None:
    page = tab(starter, js=js)
    page.goto("/-/p/glossary/")
    assert page.locator("h1").count() == 1
    terms = page.locator("main a[href^='/terms/']")
    assert terms.count() >= 25
    href = terms.first.get_attribute("href")
    terms.first.click()
    assert page.url == starter.address + href
    assert page.locator("article, main").first.inner_text()


def test_a_directory_of_groups_from_front_matter(
    starter: Any, tab: Callable[..., Any], js: bool
) -> None:
    page = tab(starter, js=js)
    page.goto("/-/p/coalitions/")
    main = page.locator("main")
    group = main.get_by_role("link", name="River City Tenants Union").first
    assert group.is_visible()
    group.click()
    assert page.url == f"{starter.address}/groups/river-city-tenants-union"
    assert page.locator("h1").inner_text() == "River City Tenants Union"
    source = (starter.folder / "pages/groups/river-city-tenants-union.md").read_text()
    assert "type: group" in source
    assert page.locator("main dl, main table, main section").count() > 0
    # A coalition names its members, and they lead to their pages.
    page.goto("/coalitions/keep-the-14")
    members = page.locator("main a[href^='/groups/']")
    assert members.count() >= 2
    href = members.first.get_attribute("href")
    members.first.click()
    assert page.url == starter.address + href


def test_a_group_that_somebody_adds_is_in_the_directory(
    starter: Any, tab: Callable[..., Any], js: bool
) -> None:
    name = f"Bakers {'of the North' if js else 'of the South'}"
    page = tab(starter, js=js)
    starter.sign_in(page, "baker")
    page.goto("/-/new")
    page.get_by_role("link", name="Group", exact=True).click()
    page.get_by_label("Name of the page").fill(f"groups/{name.lower()}")
    text = page.locator("textarea[name=text]")
    assert "type: group" in text.input_value()
    text.fill(f"---\ntype: group\ntitle: {name}\n---\nWe bake.\n")
    page.get_by_role("button", name="Save page").click()
    heading = page.locator("h1").first.inner_text()
    assert heading == name, page.locator("main").inner_text()
    page.goto("/-/p/coalitions/")
    assert page.get_by_role("link", name=name).first.is_visible()
    # A new word is marked on pages that had it before.
    page.goto("/-/new")
    page.get_by_role("link", name="Term", exact=True).click()
    word = "sourdough" if js else "rye"
    page.get_by_label("Name of the page").fill(f"terms/{word}")
    text.fill(
        f"---\ntype: term\nterm: {word}\nshort: A bread that takes time.\n---\nText\n"
    )
    page.get_by_role("button", name="Save page").click()
    heading = page.locator("h1").first.inner_text()
    assert heading.lower() == word, page.locator("main").inner_text()
    page.goto("/-/new")
    page.get_by_label("Name of the page").fill(f"notes/on {word}")
    text.fill(f"They share {word} on Sundays.\n")
    page.get_by_role("button", name="Save page").click()
    assert page.locator("article a.term").inner_text() == word

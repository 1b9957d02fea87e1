"""Two people save the same page; nobody's words are lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.browser

BASE = "# Plan\n\nWe meet on Monday.\n\nBring food.\n\nAna writes.\n"


def open_editor(
    served: Any, tab: Callable[..., Any], who: str, js: bool, name: str
) -> Any:
    page = tab(served, js=js)
    served.sign_in(page, who)
    page.goto(f"/-/edit/{name}")
    return page


def save(page: Any, text: str) -> None:
    page.locator("textarea[name=text]").fill(text)
    page.get_by_role("button", name="Save page").click()


def test_two_people_on_one_page(
    starter: Any, tab: Callable[..., Any], js: bool
) -> None:  # R5
    name = f"plans/{'one' if js else 'two'}"
    file = starter.folder / f"pages/{name}.md"
    ana = open_editor(starter, tab, "ana", js, name)
    ana.get_by_label("Name of the page").fill(name)
    save(ana, BASE)
    assert ana.locator("h1").inner_text() == "Plan"
    ana.goto(f"/-/edit/{name}")
    ben = open_editor(starter, tab, "ben", js, name)
    # Different paragraphs: both are in.
    save(ana, BASE.replace("Monday", "Tuesday"))
    save(ben, BASE.replace("food", "cake"))
    told = ben.get_by_role("status").inner_text()
    assert "ana changed another part meanwhile; both are in." in told
    both = BASE.replace("Monday", "Tuesday").replace("food", "cake")
    assert file.read_text() == both
    # The same paragraph: the second one decides, with both texts before them.
    ana.goto(f"/-/edit/{name}")
    ben.goto(f"/-/edit/{name}")
    save(ana, both.replace("Tuesday", "Wednesday"))
    mine = both.replace("Tuesday", "Thursday").replace("Ana writes", "Ben writes")
    ben.get_by_label("What did you change?").fill("Another day")
    save(ben, mine)
    assert (
        "ana saved this page while you were writing" in ben.locator("h1").inner_text()
    )
    sides = [one.strip() for one in ben.locator("fieldset pre").all_inner_texts()]
    assert sides == [
        f"We meet on {day}." for day in ("Tuesday", "Wednesday", "Thursday")
    ]
    assert file.read_text() == both.replace("Tuesday", "Wednesday")
    # Nothing chosen yet: it is asked for, nothing is lost.
    ben.get_by_role("button", name="Save page").click()
    assert "1 part is still to be decided" in ben.get_by_role("alert").inner_text()
    ben.get_by_label("Use what I write here:").check()
    ben.locator("fieldset textarea").fill("We meet on Friday, both of us.")
    ben.get_by_role("button", name="Save page").click()
    ben.get_by_role("status").get_by_text("Saved.").wait_for()
    text = file.read_text()
    assert text == mine.replace(
        "We meet on Thursday.", "We meet on Friday, both of us."
    )
    ben.goto(f"/-/history/{name}")
    assert ben.locator("tbody tr").count() == 5
    assert "Another day" in ben.locator("tbody tr").first.inner_text()

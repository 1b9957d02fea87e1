"""From the link on the terminal to a page edited, looked back on and moved about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.browser


def texts(page: Any, selector: str) -> list[str]:
    return [one.strip() for one in page.locator(selector).all_inner_texts()]


def save(page: Any, text: str) -> None:
    """Type a text into the editor and save it."""
    page.locator("textarea[name=text]").fill(text)
    page.get_by_role("button", name="Save page").click()


def act(page: Any, name: str) -> None:
    """Choose something to do with a page, from the row or what is folded."""
    link = page.locator("ul.actions").get_by_role("link", name=name, exact=True)
    if not link.is_visible():
        page.get_by_text("More", exact=True).click()
    link.click()


def test_the_owner_s_first_hour(
    serve: Callable[..., Any], tab: Callable[..., Any], js: bool
) -> None:
    served = serve()
    page = tab(served, js=js)
    # The link signs the owner in, once.
    page.goto(served.owner_link)
    assert page.url == f"{served.address}/", page.locator("body").inner_text()
    assert page.locator("h1").inner_text()
    assert tab(served).goto(served.owner_link).status == 404
    # Reading a starter guide.
    page.goto("/guides/what-is-a-coalition")
    before = page.locator("h1").inner_text()
    assert before
    # Editing and saving.
    act(page, "Edit")
    text = page.locator("textarea[name=text]").input_value()
    assert before in text
    page.get_by_label("What did you change?").fill("A line of our own")
    save(page, text + "\n\nOur own line.\n")
    assert page.url == f"{served.address}/guides/what-is-a-coalition"
    page.get_by_role("status").get_by_text("Saved.").wait_for()
    assert "Our own line." in page.locator("article").inner_text()
    # What changed.
    page.get_by_role("link", name="See what changed.").click()
    assert "Our own line." in texts(page, "ins")
    # History, and a version to go back to.
    page.goto("/guides/what-is-a-coalition")
    act(page, "History")
    rows = page.locator("tbody tr")
    assert rows.count() == 2
    assert "A line of our own" in rows.nth(0).inner_text()
    page.get_by_role("button", name="Compare the two").click()
    assert "Our own line." in texts(page, "ins")
    page.go_back()
    rows.nth(1).get_by_role("link", name="Restore").click()
    assert "Our own line." not in page.locator("article").inner_text()
    page.get_by_role("button", name="Restore this version").click()
    page.get_by_role("status").get_by_text("Restored.").wait_for()
    assert "Our own line." not in page.locator("article").inner_text()
    # Another name; the old address leads on.
    act(page, "Rename")
    page.get_by_label("New name").fill("guides/on coalitions")
    page.get_by_role("button", name="Rename page").click()
    assert page.url == f"{served.address}/guides/on%20coalitions"
    page.goto("/guides/what-is-a-coalition")
    assert page.url == f"{served.address}/guides/on%20coalitions"
    assert (served.folder / "pages/guides/on coalitions.md").exists()
    assert not (served.folder / "pages/guides/what-is-a-coalition.md").exists()
    # Gone, and back again.
    act(page, "Delete")
    page.get_by_role("button", name="Delete page").click()
    page.get_by_role("status").get_by_text("was deleted").wait_for()
    assert page.goto("/guides/on%20coalitions").status == 404
    assert not (served.folder / "pages/guides/on coalitions.md").exists()
    page.get_by_role("link", name="Look at it and bring it back").click()
    page.get_by_role("button", name="Bring the page back").click()
    page.get_by_role("status").get_by_text("Restored.").wait_for()
    assert page.locator("h1").inner_text() == before
    assert (served.folder / "pages/guides/on coalitions.md").read_text() == text
    # A way to sign in next time.
    page.goto("/-/setup")
    page.get_by_label("Name to be known by").fill("Ana")
    page.locator("input[name=password]").fill("correct horse battery")
    page.get_by_role("button", name="Save name and password").click()
    page.goto("/-/account")
    assert "Ana" in page.locator("main").inner_text()
    friend = tab(served, js=js)
    friend.goto("/-/sign-in")
    friend.get_by_label("Your name").fill("ana")
    friend.locator("input[name=password]").fill("correct horse battery")
    friend.locator("main").get_by_role("button", name="Sign in").click()
    assert friend.url == f"{served.address}/"
    friend.goto("/-/account")
    if not friend.get_by_role("button", name="Sign out", exact=True).last.is_visible():
        friend.get_by_role("button", name="Menu").click()
    friend.get_by_role("button", name="Sign out", exact=True).last.click()
    assert friend.goto("/-/account").status == 401


def test_a_page_that_nobody_has_written(
    starter: Any, tab: Callable[..., Any], js: bool
) -> None:
    page = tab(starter, js=js)
    starter.sign_in(page, "writer")
    name = f"notes/of {'one' if js else 'another'}"
    assert page.goto(f"/{name}").status == 404
    page.get_by_role("link", name="Write this page").click()
    assert page.get_by_label("Name of the page").input_value() == name
    page.locator("textarea[name=text]").fill("# Title\n\n*Words* of ours.")
    page.get_by_role("button", name="Preview").click()
    page.locator(".editor-preview em").get_by_text("Words").wait_for()
    page.get_by_role("button", name="Save page").click()
    assert page.locator("h1").inner_text() == "Title"
    assert (starter.folder / f"pages/{name}.md").read_text().startswith("# Title")
    # A name that cannot be keeps what was typed.
    page.goto("/-/new")
    page.get_by_label("Name of the page").fill("-/not/this")
    save(page, "My long text")
    assert "cannot be used" in page.get_by_role("alert").inner_text()
    assert page.locator("textarea[name=text]").input_value() == "My long text"

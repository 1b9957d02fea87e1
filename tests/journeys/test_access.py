"""By keyboard alone, and what assistive programs are told on every screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.browser

READING = (
    "/",
    "/guides/what-is-a-coalition",
    "/guides/what-is-a-coalition?rev=1",
    "/groups/river-city-tenants-union",
    "/terms/ally",
    "/no-such-page",
    "/-/no-such-thing",
    "/-/search",
    "/-/search?q=coalition",
    "/-/search?q=qqzzx",
    "/-/search?q=" + "x" * 300,
    "/-/recent",
    "/-/pages",
    "/-/tags",
    "/-/reports/wanted",
    "/-/links/guides/what-is-a-coalition",
    "/-/history/guides/what-is-a-coalition",
    "/-/diff/guides/what-is-a-coalition",
    "/-/p/coalitions/",
    "/-/p/glossary/",
    "/-/p/feeds/",
    "/-/sign-in",
    "/-/edit/home",
)
WRITING = (
    "/-/new",
    "/-/new?type=group",
    "/-/edit/guides/what-is-a-coalition",
    "/-/rename/guides/what-is-a-coalition",
    "/-/delete/guides/what-is-a-coalition",
    "/-/restore/guides/what-is-a-coalition",
    "/-/account",
    "/-/invite",
    "/-/setup",
)
# Returns what a person who cannot see would miss.
FAULTS = """() => {
  const found = [];
  const html = document.documentElement;
  if (!html.lang || !html.dir) found.push("no language or direction");
  if (!document.title.trim()) found.push("no title");
  if (document.querySelectorAll("h1").length !== 1) found.push("not one h1");
  if (document.querySelectorAll("main").length !== 1) found.push("not one main");
  const named = (e) => (e.labels && [...e.labels].some((l) => l.textContent.trim()))
    || e.getAttribute("aria-label")
    || (e.getAttribute("aria-labelledby") || "").split(" ").some(
      (id) => id && document.getElementById(id)?.textContent.trim());
  for (const e of document.querySelectorAll("input, textarea, select")) {
    if (e.type !== "hidden" && !e.hidden && !named(e)) found.push(e.outerHTML);
  }
  for (const e of document.querySelectorAll("a[href], button, summary")) {
    if (!e.textContent.trim() && !named(e)) found.push(e.outerHTML.slice(0, 100));
  }
  for (const e of document.querySelectorAll("img")) {
    if (!e.hasAttribute("alt")) found.push(e.outerHTML);
  }
  for (const e of document.querySelectorAll("table")) {
    if (!e.querySelector("th")) found.push("a table without headers");
  }
  const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
  for (const id of new Set(ids)) {
    if (ids.filter((one) => one === id).length > 1) found.push(`twice #${id}`);
  }
  for (const name of ["aria-describedby", "aria-labelledby", "aria-controls", "for"]) {
    for (const e of document.querySelectorAll(`[${name}]`)) {
      for (const id of e.getAttribute(name).split(" ")) {
        if (!document.getElementById(id)) found.push(`${name}=${id} leads nowhere`);
      }
    }
  }
  let last = 1;
  for (const e of document.querySelectorAll("main :is(h1, h2, h3, h4, h5, h6)")) {
    const level = Number(e.tagName[1]);
    if (level > last + 1) found.push(`${e.tagName} after h${last}`);
    last = level;
  }
  return found;
}"""


def test_every_screen_tells_what_it_is(
    starter: Any, tab: Callable[..., Any], js: bool
) -> None:
    page = tab(starter, js=js)
    faults = {}
    for path in READING:
        page.goto(path)
        faults[path] = page.evaluate(FAULTS)
    starter.sign_in(page, "boss", "admin")
    for path in WRITING:
        page.goto(path)
        faults[path] = page.evaluate(FAULTS)
    assert {path: found for path, found in faults.items() if found} == {}


def test_the_skip_link_skips(starter: Any, tab: Callable[..., Any], js: bool) -> None:
    page = tab(starter, js=js)
    page.goto("/guides/what-is-a-coalition")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.locator(".skip").bounding_box()["y"] >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    inside = "document.querySelector('main').contains(document.activeElement)"
    assert page.evaluate(inside)


def tab_to(page: Any, selector: str) -> None:
    """Press Tab until the focus is where it should be, and can be seen."""
    script = "(s) => document.activeElement?.matches(s)"
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate(script, selector):
            break
    else:
        raise AssertionError(f"{selector} is not reached by Tab")
    outline = page.evaluate(
        "() => { const s = getComputedStyle(document.activeElement);"
        " return s.outlineStyle !== 'none' || s.boxShadow !== 'none'; }"
    )
    assert outline, f"the focus on {selector} cannot be seen"


def test_reading_editing_and_looking_back_by_keyboard(
    starter: Any, tab: Callable[..., Any], js: bool
) -> None:
    name = "stories/the-bus-line-that-stayed"
    page = tab(starter, js=js)
    starter.sign_in(page, "typist")
    page.goto(f"/{name}")
    tab_to(page, f"a[href='/-/edit/{name}']")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/-/edit/{name}")
    tab_to(page, "textarea[name=text]")
    page.keyboard.press("Control+End")
    line = f"Typed {'with' if js else 'without'} scripts."
    page.keyboard.type(f"\n\n{line}\n")
    # Tab leaves the text: nobody is held in it.
    tab_to(page, "input[name=comment]")
    page.keyboard.type("By keyboard")
    tab_to(page, "button[name=save]")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{name}")
    assert line in page.locator("article").inner_text()
    tab_to(page, f"ul.actions a[href='/-/history/{name}']")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/-/history/{name}")
    tab_to(page, "a[href*='/-/restore/']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/-/restore/**")
    tab_to(page, "main form button[type=submit]")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{name}")
    assert line not in page.locator("article").inner_text()

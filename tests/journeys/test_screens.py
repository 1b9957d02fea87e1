"""Every screen on a phone and a desk: fits, keeps the policy, is reached by keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.browser

OPEN = (
    "/",
    "/guides/what-is-a-coalition",
    "/guides/what-is-a-coalition?lang=ar",
    "/no-such-page",
    "/-/search",
    "/-/search?q=coalition",
    "/-/search?q=qqzzx",
    "/-/recent",
    "/-/pages",
    "/-/pages?prefix=guides/",
    "/-/tags",
    "/-/tags/coalitions",
    "/-/reports/wanted",
    "/-/links/guides/what-is-a-coalition",
    "/-/history/guides/what-is-a-coalition",
    "/-/p/coalitions/",
    "/-/p/glossary/",
    "/-/p/feeds/",
    "/-/privacy",
    "/-/forgot",
    "/-/join/thanks",
)
OWNERS = (
    "/-/new",
    "/-/edit/guides/what-is-a-coalition",
    "/-/rename/guides/what-is-a-coalition",
    "/-/delete/guides/what-is-a-coalition",
    "/-/account",
    "/-/account/sign-in",
    "/-/account/devices",
    "/-/account/tokens",
    "/-/account/name",
    "/-/account/leave",
    "/-/groups",
    "/-/admin/people",
    "/-/admin/people/1",
    "/-/people/1",
    "/-/people/1/undo?since=all",
    "/-/review",
    "/-/admin/groups",
    "/-/admin/log",
    "/-/account/email",
    "/-/invite",
    "/-/admin/invitations",
    "/-/admin/waiting",
    "/-/setup",
    "/-/admin/",
    "/-/admin/settings",
    "/-/admin/settings/access",
    "/-/admin/settings/plugin.glossary",
    "/-/admin/plugins",
    "/-/p/webhooks/",
    "/-/admin/pages",
)
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# Controls lower than 44 px; links inside running text are exempt (WCAG 2.5.8).
TOO_LOW = """[...document.querySelectorAll(
  "header :is(a, button), nav a, .actions a, main button, .button, select, summary"
)].filter((e) => {
  const box = e.getBoundingClientRect();
  return box.width && box.height && box.height < 43.5 && e.checkVisibility();
}).map((e) => e.outerHTML.slice(0, 90))"""


def arrive(page: Any, url: str) -> None:
    """Open a page that the start of the wiki may still be taking in."""
    for _ in range(100):
        if page.goto(url).status == 200:
            return
        page.wait_for_timeout(100)
    raise AssertionError(url)


def watch(page: Any, home: str) -> list[str]:
    """Collect what the browser complains about, and requests to other hosts."""
    told: list[str] = []

    def say(message: Any) -> None:
        expected = "status of 4" in message.text
        if message.type in ("error", "warning") and not expected:
            told.append(message.text)

    def ask(request: Any) -> None:
        if not request.url.startswith(home):
            told.append(request.url)

    page.on("console", say)
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("request", ask)
    return told


@pytest.mark.parametrize("width", [320, 360, 390, 1280])
def test_nothing_scrolls_sideways_and_nothing_is_refused(
    starter: Any, tab: Callable[..., Any], width: int
) -> None:  # R2, R18
    page = tab(viewport={"width": width, "height": 800})
    arrive(page, f"{starter.address}/guides/what-is-a-coalition")
    told = watch(page, starter.address)
    for path in OPEN:
        page.goto(starter.address + path)
        assert page.evaluate(TOO_WIDE) <= 0, path
        assert page.locator("h1").count() == 1, path
        if width < 500:
            assert page.evaluate(TOO_LOW) == [], path
        assert told == [], path
    assert page.context.cookies() == []
    page.goto(f"{starter.address}/-/sign-in")
    assert page.evaluate(TOO_WIDE) <= 0
    assert told == []


def test_the_owners_screens(serve: Callable[..., Any], tab: Callable[..., Any]) -> None:
    wiki = serve()
    page = tab(viewport={"width": 320, "height": 800}, color_scheme="dark")
    page.goto(wiki.owner_link)
    arrive(page, f"{wiki.address}/guides/what-is-a-coalition")
    told = watch(page, wiki.address)
    for path in OWNERS:
        page.goto(wiki.address + path)
        assert page.evaluate(TOO_WIDE) <= 0, path
        assert page.evaluate(TOO_LOW) == [], path
        assert told == [], path


def test_keys_and_colors(starter: Any, tab: Callable[..., Any]) -> None:
    page = tab(viewport={"width": 1280, "height": 800})
    arrive(page, f"{starter.address}/guides/what-is-a-coalition")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.type("power m")
    page.locator("[role=option]").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/guides/power-mapping")
    page.keyboard.press("h")
    page.wait_for_url("**/-/history/guides/power-mapping")
    page.keyboard.press("?")
    assert page.locator("dialog#keys").is_visible()
    page.keyboard.press("Escape")
    page.locator("[data-theme-switch] select").select_option("dark")
    page.reload()
    theme = "document.documentElement.dataset.theme"
    page.wait_for_function(f"{theme} === 'dark'")
    assert page.context.cookies() == []


def test_the_menu_opens_without_scripts(starter: Any, tab: Callable[..., Any]) -> None:
    page = tab(viewport={"width": 390, "height": 800}, java_script_enabled=False)
    page.goto(starter.address)
    assert not page.locator("#menu").is_visible()
    page.locator(".menu-button").click()
    page.locator("#menu a", has_text="Recent changes").click()
    page.wait_for_url("**/-/recent")


def test_a_draft_outlives_the_tab(
    serve: Callable[..., Any], tab: Callable[..., Any]
) -> None:
    wiki = serve()
    page = tab(viewport={"width": 390, "height": 800})
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(wiki.owner_link)
    arrive(page, f"{wiki.address}/guides/power-mapping")
    page.goto(f"{wiki.address}/-/edit/guides/power-mapping")
    page.locator("#text").press("Control+End")
    page.keyboard.type("\nWords nobody may lose.")
    page.locator("[data-draft-state]").wait_for()
    page.goto(f"{wiki.address}/")
    page.goto(f"{wiki.address}/-/edit/guides/power-mapping")
    assert "Words nobody may lose." not in page.input_value("#text")
    page.locator("[data-draft-use]").click()
    assert "Words nobody may lose." in page.input_value("#text")
    page.keyboard.press("Control+s")
    page.wait_for_url(f"{wiki.address}/guides/power-mapping")
    page.goto(f"{wiki.address}/-/edit/guides/power-mapping")
    assert page.locator("[data-draft-offer]").is_hidden()

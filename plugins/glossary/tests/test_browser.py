"""Definitions where the words stand: WCAG 1.4.13, keyboard and touch, in Chromium."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from werkzeug.serving import make_server

pytestmark = pytest.mark.browser

TERM = "---\ntype: term\nterm: base\nshort: The people you can count on.\n---\n"


@pytest.fixture
def address(app: Any, page: Callable[..., Any]) -> Iterator[str]:
    """Return the address of a page with one mark, served for a browser."""
    page("terms/base", TERM)
    page("guide", "# A guide\n\nBuild your base with care.\n\n" + "More.\n\n" * 40)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/guide"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def chromium() -> Iterator[Any]:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail("chromium is not installed: apt-get install chromium")
        pytest.skip("chromium is not installed: apt-get install chromium")
    api = pytest.importorskip("playwright.sync_api")
    with api.sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])


def test_hover_is_hoverable_persistent_and_dismissible(
    chromium: Any, address: str
) -> None:
    tab = chromium.new_page()
    tab.goto(address)
    word, box = tab.locator("a.term"), tab.locator(".term-box")
    word.hover()
    box.wait_for(state="visible")
    assert "The people you can count on." in box.inner_text()
    below, own = box.bounding_box(), word.bounding_box()
    assert below["y"] >= own["y"] + own["height"]
    # Hoverable and persistent: the pointer may move onto it, and it stays.
    tab.mouse.move(below["x"] + 20, below["y"] + 10, steps=4)
    tab.wait_for_timeout(500)
    assert box.is_visible()
    tab.mouse.move(2, 2)
    box.wait_for(state="hidden")
    # Dismissible: Escape closes it, the focus stays.
    word.focus()
    box.wait_for(state="visible")
    tab.keyboard.press("Escape")
    box.wait_for(state="hidden")
    assert word.evaluate("link => link === document.activeElement")


def test_first_tap_opens_second_follows(chromium: Any, address: str) -> None:
    phone = chromium.new_context(
        viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True
    )
    tab = phone.new_page()
    tab.goto(address)
    word, box = tab.locator("a.term"), tab.locator(".term-box")
    tab.locator(".term-box").wait_for(state="attached")
    word.tap()
    box.wait_for(state="visible")
    assert box.get_by_role("link", include_hidden=True).is_visible()
    assert tab.url == address
    tab.wait_for_timeout(600)  # not a double tap
    word.tap()
    tab.wait_for_url("**/terms/base")


def test_without_scripts_the_list_holds_the_definition(
    chromium: Any, address: str
) -> None:
    tab = chromium.new_context(java_script_enabled=False).new_page()
    tab.goto(address)
    word = tab.locator("a.term")
    described = word.get_attribute("aria-describedby")
    assert tab.locator(f"#{described}").text_content().strip() == (
        "The people you can count on."
    )
    tab.locator("#words > summary").click()
    assert tab.locator(f"#{described}").is_visible()
    word.click()
    assert tab.url.endswith("/terms/base")

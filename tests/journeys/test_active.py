"""Nothing hostile does anything in a real browser, with the policy switched off (R1).

And a reader's browser keeps nothing and asks nobody else (P2, P3).
"""

from __future__ import annotations

import runpy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from .conftest import Served
from .test_screens import OPEN, arrive

pytestmark = pytest.mark.browser

ACTIVE = Path(__file__).parents[1] / "markup" / "active.py"
FAMILIES: dict[str, list[str]] = runpy.run_path(str(ACTIVE))["FAMILIES"]
# What only a browser can tell: what became of the texts once it has parsed them.
LIVING = """() => {
  const found = [];
  const schemes = new Set(["http:", "https:", "mailto:", "tel:"]);
  for (const e of document.querySelectorAll("*")) {
    for (const a of e.attributes) {
      if (/^on/i.test(a.name) || ["style", "srcdoc"].includes(a.name)) {
        found.push(e.outerHTML.slice(0, 150));
      }
    }
    if ("protocol" in e && e.href && !schemes.has(e.protocol)) found.push(e.href);
  }
  const never = "main :is(script, iframe, object, embed, style, template, base, meta, "
    + "form[action^='//'], form[action^='http'], [formaction], svg [onload])";
  for (const e of document.querySelectorAll(never)) {
    found.push(e.outerHTML.slice(0, 150));
  }
  for (const name of ["alert", "fetch", "history", "location", "documentElement"]) {
    const own = name === "documentElement" ? document[name] : window[name];
    if (own instanceof HTMLElement && own.tagName !== "HTML") found.push(name);
  }
  return found;
}"""


def storable(texts: list[str]) -> list[str]:
    """Return the texts that a file of a page may hold."""
    return [t for t in texts if not any(c in t for c in "\x00\ud800\udfff")]


@pytest.fixture
def hostile(serve: Callable[..., Served], tmp_path: Path) -> Served:
    """Serve a folder with a page for each family, each text apart from the others."""
    folder = tmp_path / "wiki"
    folder.mkdir()
    for n, texts in enumerate(FAMILIES.values()):
        body = "\n\n".join(f"Text.\n\n{text}\n" for text in storable(texts))
        title = storable(texts)[0].replace("\\", "").replace("'", "''").split("\n")[0]
        front = f"---\ntitle: '{title}'\ntags: ['{title}']\n---\n"
        (folder / f"family-{n}.md").write_text(front + body)
    return serve(folder)


@contextmanager
def watched(chromium: Any, served: Served) -> Iterator[tuple[Any, list[str]]]:
    """Open a window that heeds no policy; gather what runs and who else is asked."""
    found: list[str] = []
    window = chromium.new_context(bypass_csp=True, base_url=served.address)
    page = window.new_page()

    def ask(request: Any) -> None:
        if not request.url.startswith((served.address, "about:")):
            found.append(request.url)

    def close(dialog: Any) -> None:
        found.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    page.on("request", ask)
    page.on("dialog", close)
    yield page, found
    window.close()


def test_r01_nothing_runs_with_the_policy_off(
    hostile: Served, chromium: Any
) -> None:  # R1
    names = [f"family-{n}" for n in range(len(FAMILIES))]
    with watched(chromium, hostile) as (page, found):
        arrive(page, f"{hostile.address}/family-0")
        paths = [
            *(f"/{name}" for name in names),
            *(f"/-/history/{name}" for name in names[:3]),
            *(f"/{name}?rev=1" for name in names[:3]),
            "/-/pages",
            "/-/recent",
            "/-/tags",
            "/-/reports/wanted",
            "/-/search?q=text",
            "/-/search?q=%3Cimg+src%3Dx+onerror%3Dalert(1)%3E",
            "/%3Cscript%3Ealert(1)%3C%2Fscript%3E",
        ]
        for path in paths:
            page.goto(hostile.address + path)
            assert page.evaluate(LIVING) == [], path
        page.goto(hostile.link_for("ana", "admin"))
        page.locator("main button[type=submit]").first.click()
        for name in names:
            page.goto(f"{hostile.address}/-/edit/{name}")
            assert page.evaluate(LIVING) == [], name
            page.locator("button[name=preview]").click()
            assert page.evaluate(LIVING) == [], f"preview of {name}"
        assert found == []


def test_p02_p03_a_reader_leaves_no_trace_and_asks_nobody(
    starter: Served, chromium: Any
) -> None:  # P2, P3
    with watched(chromium, starter) as (page, found):
        arrive(page, f"{starter.address}/guides/what-is-a-coalition")
        for path in OPEN:
            page.goto(starter.address + path)
            page.mouse.wheel(0, 3000)
        kept = page.evaluate(
            "async () => [localStorage.length, sessionStorage.length,"
            " (await indexedDB.databases()).length, document.cookie]"
        )
        assert kept == [0, 0, 0, ""]
        assert page.context.cookies() == []
        assert found == []

"""A folder of Markdown that somebody has already: served, edited, changed on disk."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from .conftest import Served, start, stop

pytestmark = pytest.mark.browser

DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAA"
    "AABJRU5ErkJggg=="
)
FRONT = """---
layout: post     # for the old site
title:  "The  first guide"
tags:
  - Money
  - start here
weird_key: {x: 1, y: [a, b]}
date: 2024-01-02 03:04:05 +0200
permalink: /2024/first.html
---
"""
FIRST = (
    FRONT
    + """
# Heading

See [the top](../index.md), [the next](deep/second.md#part) and
[[Notes & Ideas/über uns|us]]. A picture: ![A dot](dot.png)

A claim.[^1]

| Who | What |
|-----|-----:|
| Ana | a \\| b |

- [x] done
- [ ] to do

Term
: What it means

> [!WARNING]
> Take care.

```python
print("[[not a link]]")
```

[^1]: The source.
"""
)
PAGES = {
    "index.md": "# Our place\n\n[First](guides/first.md) ![A dot](pictures/dot.png)\n",
    "guides/first.md": FIRST,
    "guides/deep/second.md": "# Second\n\n## Part\n\n[Back](../first.md)\n",
    "Notes & Ideas/über uns.md": "# Über uns\n\nText\n",
    "no title.markdown": "Just text\n",
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("own") / "our notes"
    for name, text in PAGES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for name in ("pictures/dot.png", "guides/dot.png"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(DOT)
    served = start(folder, folder.parent / "log")
    yield served
    stop(served)


def drawn(page: Any) -> bool:
    """Tell whether every picture of the text was loaded."""
    script = "e => e.length > 0 && e.every(i => i.complete && i.naturalWidth > 0)"
    return bool(page.locator("article img").evaluate_all(script))


def test_it_reads_as_it_was_written(
    site: Served, tab: Callable[..., Any], js: bool
) -> None:
    page = tab(site, js=js)
    page.goto("/", wait_until="load")
    assert page.locator("h1").inner_text() == "Our place"
    assert drawn(page)
    page.locator("article").get_by_role("link", name="First").click()
    assert page.url.endswith("/guides/first")
    assert page.locator("h1").first.inner_text() == "The first guide"
    page.wait_for_load_state("load")
    assert drawn(page)
    article = page.locator("article")
    assert article.locator("td").nth(1).inner_text() == "a | b"
    assert article.locator("input[type=checkbox]").count() == 2
    assert article.locator("dt").inner_text() == "Term"
    assert (
        "Take care."
        in article.locator("blockquote, .alert, section").first.inner_text()
    )
    assert "[[not a link]]" in article.locator("pre").inner_text()
    assert "The source." in article.inner_text()
    for link, leads in (
        ("the top", "/"),
        ("the next", "/guides/deep/second#h-part"),
        ("us", "/Notes%20&%20Ideas/%C3%BCber%20uns"),
    ):
        page.goto("/guides/first")
        article.get_by_role("link", name=link, exact=True).click()
        assert page.url.removeprefix(site.address) == leads
        assert page.locator("h1").count() == 1
    page.goto("/no%20title")
    assert "Just text" in page.locator("article").inner_text()
    page.goto("/-/tags/start%20here")
    assert page.get_by_role("link", name="The first guide").is_visible()


def test_an_edit_leaves_the_rest_of_the_file_alone(
    site: Served, tab: Callable[..., Any], js: bool
) -> None:
    page = tab(site, js=js)
    site.sign_in(page, "editor")
    page.goto("/-/edit/guides/first")
    box = page.locator("textarea[name=text]")
    path = site.folder / "guides/first.md"
    before = path.read_bytes()
    assert box.input_value().encode() == before
    box.fill(box.input_value() + f"\nAdded {'with' if js else 'without'} scripts.\n")
    page.get_by_role("button", name="Save page").click()
    page.get_by_role("status").get_by_text("Saved.").wait_for()
    after = path.read_bytes()
    assert after.startswith(before)
    assert after.startswith(FRONT.encode())
    assert after.endswith(b" scripts.\n")
    # Nothing else was put among the files but what the wiki needs.
    known = {name.partition("/")[0] for name in PAGES}
    there = {path.name for path in site.folder.iterdir()}
    assert there <= known | {"pictures", "wiki.toml", "var"}


def wait_for(check: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < end
        time.sleep(0.2)


def read(site: Served, path: str) -> str:
    with urlopen(site.address + path) as answer:
        return str(answer.read().decode())


def test_a_change_on_disk_is_a_version(site: Served, tab: Callable[..., Any]) -> None:
    path = site.folder / "guides/deep/second.md"
    read(site, "/guides/deep/second")
    path.write_text("# Second\n\nWritten in *another* program.\n")
    # A moment later, when it is sure that the other program has finished.
    wait_for(lambda: "another" in read(site, "/guides/deep/second"))
    page = tab(site)
    page.goto("/-/history/guides/deep/second")
    assert page.locator("tbody tr").count() == 2
    assert "from outside" in page.locator("tbody tr").first.inner_text()
    page.get_by_role("button", name="Compare the two").click()
    assert "another" in page.locator("ins").all_inner_texts()[0]
    # A new file is a new page, a deleted one a deleted page.
    (site.folder / "guides/third.md").write_text("# Third\n\nA zebrafish.\n")
    wait_for(lambda: "Third" in read(site, "/-/pages"))
    assert "Third" in read(site, "/guides/third")
    wait_for(lambda: "/guides/third" in read(site, "/-/search?q=zebrafish"))
    (site.folder / "guides/third.md").unlink()
    wait_for(lambda: "Third" not in read(site, "/-/pages"))
    wait_for(lambda: "/guides/third" not in read(site, "/-/search?q=zebrafish"))


def write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def test_who_edits_here_while_the_file_changes_there(
    site: Served, tab: Callable[..., Any]
) -> None:  # R5
    path = site.folder / "guides/both.md"
    write(path, "# Both\n\nFirst.\n\nSecond.\n")
    wait_for(lambda: "Both" in read(site, "/-/pages"))
    page = tab(site)
    site.sign_in(page, "editor")
    page.goto("/-/edit/guides/both")
    write(path, "# Both\n\nFirst, from disk.\n\nSecond.\n")
    text = "# Both\n\nFirst.\n\nSecond, from here.\n"
    page.locator("textarea[name=text]").fill(text)
    page.get_by_role("button", name="Save page").click()
    page.get_by_role("status").get_by_text("both are in").wait_for()
    assert path.read_text() == "# Both\n\nFirst, from disk.\n\nSecond, from here.\n"

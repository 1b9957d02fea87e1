"""What a page with a diagram holds, without any script."""

from __future__ import annotations

import hashlib
import json
import re
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

from wiki import Actor

HERE = Path(__file__).parents[1]
STATIC = HERE / "wiki_diagrams/static"
PAGE = "before\n\n```{mermaid} How we decide\n:alt: We talk.\n\ngraph TD\n A-->B\n```\n"


def test_the_text_stands_in_the_page_with_caption_and_words(
    page: Callable[..., Any], client: Any
) -> None:
    page("home", PAGE)
    html = client.get("/").text
    assert '<figure class="p-diagrams-figure">' in html
    assert 'p-diagrams-source" dir="ltr" tabindex="0"><code>graph TD\n A--&gt;B' in html
    assert '<figcaption dir="auto">How we decide</figcaption>' in html
    assert '<p class="p-diagrams-alt" dir="auto">We talk.</p>' in html


def test_only_pages_with_a_diagram_load_what_draws_it(
    page: Callable[..., Any], client: Any
) -> None:
    page("plain", "No diagram, only `mermaid`.")
    page("with", "- ```mermaid\n  graph TD\n  ```\n")
    assert "diagrams.js" not in client.get("/plain").text
    shown = client.get("/with").text
    assert "p/diagrams/diagrams.js" in shown
    assert "p/diagrams/diagrams.css" in shown
    # The large file is asked for by the script, when there is something to draw.
    assert "mermaid.js" not in shown


def test_the_editor_can_draw_its_preview(
    login: Callable[[str], None], client: Any
) -> None:
    login("editor")
    assert "p/diagrams/diagrams.js" in client.get("/-/new").text


def test_what_is_too_long_or_empty_is_said(page: Callable[..., Any], wiki: Any) -> None:
    long = "graph TD\n" + "A-->B\n" * 2000
    page("long", f"```mermaid\n{long}```\n\n```mermaid\n```\n")
    rendered = wiki.view(Actor(), "long").rendered
    first, second = rendered.problems
    assert (first.line, second.line) == (1, 2005)
    assert "too long to be drawn (12008 of 10000 characters)" in str(first)
    assert "is empty" in str(second)
    assert "too long to be drawn" in rendered.html
    assert "p-diagrams-source" not in rendered.html


def test_hostile_words_are_words(page: Callable[..., Any], client: Any) -> None:  # R1
    page(
        "bad",
        '```{mermaid} "><script>alert(1)</script>\n:alt: " onfocus="alert(1)\n\n'
        "</code></pre><script>alert(1)</script>{{ 7*7 }}\n```\n",
    )
    html = client.get("/bad").text
    assert "<script>alert" not in html
    assert not re.search("<[^>]*onfocus", html)
    assert "{{ 7*7 }}" in html


def test_the_words_of_a_diagram_are_found(
    page: Callable[..., Any], client: Any
) -> None:
    page("steps", "```mermaid\ngraph TD\n A[Housing committee] --> B\n```\n")
    assert "/steps" in client.get("/-/search?q=committee").text


def test_our_copy_of_mermaid_is_what_it_says() -> None:  # R20
    (entry,) = json.loads((STATIC / "vendor/manifest.json").read_text("utf-8"))
    assert entry["version"] in entry["file"]
    copy = (STATIC / entry["file"]).read_bytes()
    assert hashlib.sha256(copy).hexdigest() == entry["sha256"]
    assert "MIT" in (STATIC / entry["license_file"]).read_text("utf-8")
    # With our names put back, it is the published file, letter by letter.
    vendor = runpy.run_path(str(HERE / "vendor.py"))
    published = vendor["as_published"](copy.decode("utf-8"))
    found = hashlib.sha256(published.encode("utf-8")).hexdigest()
    assert found == entry["published_sha256"]
    there = {p.relative_to(STATIC).as_posix() for p in STATIC.rglob("*") if p.is_file()}
    assert {p for p in there if p.startswith("vendor/")} == {
        entry["file"],
        entry["license_file"],
        "vendor/manifest.json",
    }
    script = (STATIC / "diagrams.js").read_text("utf-8")
    assert f'"./{entry["file"]}"' in script

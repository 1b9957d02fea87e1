from __future__ import annotations

import os
import runpy
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from wiki.markup.child import ParserPool
from wiki.markup.directives import Form
from wiki.markup.links import Target, url_of
from wiki.markup.parse import Parser
from wiki.markup.render import render
from wiki.model.parts import Link, PageContext, RenderedPage

HERE = Path(__file__).parent


FORMS = {"text": Form(), "box": Form("markdown")}


@pytest.fixture(scope="session")
def parser() -> Parser:
    return Parser((), FORMS)


@pytest.fixture(scope="session")
def pool() -> Iterator[ParserPool]:
    pool = ParserPool(forms=FORMS)
    yield pool
    pool.close()


def know_all(targets: Sequence[Target]) -> Mapping[Target, Link]:
    return {target: Link(url_of(target.name)) for target in targets}


@pytest.fixture(scope="session")
def show(parser: Parser) -> Callable[..., RenderedPage]:
    """Render a body: ``show(text, name=…, title=…, resolve=…)``."""

    def show(body: str, name: str = "a/page", **given: Any) -> RenderedPage:
        resolve = given.pop("resolve", know_all)
        passes = given.pop("passes", ())
        html_passes = given.pop("html_passes", ())
        page = PageContext(name, **given)
        return render(parser.parse(body), page, resolve, passes, html_passes)

    return show


@pytest.fixture(scope="session")
def judge() -> Callable[[str], tuple[list[str], str]]:
    function: Callable[[str], tuple[list[str], str]]
    function = runpy.run_path(str(HERE / "judge.py"))["judge"]
    return function


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Return the archive of 1,000 pages, or skip where there is none."""
    given = os.environ.get("WIKI_TEST_DATA")
    folder = Path(given) if given else HERE.parents[2] / "shared" / "data"
    archive = folder / "corpus-1000.tar.gz"
    if archive.exists():
        return archive
    if os.environ.get("CI") == "true":
        pytest.fail("corpus-1000.tar.gz is missing: set WIKI_TEST_DATA")
    pytest.skip("no test data: set WIKI_TEST_DATA to the folder that holds it")

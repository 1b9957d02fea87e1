"""The hook ``alternates``: other forms of a page, named in its head."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from wiki import Alternate, PageView, Plugin, hookimpl
from wiki.app import create_app
from wiki.config import load
from wiki.model.actor import SYSTEM
from wiki.model.page import Draft

TYPE = "application/x-song"


class Songs(Plugin):
    """Has every page as a song."""

    name, title = "songs", "Songs"

    @hookimpl
    def alternates(self, view: str, subject: Any) -> list[Alternate]:
        if not isinstance(subject, PageView):
            return [Alternate("/-/song", TYPE, view)]
        page = subject.page
        return [
            Alternate(f"/-/song/{page.name}", TYPE, page.title),
            Alternate("https://elsewhere.example/", TYPE),
            Alternate("//elsewhere.example/", TYPE),
            Alternate("/\\elsewhere.example/", TYPE),
        ]


class Broken(Plugin):
    """Cannot say it."""

    name, title = "broken", "Broken"

    @hookimpl
    def alternates(self) -> list[Any]:
        return [Alternate("/-/x", 5)]  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    config = load(tmp_path_factory.mktemp("wiki"), {})
    made = create_app(config=config, plugins=[Songs, Broken], memory=True)
    for name in ("one", "two"):
        made.extensions["wiki"].save(SYSTEM, Draft(name, f'# {name} "<b>"\n'), 0)
    yield made
    made.extensions["wiki"].close()


def songs(read: Any, response: Any) -> list[tuple[str, str]]:
    assert response.status_code == 200
    page = read(response)
    (head,) = page.all("head")
    return [(it["href"], it["title"]) for it in head.all("link", type_=TYPE)]


def test_each_page_names_its_own(app: Flask, read: Any) -> None:
    client = app.test_client()
    for _ in range(2):  # the frame is drawn once and kept, the links are not
        for name in ("one", "two"):
            found = songs(read, client.get(f"/{name}"))
            assert found == [(f"/-/song/{name}", f'{name} "<b>"')]
    assert songs(read, client.get("/-/recent")) == [("/-/song", "page")]


def test_a_failing_one_is_missing_and_told(app: Flask) -> None:
    app.test_client().get("/one?lang=es")
    fault = app.extensions["wiki"].door.faults["broken", "alternates"]
    assert "media_type of a Alternate" in fault.text

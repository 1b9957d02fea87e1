"""Addresses that plugins answer beside their own folder, and what they may not take."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from flask import Blueprint, Flask

from wiki import Plugin, hookimpl
from wiki.app import create_app
from wiki.config import load
from wiki.errors import StartError


def plugin(label: str, addresses: dict[str, str]) -> type[Plugin]:
    class Made(Plugin):
        """A plugin with one page."""

        name = title = label
        given: ClassVar = addresses

        @hookimpl
        def blueprints(self) -> list[Blueprint]:
            pages = Blueprint(label, __name__)

            @pages.route("/one", methods=["GET", "POST"])
            @pages.get("/one/<path:name>")
            def one(name: str = "") -> str:
                return f"{label} {name}"

            return [pages]

    Made.addresses = addresses
    return Made


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Any]:
    made: list[Flask] = []

    def app(*plugins: type[Plugin], strict: bool = False) -> Flask:
        config = load(tmp_path, {})
        one = create_app(config=config, plugins=plugins, strict=strict, memory=True)
        made.append(one)
        return one

    yield app
    for one in made:
        one.extensions["wiki"].close()


def test_a_promised_address_is_answered_like_its_own(make: Any) -> None:
    found = {"/-/song": "songs.one", "/-/song/<path:name>.txt": "songs.one"}
    client = make(plugin("songs", found), strict=True).test_client()
    assert client.get("/-/song").text == "songs "
    assert client.get("/-/p/songs/one").text == "songs "
    assert client.get("/-/song/a/b.txt").text == "songs a/b"
    assert client.head("/-/song").status_code == 200
    assert client.get("/-/song").headers["X-Content-Type-Options"] == "nosniff"
    # Whatever its own page takes, here nothing is sent.
    assert client.post(
        "/-/song", headers={"Sec-Fetch-Site": "same-origin"}
    ).status_code in (
        400,
        405,
    )


@pytest.mark.parametrize(
    ("address", "endpoint", "says"),
    [
        ("/-/recent", "songs.one", "already taken by “the wiki itself”"),
        ("/-/api/songs", "songs.one", "already taken by “the wiki itself”"),
        ("/-/admin/songs", "songs.one", "already taken by “the wiki itself”"),
        ("/-/p/other", "songs.one", "already taken by “the wiki itself”"),
        ("/songs", "songs.one", "not below /-/ under a name of its own"),
        ("/sitemap.xml", "songs.one", "not below /-/"),
        ("/-/", "songs.one", "not below /-/"),
        ("/-/<path:all>", "songs.one", "not below /-/"),
        ("-/song", "songs.one", "not below /-/"),
        ("/-/song", "songs.two", "has no page “songs.two”"),
        ("/-/song", "page.home", "has no page “page.home”"),
    ],
)
def test_what_a_plugin_may_not_take(
    make: Any, caplog: Any, address: str, endpoint: str, says: str
) -> None:
    caplog.set_level(logging.ERROR)
    app = make(plugin("songs", {address: endpoint}))
    state = app.extensions["wiki"].registry.states["songs"]
    assert state.state == "broken"
    assert says in state.reason
    assert address in state.reason
    assert "The plugin “songs” is off." in caplog.text
    assert app.test_client().get("/-/recent").status_code == 200
    with pytest.raises(StartError, match="songs"):
        make(plugin("songs", {address: endpoint}), strict=True)


def test_two_plugins_with_one_address(make: Any) -> None:
    app = make(
        plugin("choir", {"/-/song": "choir.one"}),
        plugin("songs", {"/-/song/<name>": "songs.one"}),
    )
    states = app.extensions["wiki"].registry.states
    assert states["choir"].state == "on"
    assert "“/-/song/<name>” is already taken by “choir”" in states["songs"].reason
    client = app.test_client()
    assert client.get("/-/song").text == "choir "
    assert client.get("/-/song/x").status_code == 404
    assert client.get("/-/p/songs/one").status_code == 404

"""Files in the wiki's own folder take the place of the core's and of plugins'."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from wiki import create_app
from wiki.config import load
from wiki.errors import StartError


def made(folder: Path) -> Flask:
    return create_app(config=load(folder, {}), memory=True, strict=True)


def put(folder: Path, name: str, body: bytes) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(body)


def shown(app: Flask, path: str) -> str:
    return app.test_client().get(app.extensions["wiki.assets"].url(path)).text


def test_own_files_take_the_place_of_others(tmp_path: Path) -> None:
    before = made(tmp_path)
    put(tmp_path, "static/p/glossary/glossary.css", b".own { color: red }")
    put(tmp_path, "static/logo.svg", b"<svg/>")
    index = b'{% extends "base.html" %}{% block main %}Our own index.{% endblock %}'
    put(tmp_path, "templates/glossary/index.html", index)
    app = made(tmp_path)
    assert shown(app, "p/glossary/glossary.css") == ".own { color: red }"
    assert shown(app, "logo.svg") == "<svg/>"
    assert "Our own index." in app.test_client().get("/-/p/glossary/").text
    assert shown(app, "p/glossary/glossary.js") == shown(
        before, "p/glossary/glossary.js"
    )
    # Another address, so that no browser shows the old one.
    assert app.extensions["wiki.assets"].hash != before.extensions["wiki.assets"].hash


def test_an_own_style_sheet_may_import_what_the_cores_does(tmp_path: Path) -> None:
    core = Path(__file__).parents[2] / "wiki/static/css/common-ground.css"
    put(tmp_path, "static/css/common-ground.css", core.read_bytes() + b"\n.own {}\n")
    assert shown(made(tmp_path), "css/common-ground.css") == (
        shown(made(tmp_path / "other"), "css/common-ground.css") + "\n.own {}\n"
    )


def test_a_file_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    put(tmp_path, "static/css/broken.css", b"\xff\xfe")
    with pytest.raises(StartError, match=r"broken\.css.*Mend it or take it away"):
        made(tmp_path)


def test_a_folder_of_notes_is_not_served(tmp_path: Path) -> None:
    put(tmp_path, "wiki.toml", b'[store]\npages = "."\n')
    put(tmp_path, "static/css/common-ground.css", b".own {}")
    assert ".own {}" not in shown(made(tmp_path), "css/common-ground.css")

"""Verbs that the tests of joining and of links share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from wiki.app import create_app
from wiki.config import load

from .conftest import NO_LIMITS

Make = Callable[..., Flask]


@contextmanager
def making(folder: Path) -> Iterator[Make]:
    """Give ``make(**settings)``: wikis in memory, by keys with _ for the dot."""
    made: list[Flask] = []

    def make(**settings: Any) -> Flask:
        keys = {key.replace("__", "."): value for key, value in settings.items()}
        config = load(folder, {}, {**NO_LIMITS, **keys})
        made.append(create_app(config=config, strict=True, memory=True))
        return made[-1]

    yield make
    for app in made:
        app.extensions["wiki"].close()


def who(client: FlaskClient, read: Any) -> str:
    """Return whom a browser is signed in as."""
    found = read(client.get("/-/search")).all("a", href="/-/account")
    return found[0].text if found else ""


def told(read: Any, response: Any) -> str:
    text: str = read(response).one("p", role="alert").text
    return text


def path_of(link: str) -> str:
    """Return the path of a whole address."""
    return "/" + link.split("/", 3)[3]

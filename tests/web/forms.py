"""What forms show and send, as a browser without scripts has it."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient

from wiki.model.actor import SYSTEM
from wiki.model.page import Draft
from wiki.service import Wiki

BASE = "# Plan\n\nFirst part.\n\nSecond part.\n\nThird part.\n"


def flashed(read: Any, client: FlaskClient, response: Any) -> str:
    """Return the sentence on the page that a save leads to."""
    assert response.status_code == 303, response.text
    text: str = read(client.get(response.location)).one("p", role="status").text
    return text


def kept(read: Any, response: Any) -> tuple[str, str, str]:
    """Return name, text and comment that the form shows again."""
    form = read(response).one("form", class_="editor")
    return (
        form.one("input", name="name")["value"],
        form.one("textarea", name="text").value,
        form.one("input", name="comment")["value"],
    )


def problems(read: Any, response: Any) -> str:
    text: str = read(response).one("section", role="alert").text
    return text


def fields(form: Any) -> dict[str, str]:
    """Return what a browser sends of a form, no button pressed."""
    sent = {
        one["name"]: one.get("value")
        for one in form.all("input")
        if "name" in one.attrs
        and (one.get("type") != "radio" or "checked" in one.attrs)
    }
    return sent | {one["name"]: one.value for one in form.all("textarea")}


def meanwhile(wiki: Wiki, name: str, text: str) -> None:
    """Somebody else saves."""
    wiki.save(SYSTEM, Draft(name, text), wiki.page(SYSTEM, name).n)

"""A wiki in memory in which a plugin is tried, and who looks at it."""

from __future__ import annotations

import contextlib
import html
import logging
import re
from collections.abc import Iterator
from dataclasses import is_dataclass, replace
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import BuildError

from wiki.app import create_app
from wiki.config import Config, load
from wiki.errors import NotValid
from wiki.model.actor import SYSTEM
from wiki.model.page import Draft
from wiki.model.parts import SafeHtml
from wiki.registry import GROUP
from wiki.service import Wiki

from .findings import Finding, Subject

OWN = "commonground-wiki"
ADMIN, PASSWORD = "somebody", "correct horse battery"
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
TAG = re.compile(r"</?[a-z][a-z0-9]*(?:\s[^<>]*)?>", re.IGNORECASE)
BUDGET = 10_000  # milliseconds a call: this machine may be busy
# Pages that show what many plugins add.
SCREENS = (
    "/",
    "/-/pages",
    "/-/recent",
    "/-/tags",
    "/-/search?q=lantern",
    "/-/search?q=xqz",
    "/-/new",
)


def bundled() -> set[str]:
    """Return the names of the plugins that come with the wiki."""
    found = entry_points(group=GROUP)
    return {one.name for one in found if one.dist and one.dist.name == OWN}


def config_for(folder: Path, enabled: set[str]) -> Config:
    config = load(folder, {})
    return replace(
        config,
        plugins=replace(
            config.plugins, enabled=tuple(sorted(enabled)), budget_ms=BUDGET
        ),
        limits=replace(config.limits, reads_per_minute=10**6, writes_per_minute=10**6),
        moderation=replace(config.moderation, newcomer_days=0),
    )


class Errors(logging.Handler):
    """Keeps the errors that the wiki logs, instead of printing them."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.last = ""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        self.last = f"{type(error).__name__}: {error}" if error else ""


@contextlib.contextmanager
def quiet() -> Iterator[Errors]:
    """Lend what catches the errors of the log for a while."""
    log, errors = logging.getLogger("wiki"), Errors()
    passed_on = log.propagate
    log.addHandler(errors)
    log.propagate = False
    try:
        yield errors
    finally:
        log.removeHandler(errors)
        log.propagate = passed_on


class Trial:
    """A wiki in memory with bundled plugins and, if ``on``, the one that is tried."""

    def __init__(
        self, subject: Subject, folder: Path, errors: Errors, *, on: bool = True
    ) -> None:
        names = bundled() - {subject.name} | ({subject.name} if on else set())
        config = config_for(folder, names)
        classes = [subject.cls] if on else []
        self.app: Flask = create_app(config=config, plugins=classes, memory=True)
        self.wiki: Wiki = self.app.extensions["wiki"]
        self.subject, self._errors = subject, errors
        self.found: set[Finding] = set()
        self.texts: dict[str, str] = {}
        self._failed: set[tuple[str, str]] = set()
        self.visitor = self.app.test_client()
        setattr(self.wiki.door, "collect", self._watching)  # noqa: B010

    @property
    def name(self) -> str:
        return self.subject.name

    def sign_in(self) -> FlaskClient:
        """Return a browser in which an administrator is signed in."""
        self.wiki.accounts.create_user(ADMIN, "admin", PASSWORD)
        client = self.app.test_client()
        found = TOKEN.search(client.get("/-/sign-in").text)
        fields = {"name": ADMIN, "password": PASSWORD}
        fields["csrf_token"] = found.group(1) if found else ""
        same = {"Sec-Fetch-Site": "same-origin"}
        client.post("/-/sign-in", data=fields, headers=same)
        return client

    # -- what is done in it

    def write(self, name: str, text: str) -> bool:
        """Save a page; False where the plugin, or another one, refuses it."""
        try:
            self.wiki.save(SYSTEM, Draft(name, text), 0)
        except NotValid:
            return False
        self.texts[name] = text
        return True

    def visit(self, client: FlaskClient, url: str, when: str) -> str:
        """Return what a page says; one that fails is a finding."""
        self._errors.last = ""
        answer = client.get(url)
        if answer.status_code >= 500:
            said = self._errors.last or f"it answered {answer.status_code}"
            self.failed(f"The page {url}", when, said)
        text = answer.get_data().decode("utf-8", "replace")
        answer.close()
        return html.unescape(text)

    def own_pages(self, page: str) -> list[str]:
        """Return addresses of the plugin's pages, with ``page`` for what they take."""
        at = self.app.url_map.bind("localhost")
        found = []
        for rule in self.app.url_map.iter_rules():
            own = rule.endpoint.startswith(f"{self.name}.")
            if own and "GET" in (rule.methods or ()):
                for value in (page, 1):
                    values = dict.fromkeys(rule.arguments, value)
                    with contextlib.suppress(BuildError, ValueError):
                        found.append(at.build(rule.endpoint, values))
                        break
        return sorted(set(found))

    # -- what is found

    def add(self, text: str) -> None:
        self.found.add(self.subject.finding(text))

    def failed(self, what: str, when: str, said: str, thing: Any = None) -> None:
        """Note that something failed, the first time that it does."""
        if (what, said) not in self._failed:
            self._failed.add((what, said))
            text = f"{what} failed {when}: {said}"
            self.found.add(self.subject.finding_at(thing, text))

    def collect_faults(self, when: str) -> None:
        """Turn what failed at the door since the last time into findings."""
        for fault in list(self.wiki.door.faults.values()):
            if fault.plugin == self.name:
                method = getattr(self.subject.cls, fault.hook, None)
                self.failed(f"“{fault.hook}”", when, fault.text, method)
        self.wiki.door.reset(self.name)

    def _watching(self, hook: str, **arguments: Any) -> list[tuple[str, Any]]:
        door = self.wiki.door
        found: list[tuple[str, Any]] = type(door).collect(door, hook, **arguments)
        for plugin, item in found:
            if plugin == self.name:
                self._look(hook, item)
        return found

    def _look(self, hook: str, item: Any) -> None:
        """Note HTML in an answer, and files that are not there."""
        if not is_dataclass(item):
            return
        if hook == "assets":
            path = getattr(item, "path", "")
            if not (self.subject.home / "static" / path).is_file():
                self.add(f"“assets” names “{path}”, which is not in its folder static.")
            return
        for name in item.__dataclass_fields__:
            if _has_html(getattr(item, name), plain=hook != "page_types"):
                self.add(
                    f"“{hook}” returns HTML in “{name}”. Return data, and let a "
                    "template show it."
                )


def _has_html(value: Any, *, plain: bool, depth: int = 4) -> bool:
    if isinstance(value, SafeHtml) or not depth:
        return False
    if isinstance(value, str):
        return hasattr(value, "__html__") or (plain and bool(TAG.search(value)))
    if isinstance(value, dict):
        value = [*value.values()]
    if isinstance(value, list | tuple):
        return any(_has_html(one, plain=False, depth=depth - 1) for one in value)
    return False

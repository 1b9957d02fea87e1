"""Checks that run a plugin: no page trips it, nobody sees too much, nothing stays."""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections.abc import Iterable
from inspect import isclass, isfunction
from pathlib import Path
from typing import Any

import click

from wiki.errors import WikiError
from wiki.model.actor import SYSTEM
from wiki.model.parts import Directive, Field, PageType
from wiki.outgoing import OutgoingFailed
from wiki.registry import BROKEN

from .findings import Finding, Subject
from .trying import SCREENS, Errors, Trial, quiet

# Words that stand on pages for members only; whoever sees one sees too much.
SECRET = re.compile(r"xqz[a-z]+")
OURS, PLAIN, ARABIC, LINKING = (
    "check/ours",
    "check/plain",
    "check/arabic",
    "check/links",
)
KEPT = {
    "text": "xqzfield",
    "long": "xqzlong",
    "number": 1,
    "boolean": True,
    "date": "2024-02-29",
    "list": ["xqzitem"],
    "page": PLAIN,
    "url": "https://xqzaddress.example/",
    "map": {},
}
ARABIC_TEXT = (
    "---\ntitle: ما هو التحالف\nlang: ar\nsummary: مجموعات تعمل معًا\n"
    "tags: [تنظيم]\n---\n"
    "## البداية\n\nالتحالف مجموعات تعمل معًا. [[check/plain]]\n\n- أولًا\n- ثانيًا\n"
)

Functions = dict[str, int]


def functions() -> Functions:
    """Return {name: id} of the wiki's own functions, to see whether they change."""
    found: Functions = {}
    for module_name, module in list(sys.modules.items()):
        if module_name.partition(".")[0] != "wiki":
            continue
        for name, item in list(vars(module).items()):
            if isfunction(item):
                found[f"{module_name}.{name}"] = id(item)
            elif isclass(item) and item.__module__ == module_name:
                for key, method in list(vars(item).items()):
                    if isfunction(method):
                        found[f"{module_name}.{name}.{key}"] = id(method)
    return found


def check(subject: Subject, before: Functions) -> set[Finding]:
    """Return what goes wrong when a plugin runs; ``before``: functions unspoilt."""
    with tempfile.TemporaryDirectory() as folder, quiet() as errors:
        found, texts = _with_it(subject, Path(folder), errors)
        patched = [k for k, v in functions().items() if before.get(k, v) != v]
        for name in patched:
            text = f"It puts another function in the place of {name}, which stays when "
            found.add(subject.finding(f"{text}the plugin is off. Use a hook instead."))
        if texts is not None:
            found |= _without_it(subject, Path(folder), errors, texts)
        return found


def _with_it(
    subject: Subject, folder: Path, errors: Errors
) -> tuple[set[Finding], dict[str, str] | None]:
    trial = Trial(subject, folder, errors)
    try:
        for name, state in trial.wiki.registry.states.items():
            if state.state == BROKEN:
                whose = "" if name == subject.name else f"It breaks “{name}”: "
                trial.add(whose + state.reason)
        if subject.name not in trial.wiki.registry.plugins:
            return trial.found, None
        _run(trial)
        return trial.found, trial.texts
    finally:
        trial.wiki.close()


def _run(trial: Trial) -> None:
    registry = trial.wiki.registry
    plugin = registry.plugins[trial.name]
    plugin.sender = _NoNetwork()  # type: ignore[assignment]
    admin = trial.sign_in()
    kinds = [it for p, it in trial.wiki.door.collect("page_types") if p == trial.name]
    parts = [it for p, it in trial.wiki.door.collect("directives") if p == trial.name]

    leaks: set[str] = set()

    def look(when: str, *pages: str) -> None:
        every = [*SCREENS, *trial.own_pages(pages[0] if pages else PLAIN)]
        own = [f"/{name}" for name in pages]
        edits = [f"/-/edit/{name}" for name in pages]
        for url in [*every, *own, *edits]:
            trial.visit(admin, url, when)
        for url in [*every, *own]:
            seen = trial.visit(trial.visitor, url, when)
            leak = SECRET.search(seen)
            if leak and leak.group() not in leaks:
                leaks.add(leak.group())
                trial.add(
                    f"A visitor sees “{leak.group()}” of a page for members at {url}. "
                    "Look nothing up beyond actor.sees or page.sees."
                )
        _work(trial, when)
        trial.collect_faults(when)

    look("in an empty wiki")
    trial.write("home", "A lantern.\n")
    trial.write(PLAIN, "A lantern.\n")
    look("with a page without front matter", PLAIN)
    trial.write(ARABIC, ARABIC_TEXT)
    look("with a page in Arabic", ARABIC)
    links = "".join(_fence(one, OURS) for one in parts)
    trial.write(LINKING, f"See [[{OURS}]].\n\n{links}")
    ours = [OURS] if trial.write(OURS, _secret_page()) else []
    ours += _typed_pages(trial, kinds)
    look("with pages for members", LINKING, *ours)
    _move_and_delete(trial)
    look("with a page that was renamed and deleted")


class _NoNetwork:
    """Sends nothing: a check asks no other machine."""

    def post(self, *_: Any, **__: Any) -> int:
        raise OutgoingFailed("there is no network in a check")


def _work(trial: Trial, when: str) -> None:
    """Run jobs and health checks once, and look at the commands."""
    seen: set[str] = set()
    for plugin, job in trial.wiki.door.collect("jobs"):
        if plugin == trial.name:
            if job.name in seen:
                trial.add(f"It has two jobs “{job.name}”. Give one another name.")
            seen.add(job.name)
            _guarded(trial, f"The job “{job.name}”", when, job.run)
    for plugin, it in trial.wiki.door.collect("health_checks"):
        if plugin == trial.name:
            _guarded(trial, f"The health check “{it.name}”", when, it.run)
    for plugin, command in trial.wiki.door.collect("commands"):
        if plugin == trial.name and not isinstance(command, click.Command):
            trial.add(f"“commands” returns {command!r}. Return click.Command objects.")


def _guarded(trial: Trial, what: str, when: str, work: Any) -> None:
    try:
        work()
    except KeyboardInterrupt:
        raise
    except OutgoingFailed:
        pass
    except BaseException as error:
        trial.failed(what, when, f"{type(error).__name__}: {error}")


def _move_and_delete(trial: Trial) -> None:
    if PLAIN not in trial.texts:
        return
    try:
        trial.wiki.rename(SYSTEM, PLAIN, "check/moved")
        trial.wiki.delete(SYSTEM, "check/moved")
    except WikiError:
        pass  # what failed in a hook is noted at the door


def _secret_page() -> str:
    return (
        "---\ntitle: xqztitle\nsummary: xqzsummary\ntags: [xqztag]\n"
        "audience: members\n---\n# xqzheading\n\nxqztext\n"
    )


def _typed_pages(trial: Trial, kinds: Iterable[PageType]) -> list[str]:
    """Write a page for members of each type of the plugin, with every field."""
    found = []
    for kind in kinds:
        name = f"check/{kind.name}"
        every = [one for one in kind.fields if one.kind != "map" or one.required]
        needed = [one for one in kind.fields if one.required]
        if any(trial.write(name, _typed(kind, some)) for some in (every, needed)):
            found.append(name)
    return found


def _typed(kind: PageType, fields: Iterable[Field]) -> str:
    meta: dict[str, Any] = {one.name: _value(one) for one in fields}
    meta |= {"type": kind.name, "title": "xqztitle", "audience": "members"}
    # Front matter may be JSON, value by value.
    lines = "".join(f"{key}: {json.dumps(value)}\n" for key, value in meta.items())
    return f"---\n{lines}---\nxqztext\n"


def _value(field: Field) -> Any:
    value = field.choices[0] if field.choices else KEPT.get(field.kind, KEPT["text"])
    return [value] if field.repeat and not isinstance(value, list) else value


def _fence(directive: Directive, argument: str) -> str:
    said = "" if directive.argument == "none" else f" {argument}"
    return f"```{{{directive.name}}}{said}\na lantern\n```\n\n"


# -- when it is off


def _without_it(
    subject: Subject, folder: Path, errors: Errors, texts: dict[str, str]
) -> set[Finding]:
    """Look whether anything is left, and whether its pages can be read."""
    trial = Trial(subject, folder, errors, on=False)
    try:
        addresses = {str(rule) for rule in trial.app.url_map.iter_rules()}
        left = [one for one in addresses if one.startswith(f"/-/p/{subject.name}/")]
        left += sorted(addresses & set(subject.cls.addresses))
        if left:
            trial.add(f"When it is off, {left[0]} still answers.")
        for name, text in texts.items():
            trial.write(name, text)
            trial.visit(trial.visitor, f"/{name}", "when the plugin is off")
        return trial.found
    finally:
        trial.wiki.close()

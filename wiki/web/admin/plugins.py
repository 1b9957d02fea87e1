"""Plugins: what is installed, how it is, and turning one on or off."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, current_app, flash, make_response, redirect, request

from wiki.errors import NotFound, NotValid, StartError
from wiki.plugin_switching import switched as switched
from wiki.registry import OFF, ON, in_folder, installed

from ..current import actor, wiki
from ..frame import address
from ..language import gettext
from .blueprint import bp, draw
from .settings_form import where_words

# What a plugin may declare to use, in words.
USES = (
    ("routes", "It has pages of its own."),
    ("tables", "It keeps data of its own."),
    ("network", "It asks other machines."),
    ("jobs", "It does things by itself, in the background."),
    ("guards", "It can refuse what somebody saves."),
)
NEXT = "Saved. It is in effect everywhere within two seconds."


@dataclass(frozen=True, slots=True)
class Row:
    """A plugin in the list; ``state`` is on, off or broken."""

    name: str
    title: str
    about: str
    version: str
    state: str
    reason: str
    uses: list[str]
    stores: str
    settings: str


@bp.get("/plugins")
def plugins() -> Response:
    return _show()


@bp.post("/plugins")
def switch_plugin() -> Response:
    """Turn a plugin on or off, in all processes."""
    name, on = request.form.get("plugin", ""), "on" in request.form
    if name not in _names():
        raise NotFound("There is no plugin of this name.")
    try:
        config = wiki().settings.config()
        wiki().settings.change(actor(), switched(config, name, _names(), on=on))
    except NotValid as wrong:
        problem = wrong.problems[0]
        places = {k: where_words(v) for k, v in problem.params.items() if k == "where"}
        places = {**problem.params, **places, "what": problem.field}
        return _show(gettext(problem.message) % places, 422)
    except StartError:
        return _show(gettext("Nothing was changed: wiki.toml needs a look first."), 422)
    return _done(gettext(NEXT))


@bp.post("/plugins/again")
def plugin_again() -> Response:
    """Forget a plugin's faults and load all plugins again, in all processes."""
    name = request.form.get("plugin", "")
    if name not in _names():
        raise NotFound("There is no plugin of this name.")
    wiki().door.reset(name)
    wiki().settings.begin_anew(actor(), name)
    return _done(gettext("It is tried again, everywhere within two seconds."))


def _done(words: str) -> Response:
    reloading = current_app.extensions.get("wiki.reloading")
    if reloading is not None:
        reloading.look_now()
    flash(words, "ok")
    return make_response(redirect(address("admin.plugins"), 303))


def _names() -> set[str]:
    folder = in_folder(wiki().config.plugins_folder)
    return {*installed(), *folder, *wiki().registry.states}


def _show(problem: str = "", status: int = 200) -> Response:
    rows = [_row(name) for name in sorted(_names())]
    return draw("plugins.html", status, rows=rows, problem=problem)


def _row(name: str) -> Row:
    known = wiki().registry.states.get(name)
    cls = wiki().registry.classes.get(name)
    if known is None:
        return Row(name, name, "", "", OFF, "", [], "", "")
    faults = [one for one in list(wiki().door.faults.values()) if one.plugin == name]
    reason = gettext(known.reason) if known.reason else ""
    if faults and known.state == ON:
        reason = gettext("It works, but failed %(n)s times.", n=faults[0].count)
    has_settings = cls is not None and bool(cls.settings)
    return Row(
        name,
        gettext(known.title),
        gettext(known.description),
        known.version,
        known.state,
        reason,
        [gettext(words) for word, words in USES if word in known.uses],
        gettext(cls.stores) if cls is not None else "",
        f"{address('admin.settings')}/plugin.{name}" if has_settings else "",
    )

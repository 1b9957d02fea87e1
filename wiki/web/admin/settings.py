"""Settings: a form for each section, made from the declarations."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import (
    Response,
    current_app,
    flash,
    make_response,
    redirect,
    request,
    url_for,
)

from wiki.config import Config
from wiki.errors import LooksTwice, NotFound, NotValid, StartError
from wiki.settings import Setting
from wiki.stored_settings import FILE_WRONG, shown

from ..current import actor, wiki
from ..language import gettext, sentence
from ..security import is_loopback
from .blueprint import bp, draw
from .settings_form import (
    Row,
    about,
    row_of,
    section_names,
    settings_of,
    typed_in,
    value_of,
    values_in,
)

MEANWHILE = (
    "Somebody else has set this to “%(value)s” meanwhile. What you typed is in the "
    "field; save again to have it."
)
ANOTHER_ADDRESS = (
    "The wiki answers at %(url)s only, and you are at %(here)s. If that address does "
    "not lead here, nobody can open the wiki in a browser."
)
NO_WAY_BACK = (
    "You are here without encryption. Nobody can sign in this way any more, you "
    "included; a protected address must lead here."
)


@bp.get("/settings")
def settings() -> Response:
    """List the sections and what was set here in each."""
    config, note = _config()
    sections = []
    for name, words in section_names(wiki().settings.plugins):
        rows = [row_of(config, it, {}) for it in _known(name)]
        here = [row.label for row in rows if row.set_here]
        sections.append({"name": name, "words": words, "here": here, "rows": rows})
    return draw("settings.html", sections_of=sections, note=note)


@bp.get("/settings/<section>")
def settings_section(section: str) -> Response:
    return _form(section, {}, {})


@bp.post("/settings/<section>")
def change_settings(section: str) -> Response:
    """Save what was changed in the form; all of it or nothing."""
    known = _known(section)
    typed = typed_in(request.form, known)
    values, problems = values_in(typed, known)
    problems |= _meanwhile(typed, known)
    if problems or "edit" in request.form:
        return _form(section, typed, problems, 422 if problems else 200)
    return _change(section, values, [], typed)


def _meanwhile(typed: dict[str, str], known: list[Setting]) -> dict[str, str]:
    """Return what somebody else changed since the form was shown, by key."""
    config, _note = _config()
    found = {}
    for it in known:
        if it.key not in typed:
            continue
        there = shown(value_of(config, it))
        if there not in (request.form[f"was.{it.key}"], typed[it.key]):
            found[it.key] = gettext(MEANWHILE, value=there)
    return found


@bp.post("/settings/<section>/back")
def reset_setting(section: str) -> Response:
    """Set one setting back to what holds without the browser."""
    key = request.form.get("key", "")
    if key not in {it.key for it in _known(section)}:
        raise NotFound("There is no such setting.")
    return _change(section, {}, [key], {})


def _change(
    section: str, put: dict[str, Any], drop: list[str], typed: dict[str, str]
) -> Response:
    stored = wiki().settings
    also = [*_about_this_connection(put)]
    try:
        changed = stored.change(
            actor(), put, drop, sure="sure" in request.form, also=also
        )
    except LooksTwice as looks:
        return _ask(section, looks, typed, drop)
    except NotValid as wrong:
        labels = {it.key: it for it in _known(section)}
        problems: dict[str, str] = {}
        for one in wrong.problems:
            known = labels.get(one.field)
            text = about(known, one.message, one.params) if known else sentence(one)
            key = one.field if known else ""
            problems[key] = f"{problems.get(key, '')} {text}".strip()
        return _form(section, typed, problems, 422)
    _tell(section, changed)
    return make_response(
        redirect(url_for("admin.settings_section", section=section), 303)
    )


def _tell(section: str, changed: list[str]) -> None:
    reloading = current_app.extensions.get("wiki.reloading")
    if reloading is not None:
        reloading.look_now()
    waiting = {it.key for it in _known(section) if it.rule.restart}
    if not changed:
        flash(gettext("Nothing was different, so nothing was changed."), "ok")
    elif set(changed) <= waiting:
        flash(gettext("Saved. It takes effect when the wiki is started again."), "ok")
    else:
        flash(gettext("Saved. It is in effect everywhere within two seconds."), "ok")


def _about_this_connection(put: dict[str, Any]) -> list[str]:
    """Return what would keep the person of this request from coming back."""
    if is_loopback(request.host):
        return []
    found = []
    url = put.get("site.url", "")
    if url and urlsplit(url).netloc != request.host:
        found.append(gettext(ANOTHER_ADDRESS, url=url, here=request.host))
    if put.get("security.allow_http") is False and not request.is_secure:
        found.append(gettext(NO_WAY_BACK))
    return found


# -- pages


def _known(section: str) -> list[Setting]:
    found = settings_of(section, wiki().settings.plugins)
    if not found:
        raise NotFound("There is no such section of settings.")
    return found


def _config() -> tuple[Config, str]:
    """Return the settings as stored now, and a note where they cannot be read."""
    try:
        return wiki().settings.config(), ""
    except StartError:
        return wiki().config, gettext(FILE_WRONG)


def _form(
    section: str, typed: dict[str, str], problems: dict[str, str], status: int = 200
) -> Response:
    config, note = _config()
    rows: list[Row] = [row_of(config, it, typed) for it in _known(section)]
    for row in rows:
        row.problem = problems.pop(row.key, "")
    return draw(
        "settings_section.html",
        status,
        section=section,
        words=dict(section_names(wiki().settings.plugins))[section],
        rows=rows,
        note=" ".join([note, *problems.values()]).strip(),
    )


def _ask(
    section: str, looks: LooksTwice, typed: dict[str, str], drop: list[str]
) -> Response:
    """Say what becomes true, and ask once more; nothing typed is lost."""
    config, _note = _config()
    rows = [row_of(config, it, typed) for it in _known(section)]
    return draw(
        "settings_sure.html",
        409,
        section=section,
        sentences=looks.sentences,
        rows=[row for row in rows if row.key in typed],
        key=drop[0] if drop else "",
    )

"""The log: what was done to people, rights and settings, newest first."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Iterator
from typing import Any

from flask import Response, request, url_for

from wiki.errors import WikiError
from wiki.model.actor import OUTSIDE, SYSTEM
from wiki.model.acts import FAMILIES, FORMER, SENTENCES, Act
from wiki.model.audience import is_understood
from wiki.model.times import moment

from .. import sessions
from ..current import actor, number, wiki
from ..language import audience_words, gettext, sentence
from .blueprint import bp, draw

SHOWN, READ_AT_ONCE = 100, 500
# A spreadsheet takes a cell that begins so for something to work out.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@bp.get("/log")
def log() -> Response:
    return _show()


def _show(problem: str = "", status: int = 200, proof: bool = False) -> Response:
    before, asked = number("before"), _asked()
    rows = wiki().accounts.audit.acts(before, SHOWN + 1, **asked)
    older = None
    if len(rows) > SHOWN:
        rows = rows[:SHOWN]
        older = url_for("admin.log", before=rows[-1].id, **asked)
    return draw(
        "log.html",
        status,
        rows=[(row, words(row)) for row in rows],
        asked=asked,
        families=FAMILIES,
        older=older,
        newer=url_for("admin.log", **asked) if before else None,
        problem=problem,
        fresh=not proof and _is_fresh(),
        name=_name,
    )


def _asked() -> dict[str, Any]:
    given = request.values
    kind, person = given.get("kind", ""), given.get("person", "")[:200].strip()
    known = kind in SENTENCES or kind in FAMILIES
    return {"kind": kind if known else "", "person": person}


def words(act: Act) -> str:
    """Return what an act was, in the language of the reader."""
    told = {name: _detail(name, str(value)) for name, value in act.detail.items()}
    told |= {"subject": _name(act.subject)}
    # An act from another version may lack a detail that the sentence names.
    return gettext(SENTENCES.get(act.kind, act.kind)) % _Told(told)


def _detail(name: str, value: str) -> str:
    """Return a detail in words; what people typed stays as it is."""
    if name in ("audience", "read", "edit") and is_understood(value):
        return audience_words(value)
    return role_words(value) if name in ("role", "edit") else _name(value)


def role_words(role: str) -> str:
    known = {
        "admin": gettext("Administrator"),
        "moderator": gettext("Moderator"),
        "editor": gettext("Editor"),
        "member": gettext("Member"),
    }
    return known.get(role, role)


class _Told(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "…"


def _name(name: str) -> str:
    """Return a name as people read it: those in brackets are words of ours."""
    ours = {
        SYSTEM.name: gettext("(the wiki itself)"),
        OUTSIDE.name: gettext("(edited outside)"),
        FORMER: gettext("(former member)"),
    }
    return ours.get(name, name)


# -- as a file


@bp.post("/log.csv")
def save_log() -> Response:
    """Send the log as a file, to an administrator who signed in lately."""
    proof = request.form.get("proof", "")
    try:
        wiki().accounts.prove(actor(), proof, sessions.cookie_of(request))
    except WikiError as error:
        return _show(sentence(error), error.status, proof=True)
    wiki().accounts.audit.note(actor(), "log.saved")
    rows = [_line(*row) for row in (*_head(), *_table(_asked()))]
    answer = Response("".join(rows), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = "attachment; filename=log.csv"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _head() -> Iterator[tuple[str, ...]]:
    """Yield whose file this is, of when and for whom, and the columns."""
    now = moment(time.time_ns() // 1_000_000).strftime("%Y-%m-%d %H:%M")
    title = wiki().config.site.title
    for_whom = gettext("for administrators, saved by %(name)s", name=actor().name)
    yield title, now, for_whom
    yield gettext("When (UTC)"), gettext("Who"), gettext("What"), "id"


def _table(asked: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    before: int | None = None
    while rows := wiki().accounts.audit.acts(before, READ_AT_ONCE, **asked):
        for row in rows:
            when = moment(row.ts).strftime("%Y-%m-%d %H:%M")
            yield when, _name(row.actor), words(row), row.kind
        before = rows[-1].id


def _line(*cells: str) -> str:
    text = io.StringIO()
    csv.writer(text).writerow([_safe(cell) for cell in cells])
    return text.getvalue()


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def _is_fresh() -> bool:
    return wiki().accounts.is_fresh(actor().id or 0, sessions.cookie_of(request))

"""Erase: a text is looked for everywhere, shown how often it stands, then removed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, flash, make_response, redirect, request, url_for

from wiki.erasing import NO_READING_IN, Found
from wiki.errors import NotFound, WikiError
from wiki.model.redaction import MARK, Places

from ..current import actor, wiki
from ..language import gettext, sentence
from .blueprint import bp, draw


@dataclass(frozen=True, slots=True)
class EraseForm:
    """What the form holds; ``again`` is the value typed a second time."""

    value: str = ""
    again: str = ""
    under: str = ""
    ignore_case: bool = False
    files: bool = False

    @property
    def is_meant(self) -> bool:
        return self.again.strip() == self.value.strip()

    def options(self) -> dict[str, Any]:
        return {"ignore_case": self.ignore_case, "under": self.under}


def read_form() -> EraseForm:
    form = request.form
    return EraseForm(
        form.get("value", "")[:2000],
        form.get("again", "")[:2000],
        form.get("under", "")[:1000],
        "ignore_case" in form,
        "files" in form,
    )


@bp.get("/erase")
def erase() -> Response:
    return _show(EraseForm())


def _show(
    form: EraseForm,
    problem: str = "",
    status: int = 200,
    *,
    found: Found | None = None,
    done: Places | None = None,
) -> Response:
    return draw(
        "erase.html",
        status,
        # The history leads here with a version to remove.
        page=request.args.get("name", "")[:1000],
        n=request.args.get("n", "")[:9],
        form=form,
        problem=problem,
        found=found,
        done=done,
        mark=MARK,
        searched=gettext(NO_READING_IN),
    )


@bp.post("/erase")
def erase_now() -> Response:
    """Show what would be erased; erase it once the value was typed again."""
    form = read_form()
    try:
        if "again" not in request.form:
            return _preview(form)
        if not form.is_meant:
            problem = gettext("Nothing was erased: what you typed again is different.")
            return _preview(form, problem, 422)
        done = wiki().erasing.erase(
            actor(), form.value, files=form.files, **form.options()
        )
        wiki().erasing.forget_late()
    except WikiError as error:
        return _show(form, sentence(error), error.status)
    return _show(EraseForm(), done=done)


def _preview(form: EraseForm, problem: str = "", status: int = 200) -> Response:
    found = wiki().erasing.find(actor(), form.value, **form.options())
    return _show(form, problem, status, found=found)


@bp.post("/erase/version")
def expunge() -> Response:
    """Remove the text of one older version for good."""
    name, n = request.form.get("name", "")[:1000], request.form.get("n", "")
    try:
        if not (n.isascii() and n.isdigit() and len(n) < 10):
            raise NotFound(gettext("There is no such version of this page."))
        if "sure" not in request.form:
            problem = gettext("Nothing was removed. Tick the box if you mean it.")
            return _show(EraseForm(), problem, 422)
        wiki().erasing.expunge(actor(), name, int(n))
        wiki().erasing.forget_late()
    except WikiError as error:
        return _show(EraseForm(), sentence(error), error.status)
    flash(gettext("The text of this version was removed for good."), "ok")
    return make_response(redirect(url_for("history.history", name=name), 303))

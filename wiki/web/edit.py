"""Writing: the form, its preview, the save, and what happens when two save at once."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from flask import (
    Blueprint,
    Response,
    flash,
    g,
    jsonify,
    make_response,
    redirect,
    request,
    url_for,
)
from markupsafe import Markup, escape

from wiki.errors import (
    BadName,
    Conflict,
    Gone,
    NameTaken,
    NotFound,
    NotValid,
    Wider,
    WikiError,
)
from wiki.model import names
from wiki.model.merge import Part, Typed, merge3, resolve
from wiki.model.page import ERROR, Draft, Page, Problem
from wiki.model.parts import RenderedPage
from wiki.reviewing import HELD
from wiki.saving import Saved

from .audience import agreed, wider_words
from .current import actor, count_preview, count_write, form_text, page_url, wiki
from .frame import render
from .kept import keep_with, kept
from .language import gettext, sentence
from .people_or_programs import NOT_A_PERSON, is_filled
from .views import without_notes

bp = Blueprint("edit", __name__)

MAX_WARNINGS = 5  # shown after a save; the rest stands in the preview


@dataclass(frozen=True, slots=True)
class EditForm:
    """What a person typed; ``base`` is the version they started from, 0 for none.

    ``page`` is the id of the page they started from: it may have another name by now.
    ``undoes`` is the number of a version that is being taken out, 0 for none.
    """

    name: str
    text: str = ""
    comment: str = ""
    base: int = 0
    type: str = ""
    page: int = 0
    undoes: int = 0

    @property
    def is_new(self) -> bool:
        return self.base == 0


def read_form(name: str = "") -> EditForm:
    return EditForm(
        name=name or request.form.get("name", ""),
        text=form_text("text"),
        comment=request.form.get("comment", "")[:500],
        base=_number("base"),
        type=request.form.get("type", "")[:60],
        page=_number("page"),
        undoes=_number("undoes"),
    )


def _number(field: str) -> int:
    """Return a whole number of the form, 0 for anything else."""
    text = request.form.get(field, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0


@bp.get("/-/edit/<path:name>")
@kept
def edit(name: str) -> Response:
    """Show the form with the newest text."""
    try:
        page = wiki().page(actor(), name)
    except Gone:
        raise
    except NotFound:
        return make_response(redirect(url_for("edit.new", name=name)))
    wiki().access.check(actor(), "edit", page)
    if page.name != name:
        return make_response(redirect(f"/-/edit{page_url(page.name)}", 301))
    text = wiki().source(actor(), page)
    keep_with(page.id)
    return show_form(EditForm(page.name, text, base=page.n, page=page.id), page)


@bp.get("/-/new")
def new() -> Response:
    """Show an empty form, with what a page of the chosen type starts with."""
    wiki().access.check(actor(), "create")
    kind = request.args.get("type", "")
    page_type = wiki().page_type(kind)
    text = page_type.starter if page_type else ""
    name = request.args.get("name", "")[:1000]
    return show_form(EditForm(name, text, type=kind if page_type else ""))


@bp.post("/-/new")
def create() -> Response:
    return save(read_form())


@bp.post("/-/edit/<path:name>")
def update(name: str) -> Response:
    return save(read_form(name))


@bp.post("/-/preview")
def preview() -> Response:
    """Answer with the HTML of a draft, for the live preview."""
    if not wiki().access.allows(actor(), "edit"):
        wiki().access.check(actor(), "create")
    count_preview()
    form = read_form()
    made = without_notes(wiki().preview(actor(), _name_or(form.name), form.text))
    problems = [
        {"level": one.level, "line": one.line, "text": sentence(one)}
        for one in made.problems
    ]
    return jsonify(html=made.html, problems=problems)


def save(form: EditForm) -> Response:
    """Save, or show the form again with everything typed still in it."""
    if "preview" in request.form:
        return show_preview(form)
    try:
        count_write()
        if is_filled() and wiki().newcomers.is_one(actor()):
            raise NotValid(sentence=NOT_A_PERSON)
        form = _followed(form)
        if "resolve" in request.form:
            return save_resolved(form)
        done = wiki().save(actor(), _draft(form), form.base, widen=agreed())
        return saved(done)
    except Conflict as conflict:
        return show_conflict(form, conflict)
    except Wider as wider:
        return show_form(form, wider=wider, status=wider.status)
    except NotValid as invalid:
        problems = list(invalid.problems) or [_problem(invalid)]
        return show_form(form, problems=problems, status=invalid.status)
    except WikiError as error:
        return show_form(form, problems=[_problem(error)], status=error.status)


def _followed(form: EditForm) -> EditForm:
    """Return the form for the page it began with, which may have been renamed.

    Its name may even be another page's by now. Raises Conflict where it was deleted.
    """
    if not form.page or form.is_new:
        return form
    try:
        page = wiki().store.get(form.page, sees=actor().sees)
    except Gone as gone:
        raise Conflict(gone.page_id, form.base, gone.head) from None
    return replace(form, name=page.name)


def saved(done: Saved) -> Response:
    """Answer 303 to the page, with a sentence on what happened."""
    url = page_url(done.page.name)
    if done.held:
        flash(gettext(HELD), "ok")
        url = url_for("review.waiting")
    elif done.unchanged:
        flash(gettext("Nothing was changed, so there is no new version."), "ok")
    elif done.merged:
        text = gettext(
            "Saved. %(name)s changed another part meanwhile; both are in.",
            name=done.merged,
        )
        flash(text, "ok")
    elif done.created:
        flash(gettext("Saved. The page is there for its readers now."), "ok")
    else:
        diff = f"/-/diff{url}?a={done.page.n - 1}&b={done.page.n}"
        see = Markup('<a href="{}">{}</a>').format(diff, gettext("See what changed."))
        flash(Markup("{} {}").format(gettext("Saved."), see), "ok")
    for problem in done.problems[:MAX_WARNINGS]:
        flash(escape(sentence(problem)), "warning")
    for notice in done.notices:
        flash(escape(gettext(notice)), "warning")
    return make_response(redirect(url, 303))


# -- the form again


def show_form(
    form: EditForm,
    page: Page | None = None,
    *,
    problems: list[Problem] | None = None,
    rendered: RenderedPage | None = None,
    wider: Wider | None = None,
    status: int = 200,
) -> Response:
    """Show the form; nothing typed is ever lost on the way."""
    g.view = "edit"
    if page is None and not form.is_new:
        with suppress(WikiError):
            page = wiki().page(actor(), form.name)
    types = [] if page or not form.is_new else _types()
    return render(
        "edit.html",
        status,
        form=form,
        page=page,
        problems=problems or [],
        preview=rendered,
        types=types,
        merged=False,
        similar_warning=_look_alike(form),
        wider=wider_words(wider) if wider else None,
        newcomer=wiki().newcomers.is_one(actor()),
    )


def show_preview(form: EditForm) -> Response:
    if not wiki().access.allows(actor(), "edit"):
        wiki().access.check(actor(), "create")
    try:
        made = without_notes(wiki().preview(actor(), _name_or(form.name), form.text))
    except WikiError as error:
        return show_form(form, problems=[_problem(error)], status=error.status)
    return show_form(form, problems=list(made.problems), rendered=made)


def _types() -> list[dict[str, str]]:
    return [
        {"name": one.name, "label": gettext(one.label)}
        for one in wiki().registry.page_types.values()
    ]


def _look_alike(form: EditForm) -> str:
    """Return a warning about a name that mixes scripts which look alike."""
    if not form.is_new or not form.name:
        return ""
    found = (names.mixed_scripts(part) for part in form.name.split("/"))
    return next((gettext(text) for text in found if text), "")


def _problem(error: WikiError) -> Problem:
    field = "name" if isinstance(error, BadName | NameTaken) else ""
    return Problem(ERROR, field, error.message, params=error.params)


def _draft(form: EditForm) -> Draft:
    return Draft(form.name, form.text, form.comment)


def _name_or(name: str) -> str:
    try:
        return names.clean(name)
    except BadName:
        return "draft"


# -- two people at once


def show_conflict(
    form: EditForm, conflict: Conflict, left: int = 0, problem: str = ""
) -> Response:
    """Show base, theirs and yours, part by part, with the person's text intact."""
    if not conflict.theirs and not conflict.base_text:
        gone = gettext(
            "Somebody deleted this page while you were writing. Your text is here; "
            "save it to make the page again."
        )
        again = replace(form, base=0, page=0)
        return show_form(again, problems=[Problem(ERROR, "", gone)], status=409)
    both = merge3(conflict.base_text, conflict.theirs, conflict.yours)
    try:
        head = wiki().page(actor(), form.name)
        who, theirs_n = head.author, head.n
    except NotFound:
        who, theirs_n = "", conflict.head
    g.view = "edit"
    return render(
        "undo_conflict.html" if form.undoes else "conflict.html",
        400 if problem else 409,
        form=form,
        who=who,
        parts=[_part(i, part) for i, part in enumerate(both.parts)],
        left=left,
        problem=problem,
        base_text=conflict.base_text,
        theirs=conflict.theirs,
        theirs_n=theirs_n,
    )


def save_resolved(form: EditForm) -> Response:
    """Save what the person chose part by part, written on the version they saw."""
    theirs, base_text = _sides(form)
    both = merge3(base_text, theirs.text, form.text)
    choices = {i: _choice(i) for i in range(len(both.parts))}
    chosen = {i: choice for i, choice in choices.items() if choice is not None}
    text = resolve(both.parts, chosen)
    if text is None:
        left = sum(
            part.kind == "conflict" and i not in chosen
            for i, part in enumerate(both.parts)
        )
        conflict = Conflict(
            theirs.id, form.base, theirs.n, base_text, theirs.text, form.text
        )
        return show_conflict(form, conflict, left)
    done = replace(form, text=text, base=theirs.n)
    try:
        return saved(wiki().save(actor(), _draft(done), done.base, widen=agreed()))
    except Wider as wider:
        return show_form(done, wider=wider, status=wider.status)
    except Conflict as conflict:
        # Somebody saved yet again: what was chosen so far is now the person's text.
        return show_conflict(done, conflict)


def _sides(form: EditForm) -> tuple[Page, str]:
    """Return the version that the person saw as theirs, and the text of the base."""
    theirs = wiki().page(actor(), form.name, _number("theirs_n") or None)
    wiki().access.check(actor(), "edit", theirs)
    wiki().source(actor(), theirs)
    if not form.base:
        return theirs, ""
    base = wiki().page(actor(), form.name, form.base)
    return theirs, wiki().source(actor(), base)


def conflict_again(form: EditForm, text: str) -> Response:
    """Show the conflict as it was decided so far, under a sentence why."""
    try:
        theirs, base_text = _sides(form)
    except WikiError:
        # Nothing of the page is shown to those who may not write it.
        return show_form(form, problems=[Problem(ERROR, "", text)], status=400)
    conflict = Conflict(
        theirs.id, form.base, theirs.n, base_text, theirs.text, form.text
    )
    return show_conflict(form, conflict, problem=text)


def _choice(i: int) -> str | Typed | None:
    """Return theirs, yours, both or the text written by hand; None: undecided."""
    value = request.form.get(f"part-{i}", "")
    if value == "own":
        return Typed(form_text(f"own-{i}"))
    return value if value in {"theirs", "yours", "both"} else None


def _part(i: int, part: Part) -> dict[str, Any]:
    return {
        "i": i,
        "kind": part.kind,
        "base": part.base,
        "theirs": part.theirs,
        "yours": part.yours,
        "mergeable": part.field is None,
        "chosen": str(request.form.get(f"part-{i}", "")),
        "own": form_text(f"own-{i}"),
    }

"""The page of administrators: ``/-/p/webhooks/``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, flash, make_response, redirect, request, url_for

import wiki
from wiki import BadRequest, NotFound, Row, WikiError

from .following import ADMINS, AUDIENCES, EVENTS, FAILING, JOINED, PUBLIC
from .sending import new_secret
from .tables import ACTS, ENDPOINT, LOG, MESSAGE, SAVE

if TYPE_CHECKING:
    from . import Webhooks


def blueprint(plugin: Webhooks) -> Blueprint:
    """Return the plugin's pages."""
    pages = Blueprint("webhooks", __name__, template_folder="templates")
    wiki.for_admins(pages)

    @pages.get("/")
    def index() -> Response:
        return show(plugin)

    @pages.post("/")
    def save() -> Response:
        """Make an endpoint, or change the one of this name."""
        form = read_form()
        try:
            check(plugin, form)
            start = plugin.following.start()
            plugin.db.run(SAVE, *form.values(), new_secret(), *start)
        except WikiError as error:
            return show(plugin, error.status, form=form, problem=error)
        plugin.note(wiki.current_actor(), f"saved {form['name']}")
        return back("Saved. Send a test to see whether it arrives.")

    @pages.post("/<int:id>")
    def change(id: int) -> Response:
        return press(plugin, one(plugin, ENDPOINT, id), request.form.get("do", ""))

    @pages.post("/again/<int:id>")
    def again(id: int) -> Response:
        return sent(plugin.sending.send(one(plugin, MESSAGE, id)))

    return pages


def one(plugin: Webhooks, query: str, id: int) -> Row:
    """Return a row by its id; raises NotFound."""
    for found in plugin.db.rows(query, id) if id < 2**63 else ():
        return found
    raise NotFound


def press(plugin: Webhooks, to: Row, do: str) -> Response:
    """Do what a button of an endpoint says; raises NotFound."""
    by = wiki.current_actor()
    if do == "test":
        return sent(plugin.sending.send(plugin.following.test(to, by.name)))
    if do not in ACTS:
        raise NotFound
    sql, words = ACTS[do]
    with plugin.db.writing() as at:
        at.execute(sql, {"id": to["id"], "new": new_secret()})
    plugin.note(by, f"{do} {to['name']}")
    return back(words)


def show(plugin: Webhooks, status: int = 200, **names: Any) -> Response:
    answer = wiki.render(
        "webhooks/index.html",
        status,
        endpoints=plugin.db.rows("SELECT * FROM endpoint ORDER BY name"),
        messages=plugin.db.rows(LOG),
        known=EVENTS,
        audiences=AUDIENCES,
        **names,
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def read_form() -> dict[str, str]:
    fields = ("name", "url", "folder", "audience")
    form = {it: request.form.get(it, "").strip()[:2000] for it in fields}
    form["folder"] = form["folder"].strip("/")
    chosen = set(request.form.getlist("events"))
    # Who joins is for members, what fails for administrators; neither is in a folder.
    if form["audience"] == PUBLIC or form["folder"]:
        chosen -= {JOINED, FAILING}
    elif form["audience"] != ADMINS:
        chosen -= {FAILING}
    return form | {"events": " ".join(one for one in EVENTS if one in chosen)}


def check(plugin: Webhooks, form: dict[str, str]) -> None:
    """Raise BadRequest or OutgoingRefused for what cannot be an endpoint."""
    if not form["name"] or len(form["name"]) > 80:
        raise BadRequest("Give it a name of at most 80 characters.")
    if not form["events"] or form["audience"] not in AUDIENCES:
        raise BadRequest("Choose what it hears of, and of which pages.")
    plugin.check_url(form["url"], inside=plugin.options["inside"])


def sent(wrong: str) -> Response:
    if wrong:
        return back("It did not arrive.", wrong)
    return back("It arrived.")


def back(words: str, wrong: str = "") -> Response:
    said = f"{wiki.gettext(words)} {wiki.gettext(wrong)}".strip()
    flash(said, "warning" if wrong else "ok")
    return make_response(redirect(url_for("webhooks.index"), 303))

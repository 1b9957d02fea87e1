"""Counts every request that changes something, before its view runs.

A new route is counted without saying so. What was typed comes back with the refusal.
"""

from __future__ import annotations

from flask import Flask, Response, current_app, request

from wiki.errors import TooMany

from .current import count_preview, count_write
from .language import sentence
from .security import SAFE_METHODS

# Signing in counts what fails, by account and by address; everybody may sign out.
OWN_LIMITS = frozenset({"account.sign_in_now", "account.sign_out", "edit.preview"})
EDITORS = frozenset({"edit.create", "edit.update"})


def install(app: Flask) -> None:
    app.before_request(count)


def count() -> Response | None:
    """Answer 429, with the form again where there is one, beyond the limit."""
    if request.method in SAFE_METHODS or request.endpoint in OWN_LIMITS:
        return None
    try:
        if request.endpoint in EDITORS and "preview" in request.form:
            count_preview()
        else:
            count_write()
    except TooMany as error:
        form_again = current_app.extensions["wiki.form_again"].get(request.endpoint)
        if form_again is None:
            raise
        answer: Response = form_again(sentence(error))
        answer.status_code = error.status
        answer.headers["Retry-After"] = str(error.seconds)
        return answer
    return None

"""The second step of signing in: a code, after the password was right."""

from __future__ import annotations

from flask import Response, request

from wiki.errors import NotAllowed, SignInFailed, TooMany, WikiError

from .. import sessions
from ..current import wiki
from ..language import sentence
from .blueprint import bp, read_form, signed_in
from .screens import show_second, show_sign_in


@bp.post("/-/sign-in/code")
def second_step() -> Response:
    """Finish a sign-in with a code; until then there is no session."""
    form, key = read_form(), request.form.get("key", "")[:200]
    try:
        sessions.check_transport()
        secret = wiki().accounts.finish_sign_in(
            key,
            request.form.get("code", ""),
            request.remote_addr or "",
            remember=form.remember,
            label=form.label,
            device=sessions.device_of(request),
        )
    except (SignInFailed, NotAllowed, TooMany) as error:
        # It does not wait any more: begin with the name again.
        return show_sign_in(form, sentence(error), error.status)
    except WikiError as error:
        return show_second(form, key, sentence(error), error.status)
    return signed_in(secret, form)

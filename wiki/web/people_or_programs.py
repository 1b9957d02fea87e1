"""Tells people from programs that fill in every form: a hidden field, and patience."""

from __future__ import annotations

from flask import current_app, request
from itsdangerous import BadSignature, TimestampSigner

# People do not see this field; no browser fills it in by itself.
FIELD = "homepage"
LEAST_SECONDS, MOST_SECONDS = 3, 24 * 3600

TOO_QUICK = (
    "That was quicker than people type. Wait a few seconds, then press the button "
    "again. What you typed is still here."
)
NOT_A_PERSON = "Something went wrong with this form. Fill it in once more, by hand."


def stamp() -> str:
    """Return what a form carries to tell when it was shown; an open one's is kept."""
    kept = request.form.get("shown", "")[:200]
    return kept if kept and _age(kept) is not None else _signer().sign(b"form").decode()


def is_filled() -> bool:
    """Tell whether the field that nobody sees was filled in."""
    return bool(request.form.get(FIELD))


def is_quick() -> bool:
    """Tell whether the form was sent sooner than a person types, or never shown."""
    age = _age(request.form.get("shown", "")[:200])
    return age is None or age < LEAST_SECONDS


def _age(text: str) -> int | None:
    try:
        _signer().unsign(text, max_age=MOST_SECONDS)
        _, when = _signer().unsign(text, return_timestamp=True)
    except BadSignature:
        return None
    return int(_signer().get_timestamp() - when.timestamp())


def _signer() -> TimestampSigner:
    return TimestampSigner(current_app.secret_key or "", salt="wiki.join")

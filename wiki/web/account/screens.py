"""The two screens of signing in: name and password, then a code where one is on."""

from __future__ import annotations

from flask import Response

from ..current import wiki
from ..frame import render
from .blueprint import PersonForm
from .party import party


def show_sign_in(form: PersonForm, problem: str = "", status: int = 200) -> Response:
    accounts = wiki().accounts
    return render(
        "sign_in.html",
        status,
        form=form,
        problem=problem,
        ways=accounts.other_ways(),
        passwords=accounts.passwords_on(),
        passkeys=accounts.passkeys_on() and party() is not None,
    )


def show_second(
    form: PersonForm, key: str, problem: str = "", status: int = 200
) -> Response:
    """Ask for the code of the sign-in that ``key`` stands for."""
    return render("second_step.html", status, form=form, key=key, problem=problem)

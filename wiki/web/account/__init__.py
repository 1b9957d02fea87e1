"""Signing in and out, one's own account, the first minutes: one file a topic."""

from . import (
    codes,
    devices,
    home,
    leave,
    name,
    passkeys,
    second_step,
    setup,
    sign_in,
    tokens,
    ways,
)
from .blueprint import PersonForm, bp, check_followed, read_form, signed_in
from .screens import show_second, show_sign_in

__all__ = [
    "PersonForm",
    "bp",
    "check_followed",
    "codes",
    "devices",
    "home",
    "leave",
    "name",
    "passkeys",
    "read_form",
    "second_step",
    "setup",
    "show_second",
    "show_sign_in",
    "sign_in",
    "signed_in",
    "tokens",
    "ways",
]

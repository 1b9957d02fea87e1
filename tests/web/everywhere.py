"""Every address of the wiki, and what each answer must carry (R2)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

WANTED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "camera=(), microphone=(), geolocation=(), payment=(), usb=()"
    ),
}


POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "object-src": "'none'",
    "frame-ancestors": "'none'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "wiki",
}


CHANGING = {"POST", "PUT", "PATCH", "DELETE"}


def address(rule: Rule, name: str) -> str:
    """Return an address of a rule, with the name of a page wherever one fits."""
    given = {"digest": "0", "path": "css/common-ground.css", "tag": name}
    if rule.endpoint == "files.beside":
        given["path"] = f"{name}/map.png"
    url = str(rule)
    for argument in rule.arguments:
        place = re.compile(rf"<(?:(?P<kind>[a-z]+):)?{argument}>")
        found = place.search(url)
        assert found, url
        value = "1" if found["kind"] == "int" else given.get(argument, name)
        url = place.sub(value.replace("\\", r"\\"), url)
    return url


def rules(app: Flask) -> Iterator[tuple[Rule, str]]:
    """Yield every rule with each method that it knows."""
    for rule in app.url_map.iter_rules():
        for method in sorted(rule.methods or ()):
            yield rule, method


def check_headers(response: Any, where: str) -> None:
    for name, value in WANTED.items():
        assert response.headers.getlist(name) == [value], (where, name)
    policies = response.headers.getlist("Content-Security-Policy")
    assert len(policies) == 1, where
    found = dict(part.strip().partition(" ")[::2] for part in policies[0].split(";"))
    if "sandbox" in found:
        assert found == {"default-src": "'none'", "sandbox": ""}, where
    else:
        assert POLICY.items() <= found.items(), where
        assert "unsafe" not in policies[0], where
        assert "*" not in policies[0], where
    assert "Cookie" in response.vary, where
    assert response.headers["Cache-Control"], where

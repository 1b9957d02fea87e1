"""Where to report faults that endanger others (R20)."""

from __future__ import annotations

from pathlib import Path

import pytest

from wiki.app import create_app
from wiki.config import load
from wiki.errors import StartError


def answer(tmp_path: Path, contact: str):
    app = create_app(
        config=load(tmp_path, {}, {"security.contact": contact}), memory=True
    )
    try:
        return app.test_client().get("/.well-known/security.txt")
    finally:
        app.extensions["wiki"].close()


def test_r20_reports_have_an_address(tmp_path: Path) -> None:  # R20
    response = answer(tmp_path, "mailto:safety@example.org")
    assert response.status_code == 200
    assert response.content_type == "text/plain; charset=utf-8"
    fields = dict(line.split(": ", 1) for line in response.text.splitlines())
    assert fields["Contact"] == "mailto:safety@example.org"
    assert fields["Expires"].endswith("T00:00:00Z")
    assert answer(tmp_path, "").status_code == 404


@pytest.mark.parametrize(
    "contact", ["safety@example.org", "javascript:x", "mailto:a b"]
)
def test_addresses_that_are_none(tmp_path: Path, contact: str) -> None:
    with pytest.raises(StartError, match=r"security\.contact"):
        load(tmp_path, {}, {"security.contact": contact})

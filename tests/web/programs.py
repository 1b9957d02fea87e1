"""What programs get: problems in the form of RFC 9457."""

from __future__ import annotations

from typing import Any

V1 = "/-/api/v1"


def problem(response: Any, status: int, slug: str) -> dict[str, Any]:
    """Return an RFC 9457 problem, after a look at what each must hold."""
    assert response.status_code == status, response.text
    assert response.content_type == "application/problem+json"
    found: dict[str, Any] = response.get_json()
    assert found["status"] == status
    assert found["type"] == f"/-/help/errors/{slug}"
    assert found["title"]
    assert found["instance"].startswith("r-")
    return found

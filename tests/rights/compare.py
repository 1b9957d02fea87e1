"""What an answer tells, but for the word that was asked for and what is random."""

from __future__ import annotations

import hashlib
import re
from typing import Any
from urllib.parse import unquote

# Report ids, tokens of forms, and what a browser is told of its own session.
RANDOM = re.compile(r"\br-[0-9a-f]{8}\b|(?<=csrf_token\" value=\")[^\"]+")
OF_THE_MOMENT = frozenset(
    {"Set-Cookie", "RateLimit", "RateLimit-Policy", "Date", "Content-Length"}
)


def words_of(value: str) -> list[str]:
    """Return the spellings of a word that was asked for, longest first."""
    parts = {value, *value.split("/"), *value.split("@"), value.replace("@", "?rev=")}
    parts |= {one.replace("-", " ") for one in parts}
    parts |= {one.replace("/", "%2F") for one in parts}
    return sorted((one for one in parts if len(one) > 3), key=len, reverse=True)


def without(text: str, value: str) -> str:
    """Return a text without the word that was asked for, nor what is random."""
    text = RANDOM.sub("", text)
    for word in words_of(value):
        text = re.sub(re.escape(word), "#", text, flags=re.IGNORECASE)
    if "@" in value:
        n = value.rpartition("@")[2]
        text = re.sub(rf"rev={n}\b|([ab])={n}\b", "#", text)
    return text


def told(response: Any, value: str) -> tuple[int, list[tuple[str, str]], str]:
    """Return status, headers and body of an answer but for the word asked for."""
    headers = sorted(
        (name, without(unquote(text), value))
        for name, text in response.headers
        if name not in OF_THE_MOMENT and not (name == "ETag" and text == _tag(response))
    )
    return response.status_code, headers, without(body_of(response), value)


def _tag(response: Any) -> str:
    """Return the ETag that tells nothing but what stands in the answer."""
    return f'"{hashlib.sha256(response.get_data()).hexdigest()[:20]}"'


def body_of(response: Any) -> str:
    return str(response.get_data().decode("utf-8", "replace"))


def whole(response: Any) -> str:
    """Return all of an answer, headers included, in small letters."""
    headers = "\n".join(unquote(text) for _, text in response.headers)
    return f"{headers}\n{body_of(response)}".lower()

"""A cheap bound: texts whose parse cannot be slow.

Measured for every family of hostile text in tests/markup/hostile.py: below these
sizes, none costs more than a few milliseconds.
"""

from __future__ import annotations

SHORT = 4 * 1024  # characters


def is_quick(body: str) -> bool:
    """Tell whether a body may be parsed where it cannot be stopped.

    Colored code never is: its lexers are not ours and some are slow on few bytes.
    """
    return len(body) <= SHORT and "```" not in body and "~~~" not in body

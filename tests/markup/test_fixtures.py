"""Every feature of the markup: text beside the HTML it becomes, in fixtures/*.txt.

A case is a line of sixteen ``#`` and a name, the text, a line of sixteen ``-``, the
HTML. The page is ``guides/page`` with the title “The title”; names with “missing” in
them do not exist.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from wiki.markup.links import Target, url_of
from wiki.model.parts import Link, RenderedPage

FOLDER = Path(__file__).with_name("fixtures")


def cases() -> Iterator[object]:
    for path in sorted(FOLDER.glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        for case in re.split(r"^#{16} ", text, flags=re.M)[1:]:
            name, _, rest = case.partition("\n")
            source, html = rest.split("\n" + "-" * 16 + "\n")
            yield pytest.param(source, html, id=f"{path.stem}: {name}")


def resolve(targets: Sequence[Target]) -> Mapping[Target, Link]:
    return {
        target: Link(
            f"/-/files/{target.name}" if target.kind == "file" else url_of(target.name)
        )
        for target in targets
        if "missing" not in target.name
    }


@pytest.mark.parametrize(("source", "html"), list(cases()))
def test_becomes(
    source: str,
    html: str,
    show: Callable[..., RenderedPage],
    judge: Callable[[str], tuple[list[str], str]],
) -> None:
    made = show(source, "guides/page", title="The title", resolve=resolve).html
    assert made.strip() == html.strip()
    assert judge(made)[0] == []

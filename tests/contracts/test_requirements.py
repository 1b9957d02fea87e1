"""Each requirement has a test that names it, or stands here with what it waits for.

R1 to R23 are of security, P1 to P20 of privacy. A test names what it proves in a
comment at the line that begins or ends its head, as ``# R10, P4``, or in its name:
``test_r10_…``, ``test_p04_…``.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
REQUIREMENTS = [f"R{n}" for n in range(1, 24)] + [f"P{n}" for n in range(1, 21)]

# What cannot be tried yet, because what it is about is not there, and what adds it.
# Take a row out with the change that adds the thing.
NOT_YET = {
    "P11": "No screen takes in files yet; uploads clean pictures and documents.",
    "P13": "There are no worksheets, checklists and flowcharts yet; guides add them.",
    "P14": "There is no matcher yet; it comes with the tools of coalitions.",
}
# Requirements that are proved for what is there, and what is still to be proved.
IN_PART = {
    "R1": "Atom, sitemap, EPUB and CSV of pages, webhooks: feeds and exports.",
    "R4": "The same durability on PostgreSQL: the issue that adds that mode.",
    "R5": "The same on PostgreSQL.",
    "R10": "Feeds, sitemap, thumbnails, includes, exports, PDF: where each is added.",
    "R11": "Types, sizes and pictures of files that people send: uploads.",
    "R12": "Archives that people send: import. What “wiki panic” reads is tried.",
    "R16": "Webhooks that look twice at where they go: the issue that adds them.",
    "R19": "Backup and restore as commands; archives of an emergency are tried.",
    "R20": "Locked versions, list of parts and scan of a release: releasing.",
    "R23": "Git through dulwich: the mirror.",
    "P2": "Embeds that load after a click, maps: guides and the directory.",
    "P4": "Feeds, calendars, exports, map, graph, offline pack: where each is added.",
    "P6": "Imports of contacts: import of the directory.",
    "P8": "Git mirror and kept exports: the issues that add them.",
    "P9": "Contacts that expire, records unverified for long: the directory.",
    "P10": "Map, feeds and forms for places: the directory.",
    "P12": "Feeds and the Git mirror: the issues that add them.",
    "P19": "Import and forms of the directory.",
}

HEAD = re.compile(r"^def (test_\w+)\(", re.M)
NAMED = re.compile(r"test_((?:[rp]\d\d_)+)")
TOLD = re.compile(r"#\s*((?:[RP]\d{1,2}(?:\s*,\s*)?)+)")


def heads() -> Iterator[tuple[str, str, str]]:
    """Yield (file, name, head) of every test; a head ends with the line of ``:``."""
    for folder in (ROOT / "tests", *ROOT.glob("plugins/*/tests")):
        for path in sorted(folder.rglob("test_*.py")):
            text = path.read_text()
            for found in HEAD.finditer(text):
                end = re.compile(r":[ \t]*(#[^\n]*)?\n").search(text, found.end())
                assert end, (path, found[1])
                head = text[found.start() : end.end()]
                yield str(path.relative_to(ROOT)), found[1], head


def proved() -> dict[str, list[str]]:
    """Return {requirement: the tests that say they prove it}."""
    known: dict[str, list[str]] = defaultdict(list)
    for path, name, head in heads():
        said = set(re.findall(r"[RP]\d{1,2}", " ".join(TOLD.findall(head))))
        prefix = NAMED.match(name)
        if prefix:
            said |= {
                f"{one[0].upper()}{int(one[1:])}"
                for one in prefix[1].strip("_").split("_")
            }
        for one in said:
            known[one].append(f"{path}::{name}")
    return known


def test_every_requirement_has_a_test() -> None:
    known = proved()
    for one in REQUIREMENTS:
        if one in NOT_YET:
            continue
        assert known[one], (
            f"No test proves {one}: name one test_{one[0].lower()}{int(one[1:]):02}_…, "
            f"or write “# {one}” at the line of its def, or say in NOT_YET what it "
            "waits for."
        )


def test_what_is_there_is_no_more_waited_for() -> None:
    known = proved()
    for one, reason in NOT_YET.items():
        assert one not in IN_PART
        assert not known[one], f"{one} has tests; take it out of NOT_YET ({reason})"


@pytest.mark.parametrize("one", [*NOT_YET, *IN_PART])
def test_a_reason_is_given(one: str) -> None:
    assert one in REQUIREMENTS
    reason = (NOT_YET | IN_PART)[one]
    assert reason.endswith(".")
    assert len(reason) > 12


def test_no_test_names_a_requirement_that_is_none() -> None:
    assert set(proved()) <= set(REQUIREMENTS)

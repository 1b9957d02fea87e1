"""What rules on areas cost: a member's page view and save among many of them.

1,000 rules and 200 groups; the reader is in 20 groups. Beside it, in the same run,
the same wiki without rules and a bare Flask route. ``python -m bench.areas``.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from wiki.build import build
from wiki.config import load
from wiki.model.actor import SYSTEM
from wiki.model.rules import Rule
from wiki.service import Wiki
from wiki.store.base import Author

from . import corpus, server
from .server import Server

RULES, GROUPS, OWN = 1_000, 200, 20
PAGES = 1_000
READS, ROUNDS = 300, 5
PASSWORD = "a long password for the bench"


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        pages = corpus.read(Path(scratch) / "corpus")
        print(f"\nareas: {PAGES} pages, {RULES} rules, {GROUPS} groups")
        for label, rules in (("without rules", 0), ("with rules", RULES)):
            folder = Path(scratch) / label.replace(" ", "-")
            (folder / "pages").mkdir(parents=True)
            (folder / "wiki.toml").write_text("[limits]\nreads_per_minute = 1000000\n")
            corpus.write(pages, PAGES, folder / "pages")
            secret = prepare(folder, rules)
            measure(label, folder, secret)


def prepare(folder: Path, rules: int) -> str:
    """Take the pages in, make groups, people and rules; return a member's session."""
    wiki = build(load(folder, os.environ))
    try:
        wiki.store.scan()
        groups = [f"group {n}" for n in range(GROUPS if rules else 0)]
        for at in range(0, len(groups), OWN):
            wiki.accounts.create_user(
                f"person {at}", "member", groups=groups[at : at + OWN]
            )
        wiki.accounts.create_user("reader", "member", PASSWORD, groups[:OWN])
        set_rules(wiki, rules)
        return str(session_of(wiki))
    finally:
        wiki.close()


def session_of(wiki: Wiki) -> Any:
    return wiki.accounts.sign_in("reader", PASSWORD)


def set_rules(wiki: Wiki, rules: int) -> None:
    """Rule folders of every depth, one of them with half of all pages in it."""
    author = Author(SYSTEM.id, SYSTEM.name)
    if not rules:
        return
    began = time.process_time()
    for n in range(rules):
        area = f"area {n % 40}/part {n}/"
        who = f"group:group {n % GROUPS}|group:group {(n * 7) % GROUPS}"
        wiki.store.set_rule(area, Rule(area, who), author)
    wiki.store.set_rule("area/", Rule("area/", "members"), author)
    cost = (time.process_time() - began) / (rules + 1) * 1000
    print(f"  set a rule                 {cost:8.2f} CPU ms")
    name = corpus.PAGE.partition("/")[0] + "/"
    began = time.process_time()
    changed = wiki.store.set_rule(name, Rule(name, "members"), author)
    took = (time.process_time() - began) * 1000
    print(f"  rule over {changed:5} pages      {took:8.2f} CPU ms")


def measure(label: str, folder: Path, secret: str) -> None:
    port, bare_port = server.free_port(), server.free_port()
    with (
        server.started(server.wiki(folder, port), port) as wiki,
        server.started(server.bare(bare_port), bare_port) as bare,
    ):
        wiki.cookies["wiki"] = secret
        path = f"/{corpus.PAGE}"
        answer = wiki.get(path)
        if answer.status != 200:
            raise RuntimeError(f"{path} answered {answer.status}")
        bare.ask("PUT", "/", answer.content)  # type: ignore[attr-defined]
        costs, ceilings = [], []
        for _ in range(ROUNDS):
            costs.append(server.per_request(wiki, READS, lambda i: wiki.get(path)))
            ceilings.append(server.per_request(bare, READS, lambda i: bare.get("/")))
        cost, ceiling = min(costs), min(ceilings)
        print(
            f"  member's page view, {label:14} {cost:6.2f} CPU ms "
            f"{cost / ceiling:5.2f} x a bare route ({ceiling:.2f})"
        )
        first_views(label, wiki)


def first_views(label: str, wiki: Server) -> None:
    """Print what pages cost that this person has not asked for before."""
    listing = wiki.get("/-/api/v1/pages?limit=100").content  # type: ignore[attr-defined]
    names = [row["url"] for row in json.loads(listing)["items"]]
    before = wiki.cpu()
    for url in names:
        wiki.get(url)
    print(
        f"  first view of a page, {label:14} {(wiki.cpu() - before) / len(names):6.2f}"
    )


if __name__ == "__main__":
    main()

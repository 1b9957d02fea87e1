"""Prints CPU ms of the server per request, and the ratio to a bare Flask route.

For 100, 1,000 and 10,000 pages: a visitor's page, the edit form, a save, history,
recent changes, searches; how long the start takes and what indexing costs.
``make bench`` runs it; ``python -m bench 100 1000`` takes other sizes.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlencode

from . import areas, corpus, server
from .server import Server

ROUNDS = 3
READS, SAVES, SEARCHES = 300, 60, 40
QUERIES = {
    "rare word": "ctxtstreambuf",
    "two words": "thread exception",
    "prefix": "serial*",
    "common word": "function",
    "phrase": '"base class"',
}
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def main() -> None:
    sizes = [int(arg) for arg in sys.argv[1:]] or [100, 1_000, 10_000]
    with tempfile.TemporaryDirectory() as scratch:
        pages = corpus.read(Path(scratch) / "corpus")
        print(f"corpus: {len(pages)} pages; sizes: {sizes}; best of {ROUNDS} rounds")
        for size in sizes:
            folder = Path(scratch) / f"wiki-{size}"
            (folder / "pages").mkdir(parents=True)
            (folder / "wiki.toml").write_text(
                "[limits]\nreads_per_minute = 1000000\nwrites_per_minute = 1000000\n"
            )
            corpus.write(pages, size, folder / "pages")
            measure(size, folder)
    areas.main()


def measure(size: int, folder: Path) -> None:
    """Serve one size and print what each kind of request costs."""
    print(f"\n{size} pages")
    port = server.free_port()
    with server.started(server.wiki(folder, port), port) as wiki:
        wait_until_indexed(wiki, size, folder)
    port, bare_port = server.free_port(), server.free_port()
    with (
        server.started(server.wiki(folder, port), port) as wiki,
        server.started(server.bare(bare_port), bare_port) as bare,
    ):
        print(f"  start to first answer      {wiki.first_answer:8.2f} s (wall)")
        visitor(wiki, bare)
        server.sign_in_as_owner(wiki)
        editor(wiki, bare)
        searches(wiki)


def wait_until_indexed(wiki: Server, size: int, folder: Path) -> None:
    """Wait for the first scan and the index, reading and saving meanwhile."""
    server.sign_in_as_owner(wiki)
    name = f"/{corpus.PAGE}"
    began, asked = time.monotonic(), 0
    while time.monotonic() - began < 1200:
        wiki.get(name)
        if asked % 20 == 0:
            save(wiki, f"bench/meanwhile-{asked}", f"written meanwhile {asked}")
            if is_indexed(folder, size):
                break
        asked += 1
        time.sleep(0.1)
    cpu = wiki.cpu(behind=True) / 1000
    took = time.monotonic() - began
    print(
        f"  taken in and indexed       {cpu:8.1f} CPU s ({took:.0f} s, {asked} reads)"
    )


def is_indexed(folder: Path, size: int) -> bool:
    command = [str(Path(sys.executable).parent / "wiki"), "-C", str(folder)]
    done = subprocess.run(
        [*command, "index", "status"], capture_output=True, text=True, check=False
    )
    found = re.search(r"(\d+) pages", done.stdout)
    there = int(found.group(1)) if found else 0
    return there >= size and "up to date" in done.stdout


def visitor(wiki: Server, bare: Server) -> None:
    path = f"/{corpus.PAGE}"
    compare("visitor's page view", wiki, bare, lambda i: wiki.get(path), path)


def editor(wiki: Server, bare: Server) -> None:
    page = corpus.PAGE
    for label, path in (
        ("signed-in page view", f"/{page}"),
        ("edit form", f"/-/edit/{page}"),
        ("history", f"/-/history/{page}"),
        ("recent changes", "/-/recent"),
    ):
        compare(label, wiki, bare, lambda i, path=path: wiki.get(path), path)
    text = wiki.get(f"/-/raw/{page}").content.decode()  # type: ignore[attr-defined]
    before = wiki.cpu(behind=True)
    costs = [
        sum(save(wiki, page, f"{text}\n{r}-{i}") for i in range(SAVES)) / SAVES
        for r in range(ROUNDS)
    ]
    behind = (wiki.cpu(behind=True) - before) / (SAVES * ROUNDS)
    print(
        f"  save                       {min(costs):8.2f} CPU ms "
        f"(and {behind:.1f} behind it, index and files)"
    )


def compare(label: str, wiki: Server, bare: Server, ask, path: str) -> None:  # type: ignore[no-untyped-def]
    """Print the cost of a request and its ratio to the ceiling, rounds in turn."""
    answer = wiki.get(path)
    body = answer.content  # type: ignore[attr-defined]
    if answer.status != 200:
        raise RuntimeError(f"{path} answered {answer.status}")
    bare.ask("PUT", "/", body)
    costs, ceilings = [], []
    for _ in range(ROUNDS):
        costs.append(server.per_request(wiki, READS, ask))
        ceilings.append(server.per_request(bare, READS, lambda i: bare.get("/")))
    cost, ceiling = min(costs), min(ceilings)
    print(
        f"  {label:26} {cost:8.2f} CPU ms  {cost / ceiling:5.2f} x a bare route "
        f"({ceiling:.2f}) of {len(body)} bytes"
    )


def save(wiki: Server, page: str, text: str) -> float:
    """Save as the browser does, the form and then the POST; return its CPU ms."""
    form = wiki.get(f"/-/edit/{page}")
    if form.status == 302:
        form = wiki.get(f"/-/new?name={page}")
    html = form.content.decode()  # type: ignore[attr-defined]
    token = TOKEN.search(html)
    base = re.search(r'name="base" value="(\d+)"', html)
    fields = {
        "csrf_token": token.group(1) if token else "",
        "base": base.group(1) if base else "0",
        "name": page,
        "text": text,
    }
    where = f"/-/edit/{page}" if base and base.group(1) != "0" else "/-/new"
    before = wiki.cpu()
    done = wiki.ask(
        "POST",
        where,
        urlencode(fields),
        **{
            "Content-Type": "application/x-www-form-urlencoded",
            "Sec-Fetch-Site": "same-origin",
        },
    )
    if done.status != 303:
        raise RuntimeError(f"saving {page} answered {done.status}")
    return wiki.cpu() - before


def searches(wiki: Server) -> None:
    for label, query in QUERIES.items():
        path = "/-/search?" + urlencode({"q": query})
        cost = min(
            server.per_request(wiki, SEARCHES, lambda i, path=path: wiki.get(path))
            for _ in range(ROUNDS)
        )
        print(f"  search, {label:18} {cost:8.2f} CPU ms")


main()

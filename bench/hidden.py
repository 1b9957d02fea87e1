"""What a hidden page costs beside a missing one: ``python -m bench.hidden``.

The difference in time must tell nobody that a page is there: medians of CPU time of
1,000 requests each, taken in turn, and how far they are apart in percent.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from pathlib import Path

from flask.testing import FlaskClient

from wiki.app import create_app
from wiki.config import load
from wiki.model.actor import SYSTEM
from wiki.model.page import Draft
from wiki.testing import PASSWORD, submit

REQUESTS, PAGES = 1000, 200
# Names of one length, near each other, some of pages and some of nothing.
HIDDEN = [f"plans/hidden-{n:03}-there" for n in range(20)]
MISSING = [f"plans/hidden-{n:03}-never" for n in range(20)]
SINKS = (
    "/{}",
    "/{}?rev=1",
    "/-/raw/{}",
    "/-/history/{}",
    "/-/diff/{}",
    "/-/links/{}",
    "/-/edit/{}",
    "/-/files/{}/map.png",
    "/-/search?q={}",
    "/-/api/v1/pages/{}",
    "/-/api/v1/history/{}",
)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        limits = {"limits.reads_per_minute": 10**6, "store.watch_files": False}
        app = create_app(config=load(Path(folder), os.environ, limits))
        wiki = app.extensions["wiki"]
        for n in range(PAGES):
            wiki.save(SYSTEM, Draft(f"guides/page-{n}", f"# Page {n}\n\nText.\n"), 0)
        for name in HIDDEN:
            text = "---\naudience: group:core\n---\n# Hidden\n\n" + "Text. " * 500
            wiki.save(SYSTEM, Draft(name, text), 0)
        wiki.accounts.create_user("ana", "editor", PASSWORD)
        visitor, editor = app.test_client(), app.test_client()
        submit(editor, "/-/sign-in", name="ana", password=PASSWORD)
        for who, client in (("visitor", visitor), ("editor", editor)):
            print(who)
            for sink in SINKS:
                compare(client, sink)
        wiki.close()


def compare(client: FlaskClient, sink: str) -> None:
    """Print the medians of both, taken in turn after a round to warm up."""
    names = {"hidden": HIDDEN, "missing": MISSING}
    times: dict[str, list[int]] = {"hidden": [], "missing": []}
    for i in range(-len(HIDDEN), REQUESTS):
        for kind in times if i % 2 else reversed(times):
            began = time.thread_time_ns()
            client.get(sink.format(names[kind][i % len(HIDDEN)]), buffered=True)
            if i >= 0:
                times[kind].append(time.thread_time_ns() - began)
    hidden, missing = (statistics.median(found) / 1e6 for found in times.values())
    print(
        f"  {sink:24} hidden {hidden:6.3f} ms  missing {missing:6.3f} ms  "
        f"ratio {hidden / missing:5.3f}  {100 * (hidden / missing - 1):+5.1f} %"
    )


if __name__ == "__main__":
    main()

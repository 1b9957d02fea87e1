"""A thousand real pages: imported in one go, all open, searched in every process."""

from __future__ import annotations

import http.client
import json
import os
import resource
import tarfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from .conftest import Served, run_wiki, start, stop

ARCHIVE = "corpus-1000.tar.gz"


def archive() -> Path:
    root = Path(__file__).parents[2]
    data = Path(os.environ.get("WIKI_TEST_DATA") or root.parent / "shared" / "data")
    path = data / ARCHIVE
    if not path.exists():
        if os.environ.get("CI"):
            pytest.fail(f"{path} is missing, and CI must have it")
        pytest.skip(f"no {ARCHIVE}; name its folder in WIKI_TEST_DATA")
    return path


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    with tarfile.open(archive()) as packed:
        packed.extractall(folder, filter="data")
    return folder / "corpus-1000" / "pages"


@pytest.fixture(scope="module")
def site(
    source: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Served, str]]:
    """Serve the imported corpus; return it with what the import said."""
    home = tmp_path_factory.mktemp("big")
    (home / "wiki" / "pages").mkdir(parents=True)
    before = cpu()
    done = run_wiki("-C", str(home / "wiki"), "import", str(source))
    print(f"import of the corpus: {cpu() - before:.1f} CPU seconds")
    served = start(home / "wiki", home / "log")
    yield served, done.stdout
    stop(served)


def ask(
    served: Served, path: str, method: str = "GET", body: Any = None, token: str = ""
) -> tuple[int, bytes]:
    """Ask over a connection of its own, so that any worker may answer."""
    connection = http.client.HTTPConnection(urlsplit(served.address).netloc, timeout=60)
    headers = {"Connection": "close", "Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = json.dumps(body) if body is not None else None
    connection.request(method, path, data, headers)
    answer = connection.getresponse()
    got = answer.status, answer.read()
    connection.close()
    return got


def names(source: Path) -> list[str]:
    found = [p.relative_to(source).as_posix() for p in source.rglob("*.md")]
    return sorted(name.removesuffix(".md") for name in found)


def test_all_of_it_is_there_and_opens(site: tuple[Served, str], source: Path) -> None:
    served, said = site
    pages = names(source)
    assert len(pages) == 1000
    assert "1000 new pages" in said

    def faults(some: list[str]) -> list[str]:
        """Open pages over one connection; return those that did not."""
        connection = http.client.HTTPConnection(urlsplit(served.address).netloc)
        found = []
        for name in some:
            connection.request("GET", "/" + quote(name))
            answer = connection.getresponse()
            if b"<article" not in answer.read() or answer.status != 200:
                found.append(f"{answer.status} {name}")
        connection.close()
        return found

    with ThreadPoolExecutor(4) as threads:
        parts = [pages[i::4] for i in range(4)]
        assert [one for found in threads.map(faults, parts) for one in found] == []
    # What was written is what was read.
    for name in pages[::50]:
        text = (source / f"{name}.md").read_text("utf-8-sig")
        _, raw = ask(served, f"/{quote(name)}.md")
        assert raw.decode() == text


def test_what_is_saved_is_found_by_the_next_search(site: tuple[Served, str]) -> None:
    served, _ = site
    served.command("user", "add", "program")
    token = served.command(
        "user", "token", "program", "--scope", "read", "--scope", "write"
    ).strip()
    for i in range(50):
        word = f"quokka{i}zz"
        name = f"fresh/{i}"
        body = {"source": f"# Fresh {i}\n\nHere stands {word}.\n", "base": 0}
        path = f"/-/api/v1/pages/{name}"
        status, got = ask(served, path, "PUT", body, token)
        assert status == 201, got
        # Two, so that both workers are asked now and then.
        for _ in range(2):
            status, got = ask(served, f"/-/api/v1/search?q={word}", token=token)
            assert status == 200, got
            found = json.loads(got)
            assert [hit["name"] for hit in found["items"]] == [name], (i, found)
            assert found["total"] == 1
    body = {"source": "# Fresh\n\nNothing here.\n", "base": 1}
    status, got = ask(served, "/-/api/v1/pages/fresh/7", "PUT", body, token)
    assert status == 200, got
    for _ in range(4):
        _, got = ask(served, "/-/api/v1/search?q=quokka7zz", token=token)
        assert "fresh/7" not in [hit["name"] for hit in json.loads(got)["items"]]

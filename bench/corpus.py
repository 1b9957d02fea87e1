"""Pages to measure with: the real corpus where it is, multiplied with variation."""

from __future__ import annotations

import os
import random
import tarfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
ARCHIVE = "corpus-1000.tar.gz"
PAGE = "standard-library/basic-ostream-class"  # 15 kB, of the corpus


def data_folder() -> Path | None:
    """Return the folder of test data: $WIKI_TEST_DATA, or beside the checkout."""
    given = os.environ.get("WIKI_TEST_DATA")
    folder = Path(given) if given else ROOT.parent / "shared" / "data"
    return folder if (folder / ARCHIVE).exists() else None


def read(scratch: Path) -> list[tuple[str, str]]:
    """Return (path, text) of the corpus; of the starter guides where it is absent."""
    data = data_folder()
    if data is None:
        pages = ROOT / "pages"
        return [
            (str(p.relative_to(pages)), p.read_text())
            for p in sorted(pages.rglob("*.md"))
        ]
    with tarfile.open(data / ARCHIVE) as archive:
        archive.extractall(scratch, filter="data")
    pages = next(scratch.rglob("pages"))
    return [
        (str(p.relative_to(pages)), p.read_text()) for p in sorted(pages.rglob("*.md"))
    ]


def write(pages: list[tuple[str, str]], size: int, folder: Path) -> None:
    """Write ``size`` pages: the corpus under several roots, each text varied."""
    chance = random.Random(size)
    words = sorted(
        {word for _, text in pages[:50] for word in text.split() if word.isalpha()}
    )
    # The page that is measured stands in every size.
    first = [one for one in pages if one[0] == f"{PAGE}.md"] or pages[:1]
    rest = [one for one in pages if one not in first]
    for i in range(size):
        name, text = (first + rest)[i % len(pages)]
        root = f"part-{i // len(pages)}/" if i >= len(pages) else ""
        if root:
            text += "\n\n" + " ".join(chance.choices(words, k=40)) + "\n"
        path = folder / (root + name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

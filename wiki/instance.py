"""The folder of a wiki: found, made when new, checked before serving."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import shutil
from importlib.resources import files
from pathlib import Path

from .errors import StartError

CHECKOUT = Path(__file__).parent.parent / "pages"
# Of a checkout's pages, those that are shipped; made with: make starter
MANIFEST = Path(__file__).parent / "starter.sha256"

_KEY_LENGTH = 32  # bytes

FIRST_PAGES = ("home", "index", "readme")

CONFIG = """\
# Settings of this wiki; `wiki config docs` lists all of them.

[site]
title = "{title}"
home = "{home}"

[store]
pages = "{pages}"
"""


def prepare(folder: Path, *, starter: bool = True) -> Path:
    """Make a folder an instance if it is none yet, and return it.

    A folder that holds Markdown is taken as it is: its own files are the pages.
    A new or empty folder gets the starter guides. Raises StartError.
    """
    folder = folder.expanduser().absolute()
    if folder.exists() and not folder.is_dir():
        raise StartError(f"“{folder}” is a file. Name a folder.", 2)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not is_instance(folder):
            _begin(folder, starter=starter)
    except OSError as error:
        raise StartError(
            f"“{folder}” cannot be written ({error.strerror}). "
            "Choose a folder of your own, or give yourself the right to write there."
        ) from error
    if not os.access(folder, os.W_OK):
        raise StartError(
            f"“{folder}” cannot be written. Choose a folder of your own, "
            "or give yourself the right to write there."
        )
    return folder


def is_instance(folder: Path) -> bool:
    return (folder / "wiki.toml").exists() or (folder / "pages").is_dir()


def _begin(folder: Path, *, starter: bool) -> None:
    own = markdown_in(folder)
    title = folder.name.replace("-", " ").replace("_", " ").strip().capitalize()
    title = title.replace("\\", "").replace('"', "") or "Common Ground"
    if own:
        _write_config(folder, title, _home_of(own), ".")
        return
    pages = folder / "pages"
    # Pages that are for few lie there too: for nobody but the owner.
    pages.mkdir(mode=0o700, exist_ok=True)
    if starter:
        copy_starter(pages)
        title = "Common Ground"
    _write_config(folder, title, "home", "pages")


def _write_config(folder: Path, title: str, home: str, pages: str) -> None:
    text = CONFIG.format(title=title, home=home, pages=pages)
    (folder / "wiki.toml").write_text(text, encoding="utf-8")


def markdown_in(folder: Path) -> list[Path]:
    """Return Markdown files of a folder, those at its top first; a few are enough."""
    top = sorted(folder.glob("*.md")) + sorted(folder.glob("*.markdown"))
    if top:
        return top
    return sorted(folder.glob("*/*.md"))[:10] or sorted(folder.glob("*/*/*.md"))[:10]


def _home_of(own: list[Path]) -> str:
    stems = {path.stem.lower(): path.stem for path in own}
    return next((stems[name] for name in FIRST_PAGES if name in stems), "home")


def copy_starter(pages: Path) -> None:
    """Copy the starter guides into an empty pages folder.

    A checkout may be somebody's wiki: of its pages only those go along that are just
    as they were shipped, so that nobody's own words travel.
    """
    source = starter_pages()
    shipped = manifest() if source == CHECKOUT else None
    for path in sorted(source.rglob("*.md")):
        place = path.relative_to(source)
        if shipped is None or shipped.get(place.as_posix()) == digest(path):
            target = pages / place
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)


def manifest() -> dict[str, str]:
    """Return {path: SHA-256} of the pages as they are shipped."""
    rows = MANIFEST.read_text("utf-8").splitlines()
    return {path: sha for sha, _, path in (row.partition("  ") for row in rows)}


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def starter_pages() -> Path:
    """Return the folder of the starter guides: in the wheel, else in the checkout."""
    packed = Path(str(files("wiki"))) / "starter"
    if packed.is_dir():
        return packed
    return CHECKOUT


def secret_key(var: Path) -> str:
    """Return the key that signs forms, made once and shared by all processes.

    Raises StartError where it cannot be made.
    """
    path = var / "secret.key"
    if path.is_dir():
        raise StartError(f"“{path}” is a folder. Remove it; the wiki makes the file.")
    with contextlib.suppress(OSError, ValueError):
        kept = path.read_text("ascii").strip()
        if len(kept) >= _KEY_LENGTH:
            return kept
        path.unlink()  # torn or emptied: forms that are open now will ask again
    made = var / f".secret.{os.getpid()}.tmp"
    fd = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(fd, "w") as file:
        file.write(secrets.token_hex(_KEY_LENGTH))
    # Whole or not at all, and the first of several processes wins.
    with contextlib.suppress(FileExistsError):
        os.link(made, path)
    made.unlink()
    return path.read_text("ascii").strip()

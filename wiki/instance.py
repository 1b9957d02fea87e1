"""The folder of a wiki: found, made when new, checked before serving."""

from __future__ import annotations

import os
import shutil
from importlib.resources import files
from pathlib import Path

from .errors import StartError

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
    if starter:
        copy_starter(pages)
        title = "Common Ground"
    else:
        pages.mkdir(exist_ok=True)
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
    """Copy the starter guides into an empty pages folder."""
    shutil.copytree(starter_pages(), pages, dirs_exist_ok=True)


def starter_pages() -> Path:
    """Return the folder of the starter guides: in the wheel, else in the checkout."""
    packed = Path(str(files("wiki"))) / "starter"
    if packed.is_dir():
        return packed
    return Path(__file__).parent.parent / "pages"

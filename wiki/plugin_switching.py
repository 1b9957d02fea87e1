"""Turning plugins on and off, and removing what one has kept."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from pathlib import Path
from typing import Any

from .config import Config
from .registry import in_folder, installed


def present(config: Config) -> set[str]:
    """Return the names of the plugins that a wiki could use."""
    return {*installed(), *in_folder(config.plugins_folder)}


def is_wanted(config: Config, name: str) -> bool:
    """Tell whether the settings have a plugin on."""
    used, unused = config.plugins.enabled, config.plugins.disabled
    return name not in unused and (not used or name in used)


def switched(
    config: Config, name: str, all_names: Collection[str], *, on: bool
) -> dict[str, Any]:
    """Return the settings with which a plugin is on or off, and no other changes."""
    used, unused = list(config.plugins.enabled), list(config.plugins.disabled)
    if on:
        unused = [one for one in unused if one != name]
        used = [*used, name] if used and name not in used else used
    elif used:
        used = [one for one in used if one != name]
        # An empty list stands for all of them.
        unused = unused if used else sorted(all_names)
    else:
        unused = [*unused, name] if name not in unused else unused
    new = {"plugins.enabled": used, "plugins.disabled": unused}
    return {k: v for k, v in new.items() if tuple(v) != config.value(k)}


def folder_of(config: Config, name: str) -> Path:
    """Return where a plugin keeps what is its own; it need not be there."""
    return config.var / "plugins" / name


def files_in(folder: Path) -> list[Path]:
    """Return the files below a folder; none where it is not there."""
    return [path for path in folder.rglob("*") if path.is_symlink() or path.is_file()]


def remove_folder(folder: Path) -> None:
    """Remove a folder; of a link to one, the link. Raises OSError."""
    if folder.is_symlink():
        folder.unlink()
    elif folder.is_dir():
        shutil.rmtree(folder)

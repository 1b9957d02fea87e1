"""Whether the search library is installed once: its forks overwrite each other."""

from __future__ import annotations

from importlib import metadata

from wiki.errors import StartError

_FORKS = ("whoosh3", "whoosh", "whoosh-reloaded", "whoosh-novo")


def installed_forks() -> list[tuple[str, str]]:
    """Return (distribution, version) of all that bring a package "whoosh"."""
    found = []
    for name in _FORKS:
        try:
            found.append((name, metadata.version(name)))
        except metadata.PackageNotFoundError:
            continue
    return found


def check_installation() -> None:
    """Raise StartError unless one distribution of the search library is installed."""
    found = installed_forks()
    if len(found) > 1:
        named = " and ".join(f"{name} {version}" for name, version in found)
        everything = " ".join(name for name, _ in found)
        keep = found[0]
        raise StartError(
            f"{named} are both installed and overwrite each other's files. Run\n"
            f"  pip uninstall -y {everything} && pip install {keep[0]}=={keep[1]}\n"
            "and start again. Your pages are not affected.",
            exit_code=4,
        )

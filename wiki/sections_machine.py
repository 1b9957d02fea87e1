"""Settings of the machine: files, search, limits, the server, the log, plugins."""

from __future__ import annotations

from dataclasses import dataclass

from . import checks
from .settings import setting

MOST_WORKERS = 64


@dataclass(frozen=True, slots=True)
class StoreRules:
    pages: str = setting(
        "pages",
        "The folder of the pages, seen from wiki.toml.",
        label="Folder of the pages",
        file_only=True,
        restart=True,
        check=checks.filled,
    )
    watch_files: bool = setting(
        True,
        "Whether edits on disk become versions while the wiki runs.",
        label="Take in changes of files",
    )


@dataclass(frozen=True, slots=True)
class SearchRules:
    engine: str = setting(
        "whoosh",
        "The search engine: whoosh keeps an index on disk, memory none.",
        label="Search engine",
        restart=True,
        words=("Whoosh: an index on disk", "Memory: for small wikis"),
        choices=("whoosh", "memory"),
    )


@dataclass(frozen=True, slots=True)
class Limits:
    page_kb: int = setting(
        256, "Largest page, in kB.", label="Largest page (kB)", least=1, most=256
    )
    file_mb: int = setting(
        20,
        "Largest file beside a page, in MB.",
        label="Largest file (MB)",
        least=1,
        most=80,
    )
    reads_per_minute: int = setting(
        600,
        "Reads a minute for a program with a token; a visitor has a fifth.",
        label="Reads a minute by a program",
        least=5,
        most=1_000_000,
    )
    writes_per_minute: int = setting(
        60,
        "Writes a minute for one person.",
        label="Writes a minute by a person",
        least=1,
        most=1_000_000,
    )


@dataclass(frozen=True, slots=True)
class RenderRules:
    cpu_seconds: int = setting(
        2,
        "Seconds that laying out one page may take.",
        label="Seconds to lay out a page",
        least=1,
        most=8,
    )
    memory_mb: int = setting(
        256,
        "Memory that laying out one page may take, in MB.",
        label="Memory to lay out a page (MB)",
        least=64,
        most=1024,
    )


@dataclass(frozen=True, slots=True)
class Server:
    host: str = setting(
        "127.0.0.1",
        "The address to listen on; 0.0.0.0 is every one of this machine.",
        label="Address to listen on",
        file_only=True,
        restart=True,
        check=checks.filled,
    )
    port: int = setting(
        8000,
        "The port to listen on.",
        label="Port",
        file_only=True,
        restart=True,
        least=1,
        most=65535,
    )
    workers: int = setting(
        0,
        "Worker processes; 0 for as many as there are processors.",
        label="Worker processes",
        restart=True,
        least=0,
        most=MOST_WORKERS,
    )
    trusted_proxies: tuple[str, ...] = setting(
        (),
        "Addresses of the machines in front whose X-Forwarded headers count.",
        label="Machines in front",
        file_only=True,
        check=checks.proxies,
    )


@dataclass(frozen=True, slots=True)
class Log:
    level: str = setting(
        "info",
        "How much is written to the log.",
        label="What the log tells",
        restart=True,
        words=(
            "Everything, for finding faults",
            "What happened",
            "What looks wrong",
            "What failed",
        ),
        choices=("debug", "info", "warning", "error"),
    )


@dataclass(frozen=True, slots=True)
class PluginRules:
    enabled: tuple[str, ...] = setting(
        (), "Plugins to use; empty for all installed.", label="Plugins to use"
    )
    disabled: tuple[str, ...] = setting(
        (), "Plugins to leave out.", label="Plugins to leave out"
    )
    budget_ms: int = setting(
        1000,
        "Milliseconds one call of a plugin may take.",
        label="Milliseconds for one call of a plugin",
        least=10,
        most=60_000,
    )
    max_failures: int = setting(
        20,
        "Failures after which a plugin's hook is off.",
        label="Failures until a hook is off",
        least=1,
        most=1000,
    )

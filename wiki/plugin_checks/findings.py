"""What a check of a plugin found, and the plugin that it looked at."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wiki.plugin import Plugin


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A problem: where it is (file, or file and line) and what to do about it."""

    place: str
    text: str

    def __str__(self) -> str:
        return f"{self.place}: {self.text}"


@dataclass(frozen=True, slots=True)
class Subject:
    """A plugin with the folder of its module; ``single`` is one that is one file."""

    cls: type[Plugin]
    file: Path
    single: bool = False

    @property
    def name(self) -> str:
        return self.cls.name

    @property
    def home(self) -> Path:
        return self.file.parent

    def sources(self) -> list[Path]:
        """Return its Python files."""
        return [self.file] if self.single else sorted(self.home.rglob("*.py"))

    def templates(self) -> Iterator[Path]:
        """Yield its templates; the folder of a single file may hold others' as well."""
        folder = self.home / "templates"
        folder = folder / self.name if self.single else folder
        yield from (path for path in sorted(folder.rglob("*")) if path.is_file())

    def catalogs(self) -> list[Path]:
        return [] if self.single else sorted((self.home / "locale").rglob("*.po"))

    def at(self, path: Path, line: int = 0) -> str:
        """Return the place of a line as people write it."""
        base = self.home if self.single else self.home.parent
        shown = path.relative_to(base) if path.is_relative_to(base) else path
        return f"{shown}:{line}" if line else str(shown)

    def finding(self, text: str, path: Path | None = None, line: int = 0) -> Finding:
        return Finding(self.at(path or self.file, line), text)

    def finding_at(self, thing: Any, text: str) -> Finding:
        """Return a finding about a class or a function."""
        try:
            path = Path(inspect.getsourcefile(thing) or self.file)
            return self.finding(text, path, inspect.getsourcelines(thing)[1])
        except (OSError, TypeError):
            return self.finding(text)

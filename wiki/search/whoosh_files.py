"""Files of a Whoosh index, closed when reading them fails."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from whoosh.filedb.filestore import FileStorage


class _Storage(FileStorage):  # type: ignore[misc]
    """Remembers what it opened: Whoosh drops files that it cannot read unclosed."""

    def __init__(self, folder: str) -> None:
        super().__init__(folder)
        self.opened: list[Any] = []

    def open_file(self, name: str, **kwargs: Any) -> Any:
        file = super().open_file(name, **kwargs)
        self.opened.append(file)
        return file


@contextmanager
def files_of(folder: str) -> Iterator[Any]:
    """Lend the storage of a folder; after an error all that it opened is closed."""
    storage = _Storage(folder)
    try:
        yield storage
    except BaseException:
        for file in storage.opened:
            with suppress(Exception):
                file.close()
        raise
    finally:
        storage.opened.clear()

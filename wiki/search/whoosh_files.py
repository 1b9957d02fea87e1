"""Files of a Whoosh index, for reading and for writing, closed when that fails."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from whoosh.filedb.filestore import FileStorage
from whoosh.index import FileIndex

from wiki.search.whoosh_codec import Codec
from wiki.search.whoosh_schema import SCHEMA


class _Storage(FileStorage):  # type: ignore[misc]
    """Remembers what it opened: after an error Whoosh drops files unclosed."""

    def __init__(self, folder: str, opened: list[Any]) -> None:
        super().__init__(folder)
        self._opened = opened

    def open_file(self, name: str, **kwargs: Any) -> Any:
        file = super().open_file(name, **kwargs)
        self._opened.append(file)
        return file

    def create_file(self, name: str, **kwargs: Any) -> Any:
        file = super().create_file(name, **kwargs)
        self._opened.append(file)
        return file

    def temp_storage(self, name: str | None = None) -> Any:
        folder = super().temp_storage(name).folder
        return _Storage(folder, self._opened)


@contextmanager
def files_of(folder: Path) -> Iterator[Any]:
    """Lend the storage of a folder; after an error all that it opened is closed."""
    opened: list[Any] = []
    try:
        yield _Storage(str(folder), opened)
    except BaseException:
        for file in opened:
            with suppress(Exception):
                file.close()
        raise
    finally:
        opened.clear()


@contextmanager
def writing(folder: Path, *, new: bool = False) -> Iterator[Any]:
    """Lend a Whoosh writer; what is not committed is undone.

    One writer has the index at a time, whatever the process; LockError after 30 s.
    """
    with files_of(folder) as storage:
        if new:
            folder.mkdir(mode=0o700)
            index = FileIndex.create(storage, SCHEMA)
        else:
            index = FileIndex(storage, SCHEMA)
        writer = index.writer(
            timeout=30.0, delay=0.01, limitmb=256, procs=1, codec=Codec()
        )
        try:
            yield writer
        finally:
            if not writer.is_closed:
                with suppress(Exception):
                    writer.cancel()

"""``make messages``: brings the catalogs of all languages up to date and compiles them.

New sentences come in empty and are shown in English until somebody translates them
in ``wiki/locale/<language>/LC_MESSAGES/messages.po``; then run this again. Sentences
that are gone leave the catalog. No dates are written: a diff shows words only.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[2]
LOCALE = ROOT / "wiki/locale"
HEADER = "# Words of Common Ground in another language. Made with: make messages\n#"
DATED = re.compile(
    r'"(?:POT-Creation-Date|PO-Revision-Date|Last-Translator|Report-Msgid-Bugs-To'
    r"|Language-Team|Generated-By)"
    r"[^\n]*\n"
)

# A message (a tuple where it has a plural) and the files that it stands in.
Used = dict[str | tuple[str, ...], list[str]]


def used(root: Path = ROOT) -> Used:
    """Return every message of the product and where it stands, in order."""
    with (root / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    found: Used = {}
    rows = extract_from_dir(root, methods, options, directory_filter=_is_source)
    for path, _line, message, _comments, _context in sorted(rows, key=_place):
        places = found.setdefault(message, [])
        if path not in places:
            places.append(path)
    return found


def _place(row: tuple[str, int, object, object, object]) -> tuple[str, int]:
    return row[0], row[1]


def _is_source(folder: str) -> bool:
    return not Path(folder).name.startswith((".", "_", "var", "build"))


def languages() -> Iterator[tuple[str, Path]]:
    for folder in sorted(LOCALE.iterdir()):
        if (folder / "LC_MESSAGES").is_dir():
            yield folder.name, folder / "LC_MESSAGES/messages.po"


def read(language: str, path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=language)


def renewed(language: str, old: Catalog, messages: Used) -> Catalog:
    """Return a catalog of the messages in use, with the words that are known."""
    catalog = Catalog(
        locale=language,
        project="Common Ground",
        version="0.1",
        copyright_holder="Common Ground contributors",
        header_comment=HEADER,
        fuzzy=False,
    )
    for message, paths in messages.items():
        single = message if isinstance(message, str) else message[0]
        known = old.get(single)
        words = known.string if known is not None and known.id == message else None
        catalog.add(message, words, locations=[(path, 0) for path in paths])
    return catalog


def write(catalog: Catalog, path: Path) -> None:
    """Write a catalog and, beside it, its compiled form."""
    buffer = io.BytesIO()
    write_po(buffer, catalog, width=88, include_lineno=False)
    path.write_text(DATED.sub("", buffer.getvalue().decode()), encoding="utf-8")
    with path.with_suffix(".mo").open("wb") as file:
        write_mo(file, read(str(catalog.locale), path))


def main() -> None:
    messages = used()
    for language, path in languages():
        catalog = renewed(language, read(language, path), messages)
        write(catalog, path)
        empty = [one for one in catalog if one.id and not any(one.string or "")]
        print(f"{language}: {len(messages)} sentences, {len(empty)} to translate")


if __name__ == "__main__":
    main()

"""Every sentence that a person can read is there in every language."""

from __future__ import annotations

import gettext
import re

import pytest
from babel.messages.catalog import Message

from wiki.web import catalogs

CATALOGS = dict(catalogs.languages())
PLACES = re.compile(r"%\(\w+\)[sd]|</?\w+>")

each_language = pytest.mark.parametrize("language", CATALOGS)


def texts(message: Message) -> tuple[str, ...]:
    strings = message.string or ""
    return (strings,) if isinstance(strings, str) else tuple(strings)


@pytest.fixture(scope="module")
def used() -> catalogs.Used:
    return catalogs.used()


def test_there_are_four_languages() -> None:
    # English is the language of the messages themselves.
    assert set(CATALOGS) >= {"ar", "es", "fr"}


def test_sentences_from_every_layer_are_found(used: catalogs.Used) -> None:
    assert len(used) > 500
    for text in (
        "Skip to the text",  # a template
        "Not saved: the disk is full. Your text is still here.",  # an error
        "%(field)s must be one of: %(choices)s.",  # a problem that a plugin found
        "Short definition",  # the label of a plugin's field
        "All pages",  # the navigation
    ):
        assert text in used


@each_language
def test_nothing_is_missing(language: str, used: catalogs.Used) -> None:
    there = catalogs.read(language, CATALOGS[language])
    missing = []
    for text in used:
        found = there.get(text if isinstance(text, str) else text[0])
        if found is None or not all(texts(found)) or found.fuzzy:
            missing.append(text)
    assert missing == []


@each_language
def test_places_and_tags_are_kept(language: str) -> None:
    for message in catalogs.read(language, CATALOGS[language]):
        if not message.id:
            continue
        ids = (message.id,) if isinstance(message.id, str) else tuple(message.id)
        known = sorted(PLACES.findall(ids[-1]))
        for text in texts(message):
            places = sorted(PLACES.findall(text))
            if len(ids) == 1:
                assert places == known, message.id
            else:
                assert set(places) <= set(known), message.id


@each_language
def test_the_compiled_catalog_is_that_of_its_source(language: str) -> None:
    with CATALOGS[language].with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for message in catalogs.read(language, CATALOGS[language]):
        if message.id and isinstance(message.id, str):
            assert compiled.gettext(message.id) == message.string

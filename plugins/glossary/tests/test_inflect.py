"""Forms that are generated, by language."""

from __future__ import annotations

import pytest

from wiki_glossary.inflect import forms


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("ally", ["allies", "ally's"]),
        ("base", ["bases", "base's"]),
        ("church", ["churches", "church's"]),
        ("person", ["people", "people's", "person's"]),
        ("power map", ["power maps", "power map's"]),
        ("theory of change", ["theories of change", "theory of change's"]),
        ("analysis", ["analyses", "analysis's", "analysis'"]),
        ("UPS", ["UPSs", "UPS's", "UPS'"]),
        ("leaf", ["leaves", "leaf's"]),
        ("day", ["days", "day's"]),
        ("spokeswoman", ["spokeswomen", "spokeswomen's", "spokeswoman's"]),
    ],
)
def test_english_nouns(label: str, expected: list[str]) -> None:
    assert forms(label, "en") == expected


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("organize", ["organizes", "organized", "organizing"]),
        ("plan", ["plans", "planned", "planning"]),
        ("commit", ["commits", "committed", "committing"]),
        ("rally", ["rallies", "rallied", "rallying"]),
        ("show up", ["shows up", "showed up", "showing up"]),
        ("co-sign", ["co-signs", "co-signed", "co-signing"]),
        ("meet", ["meets", "met", "meeting"]),
        ("agree", ["agrees", "agreed", "agreeing"]),
    ],
)
def test_english_verbs(label: str, expected: list[str]) -> None:
    assert forms(label, "en", "verb") == expected


def test_names_and_adjectives() -> None:
    assert forms("River City", "en", "name") == ["River City's"]
    assert forms("grassroots", "en", "adjective") == []


@pytest.mark.parametrize(
    ("label", "plural"),
    [
        ("coalición", "coaliciones"),
        ("poder popular", "poderes populares"),
        ("círculo de confianza", "círculos de confianza"),
        ("voz", "voces"),
        ("interés", "intereses"),
        ("base", "bases"),
    ],
)
def test_spanish(label: str, plural: str) -> None:
    assert forms(label, "es") == [plural]


@pytest.mark.parametrize(
    ("label", "plural"),
    [
        ("alliance", "alliances"),
        ("réseau", "réseaux"),
        ("réseau local", "réseaux locaux"),
        ("théorie du changement", "théories du changement"),
    ],
)
def test_french(label: str, plural: str) -> None:
    assert forms(label, "fr") == [plural]


def test_arabic_clitics() -> None:
    made = forms("قاعدة", "ar")
    assert {"القاعدة", "والقاعدة", "بقاعدة", "للقاعدة", "وبالقاعدة"} <= set(made)
    assert "قاعدتنا" not in made
    assert set(forms("القاعدة", "ar")) >= {"قاعدة", "والقاعدة"}


def test_other_languages_have_their_own_forms_only() -> None:
    assert forms("bündnis", "de") == []

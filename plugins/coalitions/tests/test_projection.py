"""What each reader sees of a record: page, field and item must all let them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from wiki import Record, Sees
from wiki_coalitions.projection import project

VISITOR: Sees = frozenset({"public"})
MEMBER: Sees = frozenset({"public", "members"})
PARTNER: Sees = frozenset({"public", "members", "group:coalitions/x"})
ADMIN: Sees = None
TODAY = date(2026, 11, 24)
C = "canary"


def shown(fields: dict[str, Any], sees: Sees) -> str:
    record = Record(1, "groups/g", "G", {"type": "group", **fields})
    found = project(record, "group", sees, TODAY)
    return f"{dict(found.fields)} {found.asks} {found.summary}"


@pytest.mark.parametrize(
    "fields",
    [
        {"contacts": [{"kind": "email", "value": C}]},
        {"needs": [{"text": C}]},
        {"log": [{"date": "2026", "note": C}]},
        {"verified_by": C},
        {"location": {"lat": 1, "lon": 2, "precision": "city", "name": C}},
        {"values": [{"concept": C, "stance": "oppose"}]},
        {"values": [{"concept": C}]},
        {"goals": [{"text": C, "stance": "oppose"}]},
        {"relations": [{"to": C, "kind": "opposes"}]},
        {"data_agreement": C},
        {"summary": C, "audiences": {"summary": "members"}},
        {"asks": [{"text": C, "audience": "members"}]},
        {"asks": [{"text": C}], "audiences": {"asks": "members"}},
        {"offers": [{"text": C, "audience": "members"}]},
    ],
)
def test_for_members(fields: dict[str, Any]) -> None:
    assert C not in shown(fields, VISITOR)
    assert C in shown(fields, MEMBER) or "location" in fields
    assert C in shown(fields, ADMIN) or "location" in fields


@pytest.mark.parametrize(
    "fields",
    [
        {"contacts": [{"value": C, "audience": "group:coalitions/x"}]},
        {"goals": [{"text": C, "stance": "support", "audience": "group:coalitions/x"}]},
        {"goals": [{"text": C}], "audiences": {"goals": "group:coalitions/x"}},
    ],
)
def test_for_partners(fields: dict[str, Any]) -> None:
    assert C not in shown(fields, VISITOR)
    assert C not in shown(fields, MEMBER)
    assert C in shown(fields, PARTNER)


@pytest.mark.parametrize(
    "fields",
    [
        {"summary": C, "audiences": {"summary": "admins"}},
        {"summary": C, "audiences": {"summary": "everyone!"}},
        {"summary": C, "audiences": {"summary": ["public"]}},
        {"summary": C, "audiences": "public"},
        {"summary": C, "audiences": ["summary"]},
        {"offers": [{"text": C, "audience": "publik"}]},
        {"offers": [{"text": C, "audience": None}]},
        {"offers": [{"text": C, "audience": {"a": 1}}]},
    ],
)
def test_closed_to_all_but_admins_where_it_cannot_be_read(
    fields: dict[str, Any],
) -> None:
    assert C not in shown(fields, MEMBER)
    assert C in shown(fields, ADMIN)


@pytest.mark.parametrize(
    "fields",
    [
        {"values": [{"concept": C, "stance": "support"}]},
        {"goals": [{"concept": C, "stance": "neutral"}]},
        {"goals": [{"concept": C, "stance": "oppose", "audience": "public"}]},
        {"contacts": [{"value": C, "audience": "public"}]},
        {"relations": [{"to": C, "kind": "works with"}]},
        {"offers": [{"text": C}]},
        {"asks": [{"text": C}]},
        {"my_own_key": C},
    ],
)
def test_for_everybody(fields: dict[str, Any]) -> None:
    assert C in shown(fields, VISITOR)


def test_a_field_narrows_what_an_item_allows() -> None:
    fields = {
        "contacts": [{"value": C, "audience": "public"}],
        "audiences": {"contacts": "members"},
    }
    assert C not in shown(fields, VISITOR)
    assert C in shown(fields, MEMBER)


def test_audiences_themselves_are_not_shown() -> None:
    fields = {"audiences": {"x": "group:secret-table"}, "offers": [{"text": "a"}]}
    assert "secret-table" not in shown(fields, MEMBER)
    fields = {"offers": [{"text": "a", "audience": "public"}]}
    assert "audience" not in shown(fields, VISITOR)


@pytest.mark.parametrize(
    ("precision", "lat"),
    [("exact", 44.123457), ("street", 44.123), ("neighborhood", 44.12), ("city", 44.1)],
)
def test_places_are_rounded_to_their_precision(precision: str, lat: float) -> None:
    place = {"lat": 44.1234567, "lon": -93.7654321, "precision": precision}
    record = Record(1, "g", "G", {"location": place})
    assert project(record, "group", MEMBER, TODAY).fields["location"]["lat"] == lat


def test_no_place_where_none_is_to_be_shown() -> None:
    for place in ({"lat": 1, "lon": 2, "precision": "none"}, "here", {"lat": "x"}):
        record = Record(1, "g", "G", {"location": place})
        assert "location" not in project(record, "group", ADMIN, TODAY).fields


def test_status_and_asks_follow_the_day() -> None:
    fields = {
        "until": "2026-11-23",
        "status": "active",
        "asks": [
            {"text": "a", "deadline": "2026-11-23"},
            {"text": "b", "deadline": "2026-11-24"},
            {"text": "c", "status": "met", "deadline": "2026-01-01"},
            {"text": "d"},
        ],
    }
    found = project(Record(1, "g", "G", fields), "group", VISITOR, TODAY)
    assert found.status == "ended"
    assert [ask.status for ask in found.asks] == ["expired", "open", "met", "open"]


@pytest.mark.parametrize(
    "value", [None, 1, "x", [1, None, "x", [2]], {"a": {"b": 1}}, []]
)
def test_fields_of_any_shape_are_projected(value: Any) -> None:
    names = ("values", "asks", "contacts", "memberships", "issues", "scope", "status")
    fields = dict.fromkeys((*names, "location", "until", "summary", "audiences"), value)
    project(Record(1, "g", "G", fields), "group", VISITOR, TODAY)

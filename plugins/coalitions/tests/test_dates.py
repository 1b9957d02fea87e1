"""Partial dates."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from wiki_coalitions import dates


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2017", date(2017, 1, 1), date(2017, 12, 31)),
        (2017, date(2017, 1, 1), date(2017, 12, 31)),
        ("2017-02", date(2017, 2, 1), date(2017, 2, 28)),
        ("2016-02~", date(2016, 2, 1), date(2016, 2, 29)),
        ("2017-01-20", date(2017, 1, 20), date(2017, 1, 20)),
    ],
)
def test_a_partial_date_is_a_stretch_of_days(
    text: Any, first: date, last: date
) -> None:
    found = dates.parse(text)
    assert found is not None
    assert (found.first, found.last) == (first, last)
    assert found.approximate == ("~" in str(text))


@pytest.mark.parametrize(
    "value",
    [
        "",
        "17",
        "2017-13",
        "2017-02-30",
        "May 2017",
        "2017-1",
        True,
        2.5,
        None,
        [],
        "٢٠١٧",
    ],
)
def test_what_is_no_date(value: Any) -> None:
    assert dates.parse(value) is None
    assert not dates.is_date(value)


def test_an_open_end_is_allowed_and_has_no_day() -> None:
    assert dates.is_date("..")
    assert dates.parse("..") is None


def test_a_deadline_needs_a_day() -> None:
    assert dates.parse_day("2026-12-09") == date(2026, 12, 9)
    assert dates.parse_day("2026-12-09T18:00+01:00") == date(2026, 12, 9)
    assert dates.parse_day("2026-12") is None
    assert dates.parse_day("2026-12-09~") is None


def test_past_and_order_are_judged_only_where_sure() -> None:
    assert dates.is_past("2025", date(2026, 1, 1))
    assert not dates.is_past("2026", date(2026, 1, 2))
    assert dates.ends_before_it_starts("2020", "2019-12-31")
    assert not dates.ends_before_it_starts("2020-05", "2020")


def test_overlap() -> None:
    assert dates.overlap(("2020", None), ("2021", None))
    assert not dates.overlap(("2020", "2020-12-31"), ("2021", None))
    assert not dates.overlap(("2020", "2021"), ("2021", None))

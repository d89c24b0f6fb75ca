"""Dates by era, as cards print them and code B counts them (card.md §9.2)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.era import Era, EraDate, days_written, in_western, is_day_of, to_era
from appliance.errors import FactsMalformed

ERA_DAYS = st.dates(date(1868, 1, 25), date(2117, 12, 31))


@given(ERA_DAYS)
def test_every_day_since_meiji_comes_back(day: date) -> None:
    assert to_era(day).to_date() == day


@given(ERA_DAYS)
def test_every_day_is_among_the_meanings_of_its_own_digits(day: date) -> None:
    written = to_era(day)
    assert written in set(days_written(written.year, written.month, written.day))


@given(st.integers(-5, 200), st.integers(-5, 20), st.integers(-5, 40))
def test_whatever_is_written_means_only_days_that_exist(year: int, month: int, day: int) -> None:
    for written in days_written(year, month, day):
        west = written.to_date()
        assert (written.month, written.day) == (west.month, west.day)
        assert written.era.starts_on <= west <= written.era.last_day


@pytest.mark.parametrize(
    ("day", "japanese", "digits"),
    [
        (date(1868, 1, 25), "明治元年1月25日", "010125"),
        (date(1912, 7, 29), "明治45年7月29日", "450729"),
        (date(1912, 7, 30), "大正元年7月30日", "010730"),
        (date(1926, 12, 24), "大正15年12月24日", "151224"),
        (date(1926, 12, 25), "昭和元年12月25日", "011225"),
        (date(1940, 4, 1), "昭和15年4月1日", "150401"),
        (date(1980, 2, 17), "昭和55年2月17日", "550217"),
        (date(1989, 1, 7), "昭和64年1月7日", "640107"),
        (date(1989, 1, 8), "平成元年1月8日", "010108"),
        (date(2019, 4, 30), "平成31年4月30日", "310430"),
        (date(2019, 5, 1), "令和元年5月1日", "010501"),
        (date(2024, 2, 29), "令和6年2月29日", "060229"),
    ],
)
def test_days_around_each_change_of_era(day: date, japanese: str, digits: str) -> None:
    assert to_era(day).in_japanese == japanese
    assert to_era(day).digits == digits


def test_the_western_calendar_is_written_beside_it() -> None:
    assert in_western(date(1940, 4, 1)) == "1940年4月1日"


@pytest.mark.parametrize(
    ("era", "year", "month", "day", "expected"),
    [
        (Era.MEIJI, 45, 7, 30, True),
        (Era.MEIJI, 45, 7, 31, False),
        (Era.MEIJI, 1, 1, 24, False),
        (Era.TAISHO, 15, 12, 25, True),
        (Era.TAISHO, 15, 12, 26, False),
        (Era.SHOWA, 64, 1, 7, True),
        (Era.SHOWA, 64, 1, 8, False),
        (Era.HEISEI, 31, 4, 30, True),
        (Era.HEISEI, 31, 5, 1, False),
        (Era.REIWA, 1, 4, 30, False),
        (Era.REIWA, 0, 5, 1, False),
        (Era.REIWA, 5, 2, 29, False),
        (Era.REIWA, 9000, 1, 1, False),
    ],
)
def test_the_two_old_eras_share_their_last_day_with_the_next_one(
    era: Era, year: int, month: int, day: int, expected: bool
) -> None:
    assert is_day_of(era, year, month, day) is expected


def test_a_date_that_its_era_does_not_have_cannot_exist() -> None:
    with pytest.raises(FactsMalformed):
        EraDate(Era.SHOWA, 65, 1, 1)


def test_days_before_meiji_are_not_counted() -> None:
    with pytest.raises(FactsMalformed):
        to_era(date(1868, 1, 25) - timedelta(days=1))


@pytest.mark.parametrize(
    ("digits", "years"),
    [
        ((15, 4, 1), [1882, 1926, 1940, 2003, 2033]),
        ((64, 1, 7), [1989, 2082]),
        ((1, 1, 8), [1989]),
        ((45, 7, 30), [1912, 1970, 2063]),
        ((99, 2, 30), []),
    ],
)
def test_digits_without_an_era_can_mean_several_years(digits: tuple[int, int, int], years: list[int]) -> None:
    assert [written.to_date().year for written in days_written(*digits)] == years

"""Calendar months and the term of a certificate, with the example of domain.md F1.21."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.programmes.certificate_term import (
    CertificateTerm,
    certificate_term,
    insurance_use_last_day,
)
from appliance.domain.programmes.months import months_later

days = st.dates(date(2016, 1, 1), date(2100, 12, 31))


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2025, 11, 10), 3, date(2026, 2, 10)),
        (date(2025, 11, 30), 3, date(2026, 2, 28)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2025, 12, 31), 3, date(2026, 3, 31)),
        (date(2026, 5, 31), -3, date(2026, 2, 28)),
        (date(2026, 1, 31), -3, date(2025, 10, 31)),
        (date(2026, 3, 15), -3, date(2025, 12, 15)),
        (date(2025, 8, 31), 6, date(2026, 2, 28)),
        (date(2026, 6, 1), 0, date(2026, 6, 1)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), -12, date(2023, 2, 28)),
    ],
)
def test_months_are_counted_to_the_same_day_or_the_last_one(day: date, months: int, expected: date) -> None:
    assert months_later(day, months) == expected


@given(days, st.integers(-24, 24))
def test_counting_months_moves_the_month_by_just_so_many(day: date, months: int) -> None:
    moved = months_later(day, months)
    assert (moved.year * 12 + moved.month) - (day.year * 12 + day.month) == months
    assert moved.day <= day.day


@pytest.mark.parametrize(
    ("on", "term"),
    [
        (date(2025, 8, 9), CertificateTerm.IN_TERM),
        (date(2025, 8, 10), CertificateTerm.RENEWAL_OPEN),
        (date(2025, 8, 11), CertificateTerm.RENEWAL_OPEN),
        (date(2025, 11, 9), CertificateTerm.RENEWAL_OPEN),
        (date(2025, 11, 10), CertificateTerm.RENEWAL_OPEN),
        (date(2025, 11, 11), CertificateTerm.LAPSED),
        (date(2026, 2, 9), CertificateTerm.LAPSED),
        (date(2026, 2, 10), CertificateTerm.LAPSED),
        (date(2026, 2, 11), CertificateTerm.ENDED),
        (date(2026, 2, 28), CertificateTerm.ENDED),
    ],
)
def test_the_example_of_the_fact_sheet_by_the_shorter_reading(on: date, term: CertificateTerm) -> None:
    assert certificate_term(date(2025, 11, 10), on) is term


@given(days, st.integers(-400, 400))
def test_terms_follow_each_other_in_order(expires_on: date, offset: int) -> None:
    order = list(CertificateTerm)
    on = expires_on + timedelta(days=offset)
    today = certificate_term(expires_on, on)
    tomorrow = certificate_term(expires_on, on + timedelta(days=1))
    assert order.index(tomorrow) - order.index(today) in {0, 1}


@given(days)
def test_the_day_to_renew_by_is_never_past_the_end_of_the_third_month(expires_on: date) -> None:
    end_of_longer_reading = months_later(expires_on.replace(day=1), 4) - timedelta(days=1)
    assert expires_on < insurance_use_last_day(expires_on) <= end_of_longer_reading

"""Days as staff and residents read them: by Japanese era and in the Gregorian calendar side by side (R03)."""

from __future__ import annotations

from datetime import date

from appliance.domain.era import EraDate, to_era
from tui.catalogue import Catalogue


def in_both_calendars(day: date | EraDate, texts: Catalogue) -> str:
    """Return a day such as 昭和18年5月14日 (1943-05-14)."""
    era = day if isinstance(day, EraDate) else to_era(day)
    return texts("date.both", era=in_era(era, texts), western=era.to_date().isoformat())


def in_era(day: date | EraDate, texts: Catalogue) -> str:
    """Return a day by era in the catalogue's language, such as 昭和18年5月14日 or Showa 18, 5/14."""
    era = day if isinstance(day, EraDate) else to_era(day)
    if texts.language == "ja":
        return era.in_japanese
    name = texts(f"date.era.{era.era.name.lower()}")
    return texts("date.era_date", era=name, year=era.year, month=era.month, day=era.day)


def today_in_full(day: date, texts: Catalogue) -> str:
    """Return today for the head of the screen, with its weekday."""
    weekday = texts(f"date.weekday.{day.isoweekday()}")
    return texts("date.today", era=in_era(day, texts), western=day.isoformat(), weekday=weekday)

"""Where a unit or an office keeps its things, and the few choices left to the machine.

Set by environment (`MYNAVISIT_HOME`, `MYNAVISIT_READER`, ...). The profile of design D1 is deliberately not here: no setting
turns a unit into a verifier.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


def _data_home() -> Path:
    """Return the folder for a program's own data by the XDG base directory specification."""
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "mynavisit"


class Settings(BaseSettings):
    """The machine's own settings."""

    model_config = SettingsConfigDict(env_prefix="MYNAVISIT_", frozen=True)

    home: Path = Field(default_factory=_data_home)
    """Folder of everything this machine keeps: `unit/`, `office/` and `training/` below it."""
    reader: str = ""
    """Part of the card reader's name, when several are attached."""
    language: Literal["ja", "en"] = "ja"
    """Language of the screens."""

    @property
    def unit_home(self) -> Path:
        """The unit in service."""
        return self.home / "unit"

    @property
    def office_home(self) -> Path:
        """The office on this machine."""
        return self.home / "office"

    @property
    def training_home(self) -> Path:
        """The training kit: a unit, an office and a broker of its own, never mixed with service."""
        return self.home / "training"

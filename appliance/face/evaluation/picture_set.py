"""A set of pictures as it is named on the command line: a table of pairs, or a folder read in one of two ways."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from appliance.face.evaluation.pairs import (
    MANIFEST,
    PairTable,
    both_live,
    pair_across,
    pictures_in,
    read_manifest,
    read_table,
)


class SetMisnamed(ValueError):
    """The words do not name a set; the text says which word to change."""


@dataclass(frozen=True, slots=True)
class PictureSet:
    """Where pairs come from."""

    source: Path
    """A table, or a folder."""
    group: str = ""
    """Of a folder's manifest; empty for all."""
    is_across: bool = False
    """Every picture of the folder against every other."""
    live_pictures: int = 1
    are_both_live: bool = False
    """Compare live pictures with live pictures, as before and after a liveness challenge."""

    @property
    def folder(self) -> Path:
        """What names of pictures are relative to."""
        return self.source if self.source.is_dir() else self.source.parent

    def check(self) -> None:
        """Refuse words that contradict each other.

        Raises:
            SetMisnamed: they do.
        """
        is_folder = self.source.is_dir()
        if not is_folder and (self.is_across or self.group):
            raise SetMisnamed("--across and --group are for folders, not for a table of pairs")
        if self.live_pictures > 1 and not self.is_across:
            raise SetMisnamed("--live-pictures above 1 needs --across")
        if self.live_pictures > 1 and self.are_both_live:
            raise SetMisnamed("--both-live compares one live picture with one")
        if is_folder and not (self.is_across and not self.group) and not (self.source / MANIFEST).is_file():
            raise SetMisnamed(
                f"the folder has no {MANIFEST}; give --across without --group, or a table of pairs"
            )

    def read(self) -> PairTable:
        """Return the pairs.

        Raises:
            PairsMalformed: row and column of what is missing or wrong.
            OSError: table or folder cannot be read.
        """
        return both_live(self._read()) if self.are_both_live else self._read()

    def _read(self) -> PairTable:
        if not self.source.is_dir():
            return read_table(self.source)
        if self.is_across:
            return pair_across(pictures_in(self.source, self.group), self.live_pictures)
        return read_manifest(self.source, self.group)

    def __str__(self) -> str:
        """Name the set in an evidence file; a folder by its last name only."""
        parts = [self.source.resolve().name]
        parts += [f"group {self.group}"] if self.group else []
        parts += ["every picture against every other"] if self.is_across else []
        return ", ".join([*parts, self._sides()])

    def _sides(self) -> str:
        if self.are_both_live:
            return "both pictures live"
        return (
            "one live picture" if self.live_pictures == 1 else f"mean of {self.live_pictures} live pictures"
        )

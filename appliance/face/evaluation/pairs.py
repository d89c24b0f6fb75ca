"""Which pictures are compared: a table of pairs, or every picture of a folder against every other.

A table has the columns `reference,live,same` (0 or 1; design §4); further named columns are left alone. A folder is
measured by its `manifest.csv` (`reference_file,live_file,label,group`), pair by pair, or across: every picture as
reference against every other. Who is on a picture then says its file name without the number at its end, as Labeled
Faces in the Wild names its files.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from appliance.errors import PairsMalformed

MANIFEST: Final = "manifest.csv"
TABLE_COLUMNS: Final = ("reference", "live", "same")
MANIFEST_COLUMNS: Final = ("reference_file", "live_file", "label", "group")
_PICTURES: Final = frozenset({".jpg", ".jpeg", ".png", ".jp2"})
_NAME_AND_NUMBER: Final = re.compile(r"(?P<person>.*[^\W\d_].*)_\d+")
"""A name with a letter in it, and the number of the picture: anything else does not say who it is."""
_SAME: Final[Mapping[str, bool]] = {"1": True, "same": True, "0": False, "different": False}

Indices = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class PairTable:
    """Pairs as positions in a list of pictures, so that hundreds of thousands are compared at once."""

    pictures: tuple[Path, ...]
    reference: Indices
    """One for each pair."""
    live: Indices
    """Pairs x live pictures of one person."""
    is_same: NDArray[np.bool_]
    people: Indices | None = None
    """Who is on each picture, where that is known; for bounds that count people instead of pairs."""
    are_both_live: bool = False
    """Whether the references stand for live pictures too, as the frames of before and after a challenge are."""

    def __len__(self) -> int:
        """Count the pairs."""
        return len(self.reference)


def read_table(table: Path) -> PairTable:
    """Return the pairs of a table; paths in it are relative to its folder.

    Raises:
        PairsMalformed: row and column of what is missing or wrong.
        OSError: the table cannot be read.
    """
    rows = [
        (table.parent / row["reference"], table.parent / row["live"], _is_same(number, "same", row))
        for number, row in _rows(table, TABLE_COLUMNS)
    ]
    return _as_table(rows)


def read_manifest(folder: Path, group: str = "") -> PairTable:
    """Return the pairs that a folder's manifest lists, of one group or of all.

    Raises:
        PairsMalformed: row and column of what is missing or wrong; the column `group` where no row is of this group.
        OSError: the manifest cannot be read.
    """
    rows = [
        (folder / row["reference_file"], folder / row["live_file"], _is_same(number, "label", row))
        for number, row in _manifest_rows(folder, group)
    ]
    return _as_table(rows)


def pictures_in(folder: Path, group: str = "") -> tuple[Path, ...]:
    """Return the pictures of a folder in order: of one group of its manifest, or all that lie in and below it.

    Raises:
        PairsMalformed: the manifest is malformed or has no row of this group.
        OSError: the folder or its manifest cannot be read.
    """
    if not group:
        return tuple(sorted(path for path in folder.rglob("*") if path.suffix.lower() in _PICTURES))
    rows = list(_manifest_rows(folder, group))
    names = {row[column] for _, row in rows for column in ("reference_file", "live_file")}
    return tuple(folder / name for name in sorted(names))


def pair_across(pictures: Iterable[Path], live_pictures: int = 1) -> PairTable:
    """Return every picture as reference with every choice of live pictures that follows by rule.

    With one live picture each other picture is taken. With more, the first so many pictures of each person count, the
    reference left out; people with fewer are left out, as in the measurement of face.md §3.

    Raises:
        PairsMalformed: a file name does not say who is on it, or there are not two pictures to compare.
    """
    ordered = tuple(sorted(set(pictures)))
    names = [_person_of(picture, row) for row, picture in enumerate(ordered, start=1)]
    people = np.unique(names, return_inverse=True)[1].astype(np.int32)
    reference, live = _every_pair(len(ordered)) if live_pictures == 1 else _few_of_each(people, live_pictures)
    if not len(reference):
        raise PairsMalformed(len(ordered), "file name")
    return PairTable(ordered, reference, live, people[reference] == people[live[:, 0]], people)


def both_live(table: PairTable) -> PairTable:
    """Return the pairs with both sides as live pictures; two pictures in both orders are one pair then.

    Raises:
        ValueError: the table averages several live pictures.
    """
    if table.live.shape[1] != 1:
        raise ValueError("live pictures")
    either = np.sort(np.column_stack([table.reference, table.live]), axis=1)
    first = np.sort(np.unique(either, axis=0, return_index=True)[1])
    return replace(
        table,
        reference=table.reference[first],
        live=table.live[first],
        is_same=table.is_same[first],
        are_both_live=True,
    )


def _every_pair(count: int) -> tuple[Indices, Indices]:
    reference, live = np.divmod(np.arange(count * count, dtype=np.int32), np.int32(max(count, 1)))
    others = reference != live
    return reference[others], live[others, np.newaxis]


def _few_of_each(people: Indices, live_pictures: int) -> tuple[Indices, Indices]:
    reference, live = [], []
    of_person = [np.flatnonzero(people == person) for person in range(people.max(initial=-1) + 1)]
    for picture in range(len(people)):
        for theirs in of_person:
            others = theirs[theirs != picture][:live_pictures]
            if len(others) == live_pictures:
                reference.append(picture)
                live.append(others)
    return np.array(reference, dtype=np.int32), np.array(live, dtype=np.int32).reshape(-1, live_pictures)


def _person_of(picture: Path, row: int) -> str:
    found = _NAME_AND_NUMBER.fullmatch(picture.stem)
    if found is None:
        raise PairsMalformed(row, "file name")
    return found["person"]


def _as_table(rows: Sequence[tuple[Path, Path, bool]]) -> PairTable:
    places: dict[Path, int] = {}
    for reference, live, _ in rows:
        places.setdefault(reference, len(places))
        places.setdefault(live, len(places))
    return PairTable(
        pictures=tuple(places),
        reference=np.array([places[row[0]] for row in rows], dtype=np.int32),
        live=np.array([[places[row[1]]] for row in rows], dtype=np.int32),
        is_same=np.array([row[2] for row in rows], dtype=np.bool_),
    )


def _manifest_rows(folder: Path, group: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    number, is_any = 1, False
    for number, row in _rows(folder / MANIFEST, MANIFEST_COLUMNS):
        if group in {"", row["group"]}:
            is_any = True
            yield number, row
    if not is_any:
        raise PairsMalformed(number, "group")


def _rows(table: Path, columns: Sequence[str]) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Return the rows below the head with their numbers as an editor shows them; there is at least one."""
    reader = csv.DictReader(io.StringIO(_text(table), newline=""), strict=True)
    number = 1
    try:
        _check_head(reader.fieldnames or (), columns)
        for row in reader:
            number = reader.line_num
            yield number, _checked(row, number, columns)
    except csv.Error:
        raise PairsMalformed(reader.reader.line_num, columns[0]) from None
    if number == 1:
        raise PairsMalformed(2, columns[0])


def _text(table: Path) -> str:
    content = table.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PairsMalformed(content.count(b"\n", 0, error.start) + 1, "text in UTF-8") from None


def _check_head(head: Sequence[str], columns: Sequence[str]) -> None:
    for column in columns:
        if head.count(column) != 1:
            raise PairsMalformed(1, column)


def _checked(row: dict[str | None, str | None], number: int, columns: Sequence[str]) -> Mapping[str, str]:
    """Refuse a row with too many fields, too few, or nothing where a picture's name belongs."""
    if None in row:
        raise PairsMalformed(number, columns[-1])
    found = {column: (row[column] or "").strip() for column in columns}
    for column in columns:
        # A null byte cannot be in a path; an empty group is a group without a name.
        if (not found[column] and column != "group") or "\0" in found[column]:
            raise PairsMalformed(number, column)
    return found


def _is_same(row: int, column: str, fields: Mapping[str, str]) -> bool:
    try:
        return _SAME[fields[column]]
    except KeyError:
        raise PairsMalformed(row, column) from None

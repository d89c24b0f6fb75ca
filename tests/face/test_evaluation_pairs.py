"""Tables and folders of pairs: what is read, and where a malformed one is refused."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.errors import PairsMalformed
from appliance.face.evaluation.pairs import both_live, pair_across, pictures_in, read_manifest, read_table
from appliance.face.evaluation.picture_set import PictureSet, SetMisnamed

HEAD = "reference,live,same"
MANIFEST_HEAD = "reference_file,live_file,label,group"


def table_of(folder: Path, content: str | bytes) -> Path:
    path = folder / "pairs.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    "content",
    [
        f"{HEAD}\na.png,b.png,1\na.png,c.png,0\n",
        f"\ufeff{HEAD}\na.png,b.png,1\na.png,c.png,0",
        f"{HEAD}\r\na.png,b.png,1\r\n\r\na.png, c.png ,0\r\n",
        'note,same,live,reference\n"one, two",1,b.png,a.png\n,0,c.png,a.png\n',
    ],
    ids=["plain", "byte order mark", "carriage returns, blank line, spaces", "other columns and order"],
)
def test_a_table_is_read(tmp_path: Path, content: str) -> None:
    table = read_table(table_of(tmp_path, content))
    assert table.pictures == tuple(tmp_path / name for name in ("a.png", "b.png", "c.png"))
    assert table.reference.tolist() == [0, 0]
    assert table.live.tolist() == [[1], [2]]
    assert table.is_same.tolist() == [True, False]
    assert len(table) == 2


def test_names_in_japanese_are_read(tmp_path: Path) -> None:
    table = read_table(table_of(tmp_path, f"{HEAD}\n写真/甲.png,写真/乙.png,0\n"))
    assert table.pictures[0] == tmp_path / "写真" / "甲.png"


@pytest.mark.parametrize(
    ("content", "row", "column"),
    [
        ("", 1, "reference"),
        ("\n", 1, "reference"),
        (f"{HEAD}\n", 2, "reference"),
        ("reference,same\na,1\n", 1, "live"),
        ("reference,live,same,same\na,b,1,1\n", 1, "same"),
        (f"{HEAD}\na,b,1\na,b\n", 3, "same"),
        (f"{HEAD}\na,b,1,c\n", 2, "same"),
        (f"{HEAD}\n,b,1\n", 2, "reference"),
        (f"{HEAD}\na, ,1\n", 2, "live"),
        (f"{HEAD}\na,b,\n", 2, "same"),
        (f"{HEAD}\na,b,2\n", 2, "same"),
        (f"{HEAD}\na,b,yes\n", 2, "same"),
        (f"{HEAD}\n\n\na,b,1\na,b,x\n", 5, "same"),
        (f"{HEAD}\na\0,b,1\n", 2, "reference"),
        (f'{HEAD}\n"a,b,1\n', 2, "reference"),
        (f'{HEAD}\n"a"x,b,1\n', 2, "reference"),
        (HEAD.encode() + b"\na,b,1\n\xff\xfe,b,1\n", 3, "text in UTF-8"),
        (HEAD.encode("utf-16"), 1, "text in UTF-8"),
        (b"\x89PNG\r\n\x1a\n\0\0", 1, "text in UTF-8"),
    ],
)
def test_a_malformed_table_is_refused_by_row_and_column(
    tmp_path: Path, content: str | bytes, row: int, column: str
) -> None:
    with pytest.raises(PairsMalformed) as refused:
        read_table(table_of(tmp_path, content))
    assert (refused.value.row, refused.value.column) == (row, column)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_table_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = table_of(tmp_path_factory.mktemp("any"), HEAD.encode() + b"\n" + content)
    with suppress(PairsMalformed):
        assert len(read_table(path)) > 0


def manifest_in(folder: Path, *rows: str) -> Path:
    (folder / "manifest.csv").write_text("\n".join([MANIFEST_HEAD, *rows]), encoding="utf-8")
    return folder


def test_a_manifest_is_read_by_group(tmp_path: Path) -> None:
    manifest_in(tmp_path, "a.png,b.png,same,one", "c.png,d.png,different,two", "a.png,c.png,different,")
    assert len(read_manifest(tmp_path)) == 3
    assert read_manifest(tmp_path, "two").pictures == (tmp_path / "c.png", tmp_path / "d.png")
    assert pictures_in(tmp_path, "one") == (tmp_path / "a.png", tmp_path / "b.png")


@pytest.mark.parametrize(
    ("rows", "row", "column"),
    [
        (["a,b,maybe,one"], 2, "label"),
        (["a,b,same,two", "a,b,same,two"], 3, "group"),
        ([], 2, "reference_file"),
    ],
)
def test_a_malformed_manifest_is_refused_by_row_and_column(
    tmp_path: Path, rows: list[str], row: int, column: str
) -> None:
    with pytest.raises(PairsMalformed) as refused:
        read_manifest(manifest_in(tmp_path, *rows), "one")
    assert (refused.value.row, refused.value.column) == (row, column)


def test_the_pictures_of_a_folder_are_those_in_and_below_it(tmp_path: Path) -> None:
    for name in ("b_1.jpg", "a_1.PNG", "note.txt", "below/c_1.jp2", "below/c_2.jpeg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    names = [str(path.relative_to(tmp_path)) for path in pictures_in(tmp_path)]
    assert names == ["a_1.PNG", "b_1.jpg", "below/c_1.jp2", "below/c_2.jpeg"]


def named(*names: str) -> list[Path]:
    return [Path(f"{name}.jpg") for name in names]


def test_across_every_picture_meets_every_other_once_in_each_part() -> None:
    table = pair_across(named("Ann_0001", "Ann_0002", "Ben_0001"))
    met = {
        (table.pictures[reference].stem, table.pictures[live].stem, bool(same))
        for reference, (live,), same in zip(table.reference, table.live, table.is_same, strict=True)
    }
    assert len(table) == len(met) == 6
    assert {pair for pair in met if pair[2]} == {
        ("Ann_0001", "Ann_0002", True),
        ("Ann_0002", "Ann_0001", True),
    }


def test_several_live_pictures_are_the_first_of_each_person_without_the_reference() -> None:
    table = pair_across(named("Ann_1", "Ann_2", "Ann_3", "Ben_1", "Ben_2", "Cy_1"), live_pictures=2)
    chosen = {
        (table.pictures[reference].stem, *(table.pictures[live].stem for live in lives))
        for reference, lives in zip(table.reference, table.live, strict=True)
    }
    assert {pair for pair in chosen if pair[0] == "Ann_2"} == {
        ("Ann_2", "Ann_1", "Ann_3"),
        ("Ann_2", "Ben_1", "Ben_2"),
    }
    # Ben has no two pictures besides his reference, and Cy none at all.
    assert {pair for pair in chosen if pair[0] == "Ben_1"} == {("Ben_1", "Ann_1", "Ann_2")}


@given(st.lists(st.tuples(st.sampled_from("ABCDE"), st.integers(1, 9)), min_size=2, unique=True))
def test_across_people_are_told_by_name_and_nobody_meets_the_same_picture(
    people: list[tuple[str, int]],
) -> None:
    table = pair_across(named(*(f"{name}_{number}" for name, number in people)))
    count = len(people)
    assert len(table) == count * (count - 1)
    assert np.all(table.reference != table.live[:, 0])
    names = np.array([path.stem[0] for path in table.pictures])
    assert np.array_equal(table.is_same, names[table.reference] == names[table.live[:, 0]])


@pytest.mark.parametrize("name", ["img20", "000326_00926128", "_0001", "Ann", "Ann_0001b", "1_2"])
def test_a_file_name_that_does_not_say_who_it_is_is_refused(name: str) -> None:
    with pytest.raises(PairsMalformed) as refused:
        pair_across(named("Ann_0001", name))
    assert refused.value.column == "file name"


@pytest.mark.parametrize("names", [[], ["Ann_1"]])
def test_fewer_than_two_pictures_make_no_pair(names: list[str]) -> None:
    with pytest.raises(PairsMalformed):
        pair_across(named(*names))


def test_a_set_says_its_name_without_the_path(tmp_path: Path) -> None:
    folder = tmp_path / "people"
    folder.mkdir()
    assert str(PictureSet(folder, "one", is_across=True, live_pictures=2)) == (
        "people, group one, every picture against every other, mean of 2 live pictures"
    )


def test_words_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    table = table_of(tmp_path, HEAD)
    empty = tmp_path / "empty"
    empty.mkdir()
    for chosen in (
        PictureSet(table, group="one"),
        PictureSet(table, is_across=True),
        PictureSet(table, live_pictures=2),
        PictureSet(empty),
        PictureSet(empty, group="one", is_across=True),
    ):
        with pytest.raises(SetMisnamed):
            chosen.check()
    PictureSet(table).check()
    PictureSet(empty, is_across=True, live_pictures=2).check()


def test_two_live_pictures_are_one_pair_whatever_their_order() -> None:
    table = both_live(pair_across(named("Ann_0001", "Ann_0002", "Ben_0001")))
    pairs = [(int(one), int(other)) for one, other in zip(table.reference, table.live[:, 0], strict=True)]
    assert pairs == [(0, 1), (0, 2), (1, 2)]
    assert table.is_same.tolist() == [True, False, False]
    assert table.are_both_live


def test_words_that_average_and_compare_two_live_pictures_contradict_each_other(tmp_path: Path) -> None:
    with pytest.raises(SetMisnamed, match="--both-live"):
        PictureSet(tmp_path, is_across=True, live_pictures=2, are_both_live=True).check()
    named_set = PictureSet(tmp_path, is_across=True, are_both_live=True)
    assert str(named_set).endswith("both pictures live")


def test_averages_are_no_pairs_of_two_live_pictures() -> None:
    table = pair_across(named("Ann_1", "Ann_2", "Ann_3", "Ben_1", "Ben_2"), live_pictures=2)
    with pytest.raises(ValueError, match="live pictures"):
        both_live(table)

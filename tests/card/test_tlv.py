"""BER-TLV of this card: what is read, what is refused, and that nothing else can happen (card.md §6)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.card.tlv import DEPTH_MAX, OBJECTS_MAX, Tlv, numbers, object_size_bytes, read_object
from appliance.errors import CardNotUnderstood
from tests.card.chip_bytes import Face, tlv

TAGS = st.sampled_from([0x5F4E, 0x7F21, 0x90, 0x91, 0xA1, 0xDF21, 0xDF2A, 0xFF10, 0xFF20])
FORMS = st.sampled_from([0, 0x81, 0x82])


@given(tag=TAGS, value=st.binary(max_size=255), form=FORMS)
def test_every_object_comes_back(tag: int, value: bytes, form: int) -> None:
    encoded = tlv(tag, value, form)
    read = read_object(encoded, "file")
    assert (read.tag, bytes(read.value), bytes(read.encoded)) == (tag, value, encoded)
    assert object_size_bytes(encoded[:6], "file") == len(encoded)


@given(st.lists(st.tuples(TAGS, st.binary(max_size=60), FORMS), max_size=OBJECTS_MAX), FORMS)
def test_children_fill_their_parent_and_know_their_place(
    children: list[tuple[int, bytes, int]], form: int
) -> None:
    content = b"".join(tlv(*child) for child in children)
    if form == 0x81 and len(content) > 255:
        form = 0
    encoded = tlv(0xFF20, content, form)
    read = read_object(encoded, "file").children()
    assert [(child.tag, bytes(child.value)) for child in read] == [child[:2] for child in children]
    for child in read:
        assert encoded[child.start :].startswith(bytes(child.encoded))
        assert encoded[child.value_start :].startswith(bytes(child.value))


@pytest.mark.parametrize(
    ("encoded", "value"),
    [
        ("DF2100", ""),
        ("DF21017F", "7F"),
        ("DF2181017F", "7F"),
        ("DF218200017F", "7F"),
        ("DF218100", ""),
        ("DF21820000", ""),
        ("9003010001", "010001"),
        ("1F810101AA", "AA"),
    ],
)
def test_lengths_need_not_be_the_shortest(encoded: str, value: str) -> None:
    assert read_object(bytes.fromhex(encoded), "file").value == bytes.fromhex(value)


@pytest.mark.parametrize("size", [0, 1, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0xFFFF])
def test_sizes_at_every_edge_of_the_length_field(size: int) -> None:
    encoded = tlv(0xDF27, bytes(size))
    assert len(read_object(encoded, "file").value) == size


@pytest.mark.parametrize(
    "encoded",
    [
        pytest.param("", id="nothing"),
        pytest.param("DF", id="half a tag"),
        pytest.param("DF21", id="no length"),
        pytest.param("DF2181", id="half a length"),
        pytest.param("DF218200", id="two thirds of a length"),
        pytest.param("DF2102AA", id="value cut short"),
        pytest.param("DF2101AABB", id="a byte left over"),
        pytest.param("DF2180AA0000", id="indefinite length"),
        pytest.param("DF2183000001AA", id="three length bytes"),
        pytest.param("DF21FF", id="reserved length"),
        pytest.param("1F81828301AA", id="tag of five bytes"),
        pytest.param("0001AA", id="tag 00"),
        pytest.param("FFFFFFFF", id="filler only"),
    ],
)
def test_what_the_card_never_writes_is_refused(encoded: str) -> None:
    with pytest.raises(CardNotUnderstood) as failed:
        read_object(bytes.fromhex(encoded), "file")
    assert failed.value.what == "file"


@pytest.mark.parametrize("filler", ["FF", "FFFF", "00", "FF00FF", "00" * 300])
def test_filler_behind_a_file_is_allowed_only_where_the_caller_says_so(filler: str) -> None:
    encoded = tlv(0xFF10, b"content") + bytes.fromhex(filler)
    assert read_object(encoded, "file", filler_allowed=True).value.tobytes() == b"content"
    with pytest.raises(CardNotUnderstood) as failed:
        read_object(encoded, "file")
    assert failed.value.offset == len(encoded) - len(filler) // 2


def test_filler_must_be_filler_to_the_last_byte() -> None:
    with pytest.raises(CardNotUnderstood):
        read_object(tlv(0xFF10, b"content") + b"\xff\xff\x01", "file", filler_allowed=True)


def test_filler_inside_an_object_is_refused() -> None:
    with pytest.raises(CardNotUnderstood):
        read_object(tlv(0xFF20, tlv(0xDF21, b"x") + b"\xff"), "file", filler_allowed=True).children()


def nested(levels: int) -> bytes:
    encoded = b""
    for _ in range(levels):
        encoded = tlv(0xFF20, encoded)
    return encoded


def descend(encoded: bytes) -> int:
    """Follow first children to the innermost object and return how many levels there were."""
    read, levels = read_object(encoded, "file"), 1
    while read.value:
        (read,) = read.children()
        levels += 1
    return levels


def test_objects_may_nest_as_deep_as_the_card_needs_and_no_deeper() -> None:
    assert descend(nested(DEPTH_MAX)) == DEPTH_MAX
    with pytest.raises(CardNotUnderstood):
        descend(nested(DEPTH_MAX + 1))


def test_objects_may_not_come_in_crowds() -> None:
    assert len(read_object(tlv(0xFF20, b"\x90\x00" * OBJECTS_MAX), "file").children()) == OBJECTS_MAX
    with pytest.raises(CardNotUnderstood):
        read_object(tlv(0xFF20, b"\x90\x00" * (OBJECTS_MAX + 1)), "file").children()


FIELDS = tlv(0xDF22, b"1") + tlv(0xDF23, b"2")


def test_fields_must_be_the_ones_expected_in_their_order() -> None:
    record = read_object(tlv(0xFF20, FIELDS), "file")
    assert [field.name for field in record.fields(0xDF22, 0xDF23)] == ["DF22", "DF23"]


@pytest.mark.parametrize(
    "tags", [(), (0xDF22,), (0xDF23, 0xDF22), (0xDF22, 0xDF23, 0xDF24), (0xDF22, 0xDF24)]
)
def test_fields_missing_too_many_or_out_of_order_are_refused(tags: tuple[int, ...]) -> None:
    with pytest.raises(CardNotUnderstood):
        read_object(tlv(0xFF20, FIELDS), "file").fields(*tags)


def test_a_tag_and_a_size_can_be_required() -> None:
    read = read_object(tlv(0xDF22, b"12345678"), "file")
    assert read.require(0xDF22, 8) is read
    for tag, size in ((0xDF23, 8), (0xDF22, 7)):
        with pytest.raises(CardNotUnderstood):
            read.require(tag, size)


def test_the_size_of_a_file_shows_in_its_first_bytes() -> None:
    assert object_size_bytes(bytes.fromhex("FF2082021E"), "file") == 5 + 0x21E
    for beginning in ("", "FF", "FF20", "FF2082", "FF208202"):
        with pytest.raises(CardNotUnderstood):
            object_size_bytes(bytes.fromhex(beginning), "file")


def test_wiping_the_buffer_wipes_what_was_read_from_it() -> None:
    buffer = bytearray(tlv(0xDF27, b"photo"))
    read = read_object(buffer, "file")
    buffer[:] = bytes(len(buffer))
    assert read.value == bytes(5)


def test_offset_tables_are_numbers_of_two_bytes() -> None:
    assert list(numbers(memoryview(bytes.fromhex("000E00205BFFAA")))) == [0x000E, 0x0020, 0x5BFF]


def test_an_object_shows_its_tag_and_place_only() -> None:
    read = read_object(tlv(0xDF22, b"19850401"), "file")
    assert "19850401" not in repr(read)
    assert repr(read) == f"Tlv(tag={0xDF22}, start=0, depth=0)"


def walk(read: Tlv) -> None:
    """Follow every constructed object down."""
    for child in read.children():
        if child.name[0] in "67EF":
            walk(child)


def offset_not_understood(encoded: bytes | bytearray) -> int | None:
    """Read everything there is; return where it was not understood, or None."""
    try:
        walk(read_object(encoded, "file", filler_allowed=True))
    except CardNotUnderstood as failed:
        return failed.offset
    return None


@given(st.binary(max_size=200))
def test_any_bytes_end_as_objects_or_not_understood(encoded: bytes) -> None:
    assert (offset_not_understood(encoded) or 0) in range(len(encoded) + 1)


@given(st.data())
def test_any_damage_to_a_true_file_ends_as_objects_or_not_understood(data: st.DataObject) -> None:
    damaged = bytearray(Face(photo=b"photo").encode())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        match data.draw(st.sampled_from(["replace", "cut", "double", "remove"])):
            case "replace":
                damaged[at] = data.draw(st.integers(0, 255))
            case "cut":
                del damaged[at + 1 :]
            case "double":
                damaged[at:at] = damaged[: at + 1]
            case _ if len(damaged) > 1:
                del damaged[at]
    assert (offset_not_understood(damaged) or 0) in range(len(damaged) + 1)

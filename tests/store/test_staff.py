"""Sign-in and the roster at rest: only the right passphrase opens it, and wrong ones cost time (design D2, H7, H16)."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update
from sqlmodel import col

from appliance.domain.ids import PersonId, StaffId, UnitId
from appliance.domain.roster import Roster, RosterEntry, StaffName
from appliance.errors import FormatUnknown, SealBroken, SignInRefused, StoreDamaged
from appliance.ports import StaffRegister
from appliance.seal.codec import encode
from appliance.store.records import SqliteRecordStore
from appliance.store.roster_form import decode_entry, decode_heading, encode_entry, encode_heading
from appliance.store.roster_key import FIELD_COST, PassphraseCost, RosterKey, key_from_passphrase
from appliance.store.staff import FREE_TRIES, LONGEST_WAIT_S, SqliteStaffRegister, wait_after
from appliance.store.tables import RosterRow, StaffRow
from tests.seal.conftest import flipped, seeded
from tests.store.conftest import START, UNIT, UnitUnderTest

QUICK = PassphraseCost(iterations=1, lanes=1, memory_kib=8)
MORI = StaffName(StaffId("s01"), "森")
HAYASHI = StaffName(StaffId("s02"), "林")
VISIT_ON = date(2026, 11, 24)
ENTRIES = (
    RosterEntry(PersonId("p9"), "山田 花子", "ヤマダ ハナコ", "302号室", date(1938, 4, 5)),
    RosterEntry(PersonId("p1"), "鈴木 一郎", "スズキ イチロウ", "101", None),
)


@pytest.fixture
def key() -> RosterKey:
    return RosterKey.generate(seeded(6))


@pytest.fixture
def register(unit: UnitUnderTest, store: SqliteRecordStore, key: RosterKey) -> SqliteStaffRegister:
    register = SqliteStaffRegister(store.database, UNIT, unit.clock, seeded(7), QUICK)
    register.enrol_staff(MORI, "正しい合言葉", key)
    register.replace_roster("さくら苑", VISIT_ON, ENTRIES, key)
    return register


def try_wrong(register: SqliteStaffRegister) -> float:
    with pytest.raises(SignInRefused) as refused:
        register.sign_in(MORI.staff, "違う合言葉")
    return refused.value.wait_s


def test_the_right_passphrase_opens_the_roster_in_its_order(register: SqliteStaffRegister) -> None:
    port: StaffRegister = register
    assert port.sign_in(MORI.staff, "正しい合言葉") == Roster("さくら苑", VISIT_ON, MORI.staff, ENTRIES)


def test_the_sign_in_screen_lists_the_staff(register: SqliteStaffRegister, key: RosterKey) -> None:
    register.enrol_staff(HAYASHI, "別の合言葉", key)
    assert list(register.names()) == [MORI, HAYASHI]


def test_each_member_of_staff_opens_the_same_roster_with_their_own_passphrase(
    register: SqliteStaffRegister,
) -> None:
    register.enrol_staff(HAYASHI, "別の合言葉", register.open_key(MORI.staff, "正しい合言葉"))
    assert register.sign_in(HAYASHI.staff, "別の合言葉").entries == ENTRIES
    for staff, passphrase in ((MORI.staff, "別の合言葉"), (HAYASHI.staff, "正しい合言葉")):
        with pytest.raises(SignInRefused):
            register.sign_in(staff, passphrase)


def test_a_new_passphrase_replaces_the_old_one(register: SqliteStaffRegister, key: RosterKey) -> None:
    register.enrol_staff(MORI, "新しい合言葉", key)
    with pytest.raises(SignInRefused):
        register.sign_in(MORI.staff, "正しい合言葉")
    assert register.sign_in(MORI.staff, "新しい合言葉").staff == MORI.staff


@pytest.mark.parametrize("typed", ["code 12", "ｃｏｄｅ　１２", "code　１２"])
def test_full_width_and_half_width_are_one_passphrase(
    register: SqliteStaffRegister, key: RosterKey, typed: str
) -> None:
    register.enrol_staff(MORI, "ｃode 1２", key)
    assert register.sign_in(MORI.staff, typed).staff == MORI.staff


def test_somebody_unknown_is_refused(register: SqliteStaffRegister) -> None:
    with pytest.raises(SignInRefused):
        register.sign_in(StaffId("nobody"), "正しい合言葉")


def test_without_a_roster_nobody_is_on_it(register: SqliteStaffRegister) -> None:
    register.erase_roster()
    assert register.sign_in(MORI.staff, "正しい合言葉") == Roster("", date(2026, 11, 23), MORI.staff, ())


def test_wrong_passphrases_cost_more_and_more_time(
    unit: UnitUnderTest, register: SqliteStaffRegister
) -> None:
    waits = []
    for _ in range(6):
        waits.append(try_wrong(register))
        unit.clock.step(seconds=waits[-1])
    assert waits == [0.0] * FREE_TRIES + [2.0, 4.0, 8.0]


def test_while_it_waits_even_the_right_passphrase_is_refused_and_the_wait_does_not_grow(
    unit: UnitUnderTest, register: SqliteStaffRegister
) -> None:
    for _ in range(FREE_TRIES + 1):
        try_wrong(register)
    unit.clock.step(seconds=1)
    for _ in range(3):
        with pytest.raises(SignInRefused) as refused:
            register.sign_in(MORI.staff, "正しい合言葉")
        assert refused.value.wait_s == 1.0
    unit.clock.step(seconds=1)
    assert register.sign_in(MORI.staff, "正しい合言葉").staff == MORI.staff
    assert try_wrong(register) == 0.0


def test_the_wait_is_kept_when_the_unit_starts_again(
    unit: UnitUnderTest, register: SqliteStaffRegister
) -> None:
    for _ in range(FREE_TRIES + 1):
        try_wrong(register)
    again = replace(register, database=unit.open().database)
    with pytest.raises(SignInRefused) as refused:
        again.sign_in(MORI.staff, "正しい合言葉")
    assert refused.value.wait_s == 2.0


def test_a_try_is_counted_before_it_is_made(
    register: SqliteStaffRegister, unit: UnitUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(*_: object) -> RosterKey:
        raise KeyboardInterrupt

    monkeypatch.setattr("appliance.store.staff.key_from_passphrase", cut)
    with pytest.raises(KeyboardInterrupt):
        register.sign_in(MORI.staff, "違う合言葉")
    with closing(sqlite3.connect(unit.database_file)) as raw:
        assert raw.execute("SELECT failures FROM staff").fetchall() == [(1,)]


@pytest.mark.parametrize("step", [timedelta(days=-9_000), timedelta(seconds=-1)])
def test_a_clock_put_back_never_makes_the_wait_longer(
    unit: UnitUnderTest, register: SqliteStaffRegister, step: timedelta
) -> None:
    for _ in range(FREE_TRIES + 1):
        try_wrong(register)
    unit.clock.shown += step
    assert try_wrong(register) == 2.0


@given(st.integers(min_value=0, max_value=10_000))
def test_the_wait_grows_and_has_an_end(failures: int) -> None:
    assert 0.0 <= wait_after(failures) <= wait_after(failures + 1) <= LONGEST_WAIT_S


def test_a_person_is_erased_from_the_roster_and_from_the_disk(
    unit: UnitUnderTest, register: SqliteStaffRegister
) -> None:
    with closing(sqlite3.connect(unit.database_file)) as raw:
        (sealed,) = raw.execute("SELECT sealed FROM roster WHERE person = 'p9'").fetchone()
    register.erase_person(PersonId("p9"))
    assert register.sign_in(MORI.staff, "正しい合言葉").entries == ENTRIES[1:]
    assert not any(sealed[:16] in file.read_bytes() for file in unit.folder.iterdir())


@pytest.mark.parametrize("person", ["", "nobody"])
def test_erasing_somebody_who_is_not_on_the_roster_changes_nothing(
    register: SqliteStaffRegister, person: str
) -> None:
    register.erase_person(PersonId(person))
    assert register.sign_in(MORI.staff, "正しい合言葉") == Roster("さくら苑", VISIT_ON, MORI.staff, ENTRIES)


def test_a_new_roster_takes_the_place_of_the_old_one(register: SqliteStaffRegister, key: RosterKey) -> None:
    register.replace_roster("ひまわり荘", date(2026, 11, 25), ENTRIES[:1], key)
    opened = register.sign_in(MORI.staff, "正しい合言葉")
    assert (opened.facility, opened.entries) == ("ひまわり荘", ENTRIES[:1])


SWAP_PEOPLE = (
    "UPDATE roster SET person = 'swap' WHERE person = 'p1';"
    "UPDATE roster SET person = 'p1' WHERE person = 'p9';"
    "UPDATE roster SET person = 'p9' WHERE person = 'swap'"
)


@pytest.mark.parametrize(
    "script", [SWAP_PEOPLE, "UPDATE roster SET sealed = zeroblob(40)", "UPDATE roster SET sealed = x'00'"]
)
def test_a_roster_that_was_tampered_with_does_not_open(
    unit: UnitUnderTest, register: SqliteStaffRegister, script: str
) -> None:
    with closing(sqlite3.connect(unit.database_file, isolation_level=None)) as raw:
        raw.executescript(script)
    with pytest.raises(StoreDamaged) as damaged:
        register.sign_in(MORI.staff, "正しい合言葉")
    assert damaged.value.check == "roster"


@pytest.mark.parametrize(
    "move",
    [
        lambda register: replace(register, unit=UnitId("unit-02")),
        lambda register: _rename_staff(register, "s09"),
    ],
)
def test_a_wrapped_key_opens_for_its_unit_and_person_only(
    register: SqliteStaffRegister, move: Callable[[SqliteStaffRegister], SqliteStaffRegister]
) -> None:
    moved = move(register)
    (name,) = moved.names()
    with pytest.raises(SignInRefused):
        moved.sign_in(name.staff, "正しい合言葉")


def _rename_staff(register: SqliteStaffRegister, staff: str) -> SqliteStaffRegister:
    with closing(sqlite3.connect(register.database.path, isolation_level=None)) as raw:
        raw.execute("UPDATE staff SET staff = ?", (staff,))
    return register


def test_each_member_of_staff_keeps_the_cost_of_their_day(
    register: SqliteStaffRegister, key: RosterKey
) -> None:
    dearer = replace(register, cost=PassphraseCost(iterations=2, lanes=2, memory_kib=32))
    dearer.enrol_staff(HAYASHI, "別の合言葉", key)
    for staff, passphrase in ((MORI.staff, "正しい合言葉"), (HAYASHI.staff, "別の合言葉")):
        assert register.sign_in(staff, passphrase).entries == ENTRIES


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("iterations", 0),
        ("iterations", 17),
        ("lanes", 0),
        ("lanes", 17),
        ("memory_kib", 7),
        ("memory_kib", 524_289),
        ("salt", b"short"),
    ],
)
def test_a_cost_that_no_unit_can_pay_is_damage(
    register: SqliteStaffRegister, column: str, value: int | bytes
) -> None:
    with register.database.writing() as connection:
        connection.execute(update(StaffRow).values({column: value}))
    with pytest.raises(StoreDamaged) as damaged:
        register.sign_in(MORI.staff, "正しい合言葉")
    assert damaged.value.check == "row"


def test_a_roster_of_a_newer_program_is_named(register: SqliteStaffRegister, key: RosterKey) -> None:
    bound_to = register._bound_to("roster", "")
    newer = key.encrypt(encode(2, "facility", "2026-11-24", "more"), bound_to, seeded(11))
    with register.database.writing() as connection:
        connection.execute(update(RosterRow).where(col(RosterRow.person) == "").values(sealed=newer))
    with pytest.raises(FormatUnknown):
        register.sign_in(MORI.staff, "正しい合言葉")


def test_the_cost_in_the_field_is_the_second_choice_of_rfc_9106() -> None:
    assert PassphraseCost(iterations=3, lanes=4, memory_kib=65_536) == FIELD_COST


def test_salt_and_passphrase_both_make_the_key(key: RosterKey) -> None:
    sealed = key_from_passphrase("合言葉", bytes(16), QUICK).encrypt(b"plain", b"", seeded(8))
    assert key_from_passphrase("合言葉", bytes(16), QUICK).decrypt(sealed, b"") == b"plain"
    for passphrase, salt in (("合言葉", b"\1" * 16), ("合い言葉", bytes(16))):
        with pytest.raises(SealBroken):
            key_from_passphrase(passphrase, salt, QUICK).decrypt(sealed, b"")


def test_every_flipped_bit_of_an_encrypted_entry_is_refused(key: RosterKey) -> None:
    sealed = key.encrypt(encode_entry(ENTRIES[0]), b"p9", seeded(9))
    for bit in range(len(sealed) * 8):
        with pytest.raises(SealBroken):
            key.decrypt(flipped(sealed, bit), b"p9")


texts = st.text(max_size=60)


@given(texts, texts, texts, st.none() | st.dates())
def test_an_entry_is_read_as_it_was_written(name: str, kana: str, room: str, born: date | None) -> None:
    entry = RosterEntry(PersonId("p1"), name, kana, room, born)
    assert decode_entry(PersonId("p1"), encode_entry(entry)) == entry


@given(texts, st.dates())
def test_a_heading_is_read_as_it_was_written(facility: str, visit_on: date) -> None:
    assert decode_heading(encode_heading(facility, visit_on)) == (facility, visit_on)


@pytest.mark.parametrize(
    "part", [b"", encode(1), encode(1, "facility", "2026-13-01"), encode(1, "facility", "2026-11-23", 0)]
)
def test_a_malformed_part_is_refused(part: bytes) -> None:
    with pytest.raises(SealBroken):
        decode_heading(part)
    with pytest.raises(SealBroken):
        decode_entry(PersonId("p1"), part)


def test_a_newer_part_is_named() -> None:
    with pytest.raises(FormatUnknown):
        decode_heading(encode(2, "facility", START.date().isoformat()))

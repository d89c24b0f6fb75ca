"""Cards that people hand over by mistake: what they answer, and that they hold nothing of anybody."""

from __future__ import annotations

from functools import reduce
from operator import xor

import pytest

from appliance.simulated import other_cards
from appliance.simulated.card.files import AIDS, ApplicationName, CardImage
from appliance.simulated.card.simulated_card import SimulatedCard
from appliance.simulated.handed_over import OWN_CARDS, CardOrder, Kind
from appliance.simulated.other_cards import integrated_residence_card_image, residence_card_image
from appliance.simulated.people import training_person
from appliance.simulated.personalisation import ATRS, Personaliser, transport_card
from tests.simulated.card_desk import SELECT, Desk, counted_bytes

STAY = "00A4040C10D392F0004F0100000000000000000000"
FACE = "00A4040C10D392F0004F0200000000000000000000"
NOTES = "00A4040C10D392F0004F0300000000000000000000"
SIGNATURE = "00A4040C10D392F0004F0400000000000000000000"
MASTER_FILE = "00A40000023F00"


def handed(personaliser: Personaliser, kind: Kind) -> Desk:
    return Desk(CardOrder("p02", kind).card(personaliser, random_bytes=counted_bytes))


def last_answer(desk: Desk, *commands: str) -> str:
    return [desk.card.process(bytes.fromhex(command)) for command in commands][-1].hex().upper()


@pytest.mark.parametrize(
    "atr",
    [
        other_cards.OLD_RESIDENT_CARD_ATR,
        other_cards.PHONE_ATR,
        other_cards.RESIDENCE_CARD_ATR,
        other_cards.TRANSPORT_CARD_ATR,
        other_cards.BANK_CARD_ATR,
    ],
)
def test_every_answer_to_reset_has_a_right_check_byte(atr: bytes) -> None:
    assert atr[0] == 0x3B
    assert reduce(xor, atr[1:]) == 0


@pytest.mark.parametrize("kind", sorted(set(Kind) - OWN_CARDS))
@pytest.mark.parametrize("application", ["surface", "text", "shared", "residence"])
def test_none_of_them_has_a_my_number_application(
    personaliser: Personaliser, kind: Kind, application: str
) -> None:
    answer = handed(personaliser, kind).card.process(SELECT[application])
    assert answer == (b"\x6e\x00" if kind is Kind.TRANSPORT else b"\x6a\x82")


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        (Kind.OLD_RESIDENT_CARD, "6700"),
        (Kind.ANDROID, "6D00"),
        (Kind.IPHONE, "9000"),
        (Kind.RESIDENCE_CARD, "6D00"),
    ],
)
def test_the_last_command_is_known_to_iphones(personaliser: Personaliser, kind: Kind, answer: str) -> None:
    """Card.md §15; what Android answers is assumed."""
    assert handed(personaliser, kind).status("80FC0000") == answer


@pytest.mark.parametrize(
    ("command", "answer"), [("80FC0100", "6A86"), ("80FC000001AA", "6700"), ("80FC000000", "6700")]
)
def test_an_iphone_takes_the_last_command_in_one_form(
    personaliser: Personaliser, command: str, answer: str
) -> None:
    assert handed(personaliser, Kind.IPHONE).status(command) == answer


@pytest.mark.parametrize("kind", [Kind.ANDROID, Kind.IPHONE])
def test_a_phone_wants_the_pin_for_its_certificate_and_tells_no_contact_atr(
    personaliser: Personaliser, kind: Kind
) -> None:
    desk = handed(personaliser, kind)
    assert desk.status("00CA5F5100") == "6A88"
    desk.select("jpki")
    assert desk.status("00B08A0004") == "6982"
    assert desk.verify(0x18, b"1234") == "9000"
    assert desk.ask("00B08A0002") == b"\x30\x82\x90\x00"


@pytest.mark.parametrize(
    ("commands", "answer"),
    [
        (["00A4020C020001", "00B0000000"], "C00430303031" + "9000"),
        (["00B0820000"], "C10131" + "9000"),
        ([FACE, MASTER_FILE, "00B0810002"], "C004" + "9000"),
        (["00A40000"], "9000"),
        ([FACE], "9000"),
        ([FACE, "00A4020C020001"], "9000"),
        ([FACE, "00B0810000"], "6982"),
        ([FACE, "00B0820000"], "6982"),
        ([FACE, "00A4020C020003"], "6A82"),
        ([NOTES, "00B0810000"], "6982"),
        ([NOTES, "00B0840000"], "6982"),
        ([SIGNATURE, "00B0810000"], "6982"),
        ([STAY], "6A82"),
        (["00A4040C07A0000001510000"], "6A82"),
        (["0084000008"], "00010203040506079000"),
        (["0082000028" + "00" * 40 + "00"], "6300"),
        (["00200086" + "0C" + "41" * 12], "6300"),
        (["08200086"], "69FC"),
        (["00CA004200"], "6D00"),
    ],
)
def test_a_residence_card_tells_its_kind_and_keeps_the_rest(
    personaliser: Personaliser, commands: list[str], answer: str
) -> None:
    assert last_answer(handed(personaliser, Kind.RESIDENCE_CARD), *commands) == answer


def test_wrong_numbers_never_block_a_residence_card(personaliser: Personaliser) -> None:
    desk = handed(personaliser, Kind.RESIDENCE_CARD)
    assert {desk.status("00200086", b"A" * 12) for _ in range(30)} == {"6300"}
    assert desk.card.state.tries_left == {}


@pytest.mark.parametrize(
    ("commands", "answer"),
    [
        (["00A4040C0AD3921000310001010402"], "9000"),
        (["00A4040C0AD392F000260100000001"], "9000"),
        ([STAY, "00B0810000"], "C00430303032" + "9000"),
        ([STAY, "00B0820000"], "C1023037" + "9000"),
        ([STAY, FACE, "00B0830000"], "6982"),
        ([FACE, "00B0820000"], "6982"),
        ([NOTES, "00B0840000"], "6A82"),
        ([SIGNATURE], "9000"),
        (["00A40000023F00"], "6A82"),
    ],
)
def test_an_integrated_card_has_both_sides(
    personaliser: Personaliser, commands: list[str], answer: str
) -> None:
    assert last_answer(handed(personaliser, Kind.INTEGRATED_RESIDENCE_CARD), *commands) == answer


def test_the_face_of_an_integrated_card_has_an_unknown_layout(personaliser: Personaliser) -> None:
    desk = handed(personaliser, Kind.INTEGRATED_RESIDENCE_CARD)
    desk.select("surface")
    assert desk.verify(0x12, training_person("p02").code_b.encode()) == "9000"
    assert desk.read(0x02)[:3] == b"\xff\x21\x40"


def test_an_integrated_card_may_want_its_stay_application_first(image: CardImage) -> None:
    integrated = integrated_residence_card_image(image, needs_stay_application=True)
    desk = Desk(SimulatedCard(integrated, counted_bytes))
    desk.select("surface")
    assert last_answer(desk, FACE) == "6A82"
    assert last_answer(desk, STAY, FACE) == "9000"
    assert last_answer(desk, SIGNATURE) == "9000"
    desk.select("surface")
    assert last_answer(desk, NOTES) == "6A82"


def test_a_bank_card_answers_to_its_two_payment_environments(personaliser: Personaliser) -> None:
    desk = handed(personaliser, Kind.BANK)
    name = b"1PAY.SYS.DDF01"
    answer = desk.ask("00A40400", name, "00")
    assert answer == bytes.fromhex("6F15840E") + name + bytes.fromhex("A5038801019000")
    answer = desk.ask("00A40400", b"2PAY.SYS.DDF01", "00")
    assert answer[:2] == bytes.fromhex("6F22")
    assert bytes.fromhex("BF0C0D610B4F09F0") in answer


@pytest.mark.parametrize(
    "command", ["00A4040007A000000003101000", "00A4040009F04D594E564953495400", "00A4040C07A0000001510000"]
)
def test_a_bank_card_finds_nothing_else(personaliser: Personaliser, command: str) -> None:
    assert handed(personaliser, Kind.BANK).status(command) == "6A82"


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("FFCA000000", "02FE000000000000" + "9000"),
        ("FFCA000004", "02FE0000" + "9000"),
        ("FFCA0000", "6700"),
        ("FFCA010000", "6A81"),
        ("FFB0000010", "6E00"),
        ("00B0000000", "6E00"),
        ("00A40000", "6E00"),
        ("00", "6700"),
    ],
)
def test_a_reader_answers_for_a_transport_card(command: str, answer: str) -> None:
    card = transport_card()
    assert card.power_on() == other_cards.TRANSPORT_CARD_ATR
    assert card.process(bytes.fromhex(command)).hex().upper() == answer
    assert card.application_name is ApplicationName.TOP


def test_every_name_belongs_to_one_application() -> None:
    assert len(set(AIDS.values())) == len(AIDS)
    assert set(AIDS) == set(ApplicationName) - {ApplicationName.TOP}


def test_nobody_s_data_stands_on_a_residence_card() -> None:
    image = residence_card_image()
    contents = [file for known in image.applications for file in known.files.values()]
    assert all(not bytes(getattr(file, "content", b"")).strip(b"\0") for file in contents)
    assert {AIDS[known.name][:5].hex() for known in image.applications} == {"d392f0004f"}


@pytest.mark.parametrize(
    ("word", "order"),
    [
        ("contact", CardOrder("p02")),
        ("contactless", CardOrder("p02", atr="contactless")),
        ("transport", CardOrder("p02", Kind.TRANSPORT)),
        ("OLD_RESIDENT_CARD", CardOrder("p02", Kind.OLD_RESIDENT_CARD)),
        ("residence_card", CardOrder("p02", Kind.RESIDENCE_CARD)),
    ],
)
def test_a_word_orders_a_card(word: str, order: CardOrder) -> None:
    assert CardOrder.parse("p02", word) == order


def test_an_unknown_word_orders_none() -> None:
    with pytest.raises(KeyError):
        CardOrder.parse("p02", "golden")


@pytest.mark.parametrize(
    "kind", [kind for kind in Kind if kind not in {Kind.TRANSPORT, Kind.BANK, Kind.RESIDENCE_CARD}]
)
def test_a_card_of_somebody_needs_somebody(personaliser: Personaliser, kind: Kind) -> None:
    with pytest.raises(KeyError):
        CardOrder("p99", kind).image(personaliser)


@pytest.mark.parametrize("kind", sorted(OWN_CARDS))
def test_own_cards_come_with_and_without_contacts(personaliser: Personaliser, kind: Kind) -> None:
    assert CardOrder("p02", kind, "contactless").image(personaliser).atr == ATRS["contactless"]


@pytest.mark.parametrize("kind", Kind)
def test_a_card_goes_on_where_an_earlier_life_of_it_ended(personaliser: Personaliser, kind: Kind) -> None:
    card = CardOrder("p02", kind).card(personaliser)
    again = CardOrder("p02", kind).card(personaliser, state_json=card.state.to_json())
    assert again.state == card.state

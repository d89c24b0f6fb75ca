"""The checklist of card.md §19, line by line, and the answers of §1 to §8, §12 and §15 that no line of it repeats.

Each row is one conversation with a fresh card of p01: commands in hexadecimal, and what the last one answers.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from appliance.simulated.card.simulated_card import CardHabits, SimulatedCard
from appliance.simulated.handed_over import CardOrder, Kind
from appliance.simulated.people import CODE_TRIES
from appliance.simulated.personalisation import ATRS, Personaliser
from tests.simulated.card_desk import Desk, counted_bytes

SURFACE = "00A4040C0AD3921000310001010402"
TEXT = "00A4040C0AD3921000310001010408"
JPKI = "00A4040C0AD392F000260100000001"
SHARED = "00A4040C0AD3921000310001010100"
RESIDENCE = "00A4040C0AD3921000310001010401"
MANAGER = "00A4040C07A0000001510000"
UNKNOWN = "00A4040C05F000000001"
PIN, WRONG_PIN = "0431323334", "0430303030"
PASSWORD = "0C545241494E494E4732303236"
DIGEST_INFO = "333031300D060960864801650304020105000420" + "5A" * 32
AUTH_SELECT, SIGN_SELECT = "00A4020C020018", "00A4020C02001B"
AUTH_PIN = "00200098" + PIN
CODE_A = "0C303030303030303030303031"

CHECKLIST = {
    "unknown AID": ([UNKNOWN], "6A82"),
    "unknown AID keeps the previous DF": ([SURFACE, UNKNOWN, "00A4020C020002"], "9000"),
    "SELECT EF, unknown id": ([SURFACE, "00A4020C020009"], "6A82"),
    "SELECT EF without a DF": (["00A4020C020001"], "6A82"),
    "READ on a PIN EF": ([JPKI, AUTH_SELECT, "00B0000000"], "6981"),
    "READ on a key EF": ([JPKI, "00A4020C02001A", "00B0000000"], "6981"),
    "a protected EF can be selected": ([JPKI, "00A4020C020001"], "9000"),
    "READ protected EF, not verified": ([JPKI, "00A4020C020001", "00B0000004"], "6982"),
    "READ at an offset beyond the file": ([JPKI, "00A4020C020006", "00B000A000"], "6B00"),
    "READ with an offset of 15 bits": ([JPKI, "00A4020C020006", "00B07FFF00"], "6B00"),
    "READ Le above the rest": ([JPKI, "00A4020C020006", "00B0009C00"], "393939399000"),
    "VERIFY on an EF that is no PIN": ([JPKI, "00A4020C020006", "00200080" + PIN], "6981"),
    "VERIFY wrong, two left after": ([JPKI, "00200098" + WRONG_PIN], "63C2"),
    "VERIFY wrong for the last time": ([JPKI, *["00200098" + WRONG_PIN] * 3], "63C0"),
    "VERIFY wrong locks what was open": ([JPKI, AUTH_PIN, "00200098" + WRONG_PIN, "802A009701AA00"], "6982"),
    "VERIFY data on a blocked PIN": ([JPKI, *["00200098" + WRONG_PIN] * 3, AUTH_PIN], "6984"),
    "VERIFY empty": ([JPKI, AUTH_SELECT, "00200080"], "63C3"),
    "VERIFY empty on a blocked PIN": ([JPKI, *["00200098" + WRONG_PIN] * 3, "00200098"], "63C0"),
    "VERIFY empty although verified": ([JPKI, AUTH_PIN, "00200098"], "63C3"),
    "VERIFY right": ([JPKI, AUTH_SELECT, "00200080" + PIN], "9000"),
    "VERIFY right fills the counter": ([JPKI, "00200098" + WRONG_PIN, AUTH_PIN, "00200098"], "63C3"),
    "VERIFY of a wrong length counts": ([JPKI, "002000980131"], "63C2"),
    "VERIFY of wrong characters counts": ([JPKI, "0020009804FF000102"], "63C2"),
    "VERIFY padded with FF is wrong": ([JPKI, "002000980831323334FFFFFFFF"], "63C2"),
    "signing without the PIN": ([JPKI, "802A009701AA00"], "6982"),
    "signing without a key selected": ([JPKI, "802A008001AA00"], "6986"),
    "signing with P1 above 05": ([JPKI, AUTH_PIN, "802A069701AA00"], "6A86"),
    "CHANGE REFERENCE DATA without VERIFY": ([JPKI, "00240198" + PIN], "6982"),
    "unknown INS": ([JPKI, "00CB3FFF035C017E08"], "6D00"),
    "unknown CLA": ([JPKI, "A0A40000023F00"], "6E00"),
    "a channel other than 0": (["01" + JPKI[2:]], "6881"),
    # §2
    "SELECT DF by a prefix": (["00A4040C05D392F00026", "00A4020C020006"], "9000"),
    "SELECT MF after power-up": (["00A40000"], "6A86"),
    "SELECT MF in an application": ([JPKI, "00A40000"], "9000"),
    "SELECT MF does not change the DF": ([JPKI, "00A40000", "00A4020C020018"], "9000"),
    "SELECT 3F00": ([JPKI, "00A4020C023F00"], "6A82"),
    "SELECT 3F00 as MF": ([JPKI, "00A40000023F00"], "6A82"),
    "SELECT EF with another P2": ([JPKI, "00A4020F020018"], "6A86"),
    "SELECT DF first, with FCI": (["00A404000AD392F00026010000000100"], "6F0C840AD392F0002601000000019000"),
    "SELECT DF next, with FCI": (
        ["00A4040004D392100000", "00A4040204D392100000"],
        "6F0C840AD39210003100010104089000",
    ),
    "SELECT DF next, after the last": ([RESIDENCE, "00A4040204D392100000"], "6A82"),
    "READ BINARY by SFI": ([JPKI, "00B0860004"], "4A504B499000"),
    "READ BINARY by SFI makes the file current": ([JPKI, "00B0860001", "00B0000104"], "504B49419000"),
    "READ BINARY by a reserved SFI form": ([JPKI, "00B0C60004"], "6A86"),
    "READ BINARY without a file": ([JPKI, "00B0000000"], "6986"),
    "READ RECORD of the current file": ([SHARED, "00A4020C020001", "00B2010402"], "011C9000"),
    "READ RECORD by SFI": ([SHARED, "00B2010C02"], "011C9000"),
    "READ RECORD that is not there": ([SHARED, "00B2020C00"], "6A83"),
    "READ RECORD, all from one": ([SHARED, "00B2010D00"], "6A81"),
    "READ BINARY of records": ([SHARED, "00B0810000"], "6981"),
    "VERIFY with P1": ([JPKI, "00200198" + PIN], "6A86"),
    "CHANGE REFERENCE DATA": ([JPKI, AUTH_PIN, "00240198" + "0439383736", "00200098" + "0439383736"], "9000"),
    "CHANGE REFERENCE DATA in the shared AP": ([SHARED, "0020009C" + PIN, "0024019C" + PIN], "6D00"),
    "CHANGE KEY in the shared AP": ([SHARED, "0020009C" + PIN, "8032009C" + "0439383736"], "9000"),
    "CHANGE KEY in the residence AP": ([RESIDENCE, "0020009C" + PIN, "8032009C" + "0439383736"], "9000"),
    "CHANGE KEY in JPKI": ([JPKI, AUTH_PIN, "80320098" + PIN], "6D00"),
    "the two 001C count apart": ([SHARED, "0020009C" + WRONG_PIN, RESIDENCE, "0020009C"], "63C3"),
    "INTERNAL AUTHENTICATE with a surface key": ([SURFACE, "0088009A01AA00"], "6985"),
    "INTERNAL AUTHENTICATE with a text key": ([TEXT, "0088009301AA00"], "6985"),
    "GET CHALLENGE": ([JPKI, "0084000004"], "000102039000"),
    "GET CHALLENGE at the card manager": (["0084000004"], "000102039000"),
    "GET CHALLENGE with P2": ([JPKI, "0084000104"], "6A86"),
    "GET CHALLENGE, extended": ([JPKI, "00840000000004"], "6985"),
    "GET CHALLENGE with data": ([JPKI, "0084000001AA04"], "6700"),
    "GET DATA in an application": ([JPKI, "00CA00F000"], "6A88"),
    "GET DATA after the card manager again": ([JPKI, MANAGER, "00CA00F000"], "39393230319000"),
    "GET DATA of what is not there": (["00CA9F7F00"], "6A88"),
    "GET DATA, large and short": (["00CA7F2100"], "6700"),
    "GET DATA, small with extended Le": (["00CA00F0000000"], "39393230319000"),
    "GET DATA without Le": (["00CA00F0"], "6700"),
    "EXTERNAL AUTHENTICATE": ([JPKI, "0082000008" + "00" * 8], "6985"),
    "MANAGE ATTRIBUTES": ([JPKI, "808A2200"], "6982"),
    "LOCK": ([JPKI, "80500000"], "6982"),
    "terminal certificate, unknown P1P2": ([JPKI, "80A200AE01AA"], "6A86"),
    # §5 and §6
    "both certificates are there": ([JPKI, "00B0880000"], "8F8F009000"),
    "EF 0009 never opens": ([JPKI, AUTH_PIN, "0020009B" + PASSWORD, "00B0890000"], "6982"),
    "the auth certificate is free": ([JPKI, "00B08A0002"], "30829000"),
    "the signing certificate after its password": ([JPKI, "0020009B" + PASSWORD, "00B0810002"], "30829000"),
    "two secrets side by side": ([JPKI, AUTH_PIN, "0020009B" + PASSWORD, "00B0810002"], "30829000"),
    "code A does not open the four attributes": ([TEXT, "00200094" + CODE_A, "00B0820001"], "6982"),
    "text 0012 is blocked": ([TEXT, "00200092"], "63C0"),
    "text 0012 refuses data": ([TEXT, "00200092" + PIN], "6984"),
    "text 0008": ([TEXT, "00B0880000"], "FF" * 16 + "9000"),
    "text basic information": ([TEXT, "00B085000C"], "FF4082009FDF410401030E019000"),
    "surface basic information": ([SURFACE, "00B083000C"], "FF3082013BDF310406030E019000"),
    "surface 0005 wants code A": ([SURFACE, "00B0850001"], "6982"),
    "code B counts from ten": ([SURFACE, "00200092"], f"63C{CODE_TRIES:X}"),
    "six digits open the age record": ([SURFACE, "0020009106313830353134", "00B0810002"], "FF109000"),
    "the birth-date key opens nothing else": ([SURFACE, "0020009106313830353134", "00B0820001"], "6982"),
    "a re-SELECT locks": ([JPKI, AUTH_PIN, JPKI, "802A009701AA00"], "6982"),
    # §12: without a session
    "secure SELECT without a session": (["08" + JPKI[2:]], "6882"),
    "secure READ without a session": ([TEXT, "08B0850000"], "69FC"),
    "secure VERIFY without a session": ([TEXT, "0C20009104" + PIN[2:]], "69FC"),
    "session key, surface": ([SURFACE, "80AE0000000100" + "00" * 256], "66F1"),
    "session key, shared": ([SHARED, "80AE0000000100" + "00" * 256], "66F1"),
    "session key, JPKI": ([JPKI, "80AE0000000100" + "00" * 256], "6982"),
    "session key, residence": ([RESIDENCE, "80AE0000000100" + "00" * 256], "6982"),
    "session key, text without PIN": ([TEXT, "80AE0000000100" + "00" * 256], "6982"),
    "session key, text with code A": ([TEXT, "00200094" + CODE_A, "80AE0000000100" + "00" * 256], "6982"),
    "session key, number above the modulus": (
        [TEXT, "00200091" + PIN, "80AE0000000100" + "FF" * 256],
        "6F00",
    ),
    "session key, not encrypted": ([TEXT, "00200091" + PIN, "80AE0000000100" + "00" * 256], "6A80"),
    "session key, too short": ([TEXT, "00200091" + PIN, "80AE000001AA"], "6700"),
    # §15
    "last command on plastic": ([JPKI, "80FC0000"], "6700"),
    # §18.1: what other drivers ask
    "another driver's AID with Le": (["00A404000CF276A288BCFBA69D34F3100100"], "6A82"),
    "another driver's data object": (["00CADF3005"], "6A88"),
    "an escape for the reader": (["FFCA000000"], "6E00"),
}


@pytest.mark.parametrize("situation", CHECKLIST)
def test_a_situation_has_its_answer(desk: Desk, situation: str) -> None:
    commands, expected = CHECKLIST[situation]
    answers = [desk.card.process(bytes.fromhex(command)) for command in commands]
    assert answers[-1].hex().upper() == expected


@pytest.mark.parametrize(
    ("le", "size"), [("00", 256), ("01", 1), ("FF", 255), ("000000", None), ("000100", 256), ("000101", 257)]
)
def test_le_is_kept_to(desk: Desk, le: str, size: int | None) -> None:
    """§19: Le 00 means 256, and 0000 in extended form 65,536, so the whole file."""
    desk.card.process(bytes.fromhex(JPKI))
    whole = desk.ask("00B08A00000000")
    assert len(desk.ask("00B08A00", tail=le)) - 2 == (len(whole) - 2 if size is None else size)


@pytest.mark.parametrize("key", ["97", "80"])
@pytest.mark.parametrize("lc", ["33", "000033"])
def test_signing_by_name_by_selection_short_and_extended(desk: Desk, key: str, lc: str) -> None:
    """§5.3 and §1.3: the forms give the same signature."""
    for command in (JPKI, AUTH_PIN, "00A4020C020017"):
        desk.card.process(bytes.fromhex(command))
    le = "00" if len(lc) == 2 else "0000"
    answer = desk.ask(f"802A00{key}{lc}{DIGEST_INFO[2:]}{le}")
    assert answer[-2:] == b"\x90\x00"
    assert answer == desk.ask(f"802A0097{DIGEST_INFO}00")
    assert len(answer) == 258


def test_one_verify_serves_several_signatures(desk: Desk) -> None:
    """§1.4."""
    for command in (JPKI, "0020009B" + PASSWORD):
        desk.card.process(bytes.fromhex(command))
    assert all(desk.ask("802A009A01AA00")[-2:] == b"\x90\x00" for _ in range(3))


@pytest.mark.parametrize("commands", [[JPKI], ["00B0000000"], ["FF"], [JPKI, JPKI]])
def test_the_first_command_may_fail(desk_with: Callable[[CardHabits], Desk], commands: list[str]) -> None:
    """§1.4: whatever it is, and once for each power-up."""
    desk = desk_with(CardHabits(first_command_fails=True))
    for _ in range(2):
        desk.card.power_on()
        answers = [desk.card.process(bytes.fromhex(command)).hex() for command in commands]
        assert answers[0] == "6f00"
        assert "6f00" not in answers[1:]


@pytest.mark.parametrize(
    ("habits", "after_reset", "after_select"),
    [
        (CardHabits(), "6a82", "6982"),
        (CardHabits(reset_keeps_session=True), "9000", "6982"),
        (CardHabits(reselect_keeps_session=True), "6a82", "9000"),
    ],
)
def test_what_a_warm_reset_and_a_second_select_keep(
    desk_with: Callable[[CardHabits], Desk], habits: CardHabits, after_reset: str, after_select: str
) -> None:
    """§1.4 and its open points: a switch for each; cold power-up always clears."""

    def signed(card: SimulatedCard) -> str:
        return card.process(bytes.fromhex("802A009701AA00"))[-2:].hex()

    first, second = desk_with(habits).card, desk_with(habits).card
    for card in (first, second):
        for command in (JPKI, AUTH_PIN):
            card.process(bytes.fromhex(command))
    first.reset()
    assert signed(first) == after_reset
    second.process(bytes.fromhex(JPKI))
    assert signed(second) == after_select
    for card in (first, second):
        card.power_off()
        assert signed(card) == "6a82"


@pytest.mark.parametrize(("inside", "commands"), [(False, []), (True, [JPKI])])
def test_where_the_contact_atr_answers(
    desk_with: Callable[[CardHabits], Desk], inside: bool, commands: list[str]
) -> None:
    """§1.1: some cards tell it at card-manager level, some only with an application selected."""
    desk = desk_with(CardHabits(contact_atr_inside_applications=inside))
    elsewhere = [MANAGER] if inside else [JPKI]
    for command in commands:
        desk.card.process(bytes.fromhex(command))
    assert desk.ask("00CA5F5100") == ATRS["contact"][1:] + b"\x90\x00"
    for command in elsewhere:
        desk.card.process(bytes.fromhex(command))
    assert desk.ask("00CA5F5100") == b"\x6a\x88"


@pytest.mark.parametrize(
    ("person", "kind", "conversation", "expected"),
    [
        ("p01", Kind.MY_NUMBER_CARD, [JPKI, "00B0880000"], "8F8F009000"),
        ("p09", Kind.MY_NUMBER_CARD, [JPKI, "00B0880000"], "008F009000"),
        ("p09", Kind.MY_NUMBER_CARD, [JPKI, "0020009B"], "63C0"),
        ("p06", Kind.MY_NUMBER_CARD, [JPKI, "00B0880000"], "008F009000"),
        ("p06", Kind.MY_NUMBER_CARD, [JPKI, "00200098"], "63C0"),
        ("p06", Kind.MY_NUMBER_CARD, [JPKI, AUTH_PIN], "6984"),
        ("p14", Kind.MY_NUMBER_CARD, [SURFACE, "00200092"], "63C0"),
        ("p01", Kind.BLOCKED_PINS, [JPKI, "00200098"], "63C0"),
        ("p01", Kind.BLOCKED_PINS, [JPKI, "0020009B" + PASSWORD], "6984"),
        ("p01", Kind.BLOCKED_PINS, [TEXT, "00200091"], "63C0"),
        ("p01", Kind.BLOCKED_PINS, [SHARED, "0020009C"], "63C0"),
        ("p01", Kind.BLOCKED_PINS, [RESIDENCE, "0020009C"], "63C0"),
        ("p01", Kind.BLOCKED_PINS, [SURFACE, "00200092"], "63CA"),
        ("p01", Kind.OLD_RESIDENT_CARD, [JPKI, "00B0860010"], b"JPKIAPICCTOKEN  ".hex().upper() + "9000"),
        ("p01", Kind.ANDROID, [JPKI, "00B0860010"], b"JPKIAPGPSETOKEN ".hex().upper() + "9000"),
        ("p01", Kind.IPHONE, [JPKI, "00B0860010"], b"JPKIAPIOSTOKEN  ".hex().upper() + "9000"),
    ],
)
def test_presets(
    personaliser: Personaliser, person: str, kind: Kind, conversation: list[str], expected: str
) -> None:
    """§19: adult, under 15, face-only, blocked, and the other token labels."""
    card = CardOrder(person, kind).card(personaliser, random_bytes=counted_bytes)
    answers = [card.process(bytes.fromhex(command)) for command in conversation]
    assert answers[-1].hex().upper() == expected


@pytest.mark.parametrize("name", ATRS)
def test_answers_to_reset_to_choose_from(personaliser: Personaliser, name: str) -> None:
    """§19: three of contact cards and one without contacts."""
    assert CardOrder("p01", atr=name).card(personaliser).power_on() == ATRS[name]

"""The campaigns' own table of what may be asked of a card, against domain.md §9.5 line by line."""

from __future__ import annotations

import pytest

from tests.proof.card_law import CardLaw, is_try

SURFACE = "00A4040C0AD3921000310001010402"
TEXT = "00A4040C0AD3921000310001010408"
RESIDENCE_CARD = "00A4040C10D392F0004F0200000000000000000000"
STAY = "00A4040C10D392F0004F0100000000000000000000"
CODE_B = "3630303430313230333331323334"
SIGN = "802A0000333031300D060960864801650304020105000420" + "5A" * 32 + "00"


def judged(*commands: str, status_word: int = 0x9000) -> str:
    """Judge commands one after the other; return what was said of the last."""
    law, said = CardLaw(), ""
    for command in commands:
        said = law.judge(bytes.fromhex(command), status_word)
    return said


@pytest.mark.parametrize(
    "commands",
    [
        (SURFACE,),
        (TEXT,),
        (RESIDENCE_CARD,),
        (STAY,),
        (SURFACE, "00200092"),
        (SURFACE, "00200091"),
        (SURFACE, "002000920E" + CODE_B),
        (SURFACE, "0020009106363030343031"),
        (SURFACE, "00B0810000"),
        (SURFACE, "00B0820000"),
        (SURFACE, "00B0830000"),
        (SURFACE, "00B0840000"),
        (SURFACE, "00B0820000", "00B0010000"),
        (SURFACE, SIGN),
        (SURFACE, "00C0000010"),
        (TEXT, "00200095"),
        (TEXT, "002000950E" + CODE_B),
        (TEXT, "00B0820000"),
        (TEXT, "00B0830000"),
        (TEXT, "00B0840000"),
        (TEXT, "00B0870000"),
        (TEXT, SIGN),
    ],
    ids=lambda commands: " ".join(each[:8] for each in commands),
)
def test_what_a_unit_needs_is_allowed(commands: tuple[str, ...]) -> None:
    assert judged(*commands) == ""


@pytest.mark.parametrize(
    "commands",
    [
        ("00B0820000",),
        ("00200092",),
        ("00A4040C0AD392F000260100000001",),
        ("00A4040C0AD3921000310001010401",),
        ("00A4040C0AD3921000310001010100",),
        ("00A4040C09D39210003100010104",),
        ("00A404000AD3921000310001010402",),
        (SURFACE, "00B0850000"),
        (SURFACE, "00B0860000"),
        (SURFACE, "00A4020C020005"),
        (SURFACE, "00200093"),
        (SURFACE, "002000930C" + "30" * 12),
        (SURFACE, "00200092" + "0C" + "30" * 12),
        (SURFACE, "002000920E" + "41" * 14),
        (SURFACE, "0020008092"),
        (SURFACE, "00B0010000"),
        (SURFACE, "00B0820000", "00200092", "00B0010000"),
        (SURFACE, "00B0820000", SURFACE, "00B0010000"),
        (SURFACE, "0024018004" + "30" * 4),
        (SURFACE, SIGN.replace("802A0000", "802A0080")),
        (SURFACE, "802A000020" + "5A" * 32 + "00"),
        (TEXT, "00B0810000"),
        (TEXT, "00B0850000"),
        (TEXT, "00200091"),
        (TEXT, "0020009104" + "31323334"),
        (TEXT, "00200094"),
        (RESIDENCE_CARD, "00B0810000"),
        (RESIDENCE_CARD, SIGN),
        (RESIDENCE_CARD, "00200092"),
    ],
    ids=lambda commands: " ".join(each[:30] for each in commands),
)
def test_everything_else_is_not(commands: tuple[str, ...]) -> None:
    assert judged(*commands) != ""


def test_a_failed_select_changes_nothing() -> None:
    law = CardLaw()
    law.judge(bytes.fromhex(SURFACE), 0x9000)
    law.judge(bytes.fromhex(TEXT), 0x6A82)
    assert law.judge(bytes.fromhex("00B0810000"), 0x6982) == ""


def test_without_power_nothing_is_current() -> None:
    law = CardLaw()
    law.judge(bytes.fromhex(SURFACE), 0x9000)
    law.power_off()
    assert law.judge(bytes.fromhex("00200092"), 0x63CA) != ""


def test_what_is_said_never_repeats_a_secret() -> None:
    assert "30303030" not in judged(SURFACE, "002000930C" + "30" * 12)


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("00200092", False),
        ("002000920E" + CODE_B, True),
        ("0024018004" + "30" * 4, True),
        ("00B0820000", False),
    ],
)
def test_a_try_is_a_command_that_presents_a_secret(command: str, expected: object) -> None:
    assert is_try(bytes.fromhex(command)) is expected

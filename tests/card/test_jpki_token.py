"""What kind of token holds the JPKI application, told by its label; and which certificates are on it (card.md §1.2, §5)."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.card.jpki.token import (
    Availability,
    open_application,
    parse_availability,
    parse_token_information,
    parse_token_label,
    read_availability,
    read_token_information,
    require_card,
    sight_token,
)
from appliance.card.reached_channel import ReachedChannel
from appliance.domain.card_answers import CardKind
from appliance.errors import (
    CardNotUnderstood,
    CardRefused,
    ForeignCard,
    OldResidentCard,
    PhoneToken,
    UnsupportedCard,
)
from tests.card.jpki_chip import READ_LABEL, SELECT, VERIFIER, JpkiChip, label, token_information
from tests.card.scripted import Script

READ_INFORMATION = "00B08600A0"
READ_AVAILABILITY = "00B0880003"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("JPKIAPICCTOKEN2", CardKind.MY_NUMBER_CARD),
        ("JPKIAPICCTOKEN", CardKind.OLD_RESIDENT_CARD),
        ("JPKIAPGPSETOKEN", CardKind.PHONE_TOKEN),
        ("JPKIAPIOSTOKEN", CardKind.PHONE_TOKEN),
        ("JPKIAPICCTOKEN3", CardKind.FOREIGN),
        ("jpkiapicctoken2", CardKind.FOREIGN),
        (" JPKIAPICCTOKEN2", CardKind.FOREIGN),
        ("", CardKind.FOREIGN),
    ],
)
@pytest.mark.parametrize("padding", [b" ", b"\0"])
def test_the_label_tells_the_kind(text: str, kind: CardKind, padding: bytes) -> None:
    assert parse_token_label(label(text, padding)) is kind
    if padding == b" ":
        assert parse_token_information(token_information(text)).kind is kind


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_label_of_another_size_is_not_understood(size: int) -> None:
    with pytest.raises(CardNotUnderstood):
        parse_token_label(b" " * size)


def test_the_whole_information_keeps_label_and_model_and_no_serial_number() -> None:
    information = parse_token_information(token_information())
    assert (information.label, information.model) == ("JPKIAPICCTOKEN2", "E00X00XX")
    assert "4711" not in repr(information)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (token_information()[:-1], "JPKI 0006"),
        (token_information() + b"\0", "JPKI 0006"),
        (b"", "JPKI 0006"),
        (b"\x80" + token_information()[1:], "JPKI 0006: label"),
        (token_information()[:40] + b"\n" + token_information()[41:], "JPKI 0006: manufacturer"),
        (token_information(model=b"\xe3\x81\x82"), "JPKI 0006: model"),
        (
            token_information()[:80] + bytes(8) + b"12345678" + token_information()[96:],
            "JPKI 0006: serial number",
        ),
    ],
)
def test_information_of_another_form_is_not_understood(content: bytes, what: str) -> None:
    with pytest.raises(CardNotUnderstood) as refused:
        parse_token_information(content)
    assert refused.value.what == what


@pytest.mark.parametrize(
    ("content", "has_signing", "has_user_authentication"),
    [("8F8F00", True, True), ("008F00", False, True), ("8F0000", True, False), ("0000FF", False, False)],
)
def test_the_availability_names_both_certificates(
    content: str, has_signing: bool, has_user_authentication: bool
) -> None:
    expected = Availability(has_signing=has_signing, has_user_authentication=has_user_authentication)
    assert parse_availability(bytes.fromhex(content)) == expected


@pytest.mark.parametrize("content", ["", "8F", "8F8F", "8F8F0000"])
def test_an_availability_of_another_size_is_not_understood(content: str) -> None:
    with pytest.raises(CardNotUnderstood):
        parse_availability(bytes.fromhex(content))


@given(st.binary(max_size=200) | st.binary(min_size=160, max_size=160))
def test_any_bytes_are_read_or_not_understood(content: bytes) -> None:
    with suppress(CardNotUnderstood):
        assert parse_token_information(content).kind in CardKind
    with suppress(CardNotUnderstood):
        assert isinstance(parse_availability(content), Availability)


def test_a_token_is_told_by_its_label_in_two_commands() -> None:
    script = Script((SELECT, "9000"), (READ_LABEL, label("JPKIAPICCTOKEN").hex() + "9000"))
    assert sight_token(script, VERIFIER) is CardKind.OLD_RESIDENT_CARD
    script.assert_finished()


def test_information_and_availability_are_read_in_two_commands_each() -> None:
    script = Script(
        *((SELECT, "9000"), (READ_INFORMATION, token_information().hex() + "9000")),
        *((SELECT, "9000"), (READ_AVAILABILITY, "8F8F009000")),
    )
    assert read_token_information(script, VERIFIER).kind is CardKind.MY_NUMBER_CARD
    assert read_availability(script, VERIFIER).has_signing
    script.assert_finished()


def test_the_first_command_after_power_up_may_fail_once() -> None:
    chip = JpkiChip(information=token_information("JPKIAPIOSTOKEN"), wake_up_answer=b"\x6f\x00")
    assert sight_token(chip, VERIFIER) is CardKind.PHONE_TOKEN
    with pytest.raises(CardRefused):
        sight_token(Script((SELECT, "6F00"), (SELECT, "6F00")), VERIFIER)


@pytest.mark.parametrize("answer", ["6A82", "6D00", "6E00", "6881"])
def test_a_chip_without_the_application_is_foreign(answer: str) -> None:
    with pytest.raises(ForeignCard):
        sight_token(Script((SELECT, answer)), VERIFIER)


@pytest.mark.parametrize("answer", ["6982", "6A82", "6B00"])
def test_a_label_that_stays_locked_is_a_refusal(answer: str) -> None:
    with pytest.raises(CardRefused):
        sight_token(Script((SELECT, "9000"), (READ_LABEL, answer)), VERIFIER)


def test_a_guarded_channel_is_used_as_it_is() -> None:
    guarded = ReachedChannel(JpkiChip(), verifier=VERIFIER)
    assert open_application(guarded, VERIFIER) is guarded
    assert guarded.apdus == 1


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (CardKind.OLD_RESIDENT_CARD, OldResidentCard),
        (CardKind.PHONE_TOKEN, PhoneToken),
        (CardKind.FOREIGN, ForeignCard),
    ],
)
def test_only_a_card_passes(kind: CardKind, error: type[UnsupportedCard]) -> None:
    require_card(CardKind.MY_NUMBER_CARD)
    with pytest.raises(error):
        require_card(kind)

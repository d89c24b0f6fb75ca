"""Every number of PC/SC that a card service can give has one meaning here."""

from __future__ import annotations

import pytest
from smartcard import scard

from appliance.errors import CardBusy, CardSilent, NoCard, NoReader
from appliance.hardware.pcsc_codes import CARD_CHANGED, MUTE, SERVICE_GONE, connect_error, presence_in
from appliance.ports import Presence

CONNECT_ERRORS = [
    (scard.SCARD_E_NO_SMARTCARD, NoCard),
    (scard.SCARD_W_REMOVED_CARD, NoCard),
    (scard.SCARD_E_SHARING_VIOLATION, CardBusy),
    (scard.SCARD_W_UNRESPONSIVE_CARD, CardSilent),
    (scard.SCARD_W_UNPOWERED_CARD, CardSilent),
    (scard.SCARD_W_UNSUPPORTED_CARD, CardSilent),
    (scard.SCARD_E_CARD_UNSUPPORTED, CardSilent),
    (scard.SCARD_E_PROTO_MISMATCH, CardSilent),
    (scard.SCARD_E_READER_UNAVAILABLE, NoReader),
    (scard.SCARD_E_UNKNOWN_READER, NoReader),
    (scard.SCARD_E_NO_SERVICE, NoReader),
    (scard.SCARD_F_COMM_ERROR, NoReader),
    (scard.SCARD_F_INTERNAL_ERROR, NoReader),
    (0x7FFFFFFF, NoReader),
]


@pytest.mark.parametrize(("code", "error"), CONNECT_ERRORS)
def test_a_failed_connection(code: int, error: type[Exception]) -> None:
    assert type(connect_error(code)) is error


@pytest.mark.parametrize(
    ("state", "presence"),
    [
        (scard.SCARD_STATE_EMPTY, Presence.EMPTY),
        (scard.SCARD_STATE_PRESENT, Presence.CARD),
        (scard.SCARD_STATE_PRESENT | scard.SCARD_STATE_MUTE, Presence.CARD),
        (scard.SCARD_STATE_PRESENT | scard.SCARD_STATE_UNPOWERED, Presence.CARD),
        (scard.SCARD_STATE_PRESENT | scard.SCARD_STATE_EXCLUSIVE | scard.SCARD_STATE_INUSE, Presence.CARD),
        (scard.SCARD_STATE_PRESENT | scard.SCARD_STATE_CHANGED | 3 << 16, Presence.CARD),
        (scard.SCARD_STATE_EMPTY | 7 << 16, Presence.EMPTY),
        (scard.SCARD_STATE_UNKNOWN, Presence.NO_READER),
        (scard.SCARD_STATE_UNKNOWN | scard.SCARD_STATE_IGNORE, Presence.NO_READER),
        (scard.SCARD_STATE_UNAVAILABLE, Presence.NO_READER),
    ],
)
def test_what_stands_on_a_reader(state: int, presence: Presence) -> None:
    assert presence_in(state) is presence


def test_no_code_has_two_meanings() -> None:
    groups = (SERVICE_GONE, CARD_CHANGED, MUTE)
    assert sum(map(len, groups)) == len(frozenset().union(*groups))
    assert all(code != scard.SCARD_S_SUCCESS for group in groups for code in group)

"""What lies on the reader, by its applications and token label (card.md §1; R02, R07)."""

from __future__ import annotations

from itertools import product

import pytest

from appliance.card.reach import VerifierPolicy, VerifierReach
from appliance.card.reached_channel import ReachedChannel
from appliance.card.sighting import KINDS, kind_of, sight
from appliance.card.trace import Trace
from appliance.domain.card_answers import CardKind
from appliance.errors import (
    CardNotUnderstood,
    CardRefused,
    CardRemoved,
    CardSilent,
    CardTrouble,
    ForeignCard,
    IntegratedResidenceCard,
    OldResidentCard,
    PhoneToken,
    ReaderGone,
    ResidenceCard,
    UnsupportedCard,
)
from appliance.service.outcomes import OUTCOMES, Outcome
from tests.card.scripted import JPKI, QUERY, RESIDENCE, STAY, SURFACE, Script

READ_LABEL = "00B0860020"


@pytest.fixture
def verifier() -> VerifierReach:
    return VerifierReach(VerifierPolicy.for_training())


def label(text: str) -> str:
    return text.encode().ljust(32).hex() + "9000"


def test_a_my_number_card_is_sighted_with_its_tries_and_spends_none() -> None:
    script = Script((SURFACE, "9000"), (QUERY, "63CA"), (RESIDENCE, "6A82"), (STAY, "6A82"))
    sighting = sight(script)
    assert (sighting.kind, sighting.tries_left) == (CardKind.MY_NUMBER_CARD, 10)
    script.assert_finished()


def test_the_first_command_after_power_up_may_fail_once() -> None:
    script = Script(
        (SURFACE, "6F00"), (SURFACE, "9000"), (QUERY, "63C7"), (RESIDENCE, "6A82"), (STAY, "6A82")
    )
    assert sight(script).tries_left == 7
    script.assert_finished()


@pytest.mark.parametrize("answer", ["6984", "6983", "63C0"])
def test_a_blocked_key_is_seen_before_a_code_is_typed(answer: str) -> None:
    assert (
        sight(Script((SURFACE, "9000"), (QUERY, answer), (RESIDENCE, "6A82"), (STAY, "6A82"))).tries_left == 0
    )


def test_both_cards_in_one_are_named_and_left_to_the_eyes() -> None:
    script = Script((SURFACE, "9000"), (QUERY, "63CA"), (RESIDENCE, "9000"))
    with pytest.raises(IntegratedResidenceCard):
        sight(script)
    script.assert_finished()
    assert OUTCOMES[IntegratedResidenceCard] is Outcome.USE_EYES


def test_an_integrated_card_may_show_its_stay_application_first() -> None:
    script = Script((SURFACE, "9000"), (QUERY, "63CA"), (RESIDENCE, "6A82"), (STAY, "9000"))
    with pytest.raises(IntegratedResidenceCard):
        sight(script)
    script.assert_finished()


def test_a_residence_card_alone_is_another_card() -> None:
    script = Script((SURFACE, "6A82"), (RESIDENCE, "9000"))
    with pytest.raises(ResidenceCard):
        sight(script)
    script.assert_finished()


@pytest.mark.parametrize(
    ("surface", "residence"), list(product(["6A82", "6A81", "6D00", "6E00", "6700", "6985"], repeat=2))
)
def test_a_chip_with_none_of_the_applications_is_foreign(surface: str, residence: str) -> None:
    script = Script((SURFACE, surface), (RESIDENCE, residence), (STAY, "6A82"))
    with pytest.raises(ForeignCard):
        sight(script)
    script.assert_finished()


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("JPKIAPICCTOKEN", OldResidentCard),
        ("JPKIAPGPSETOKEN", PhoneToken),
        ("JPKIAPIOSTOKEN", PhoneToken),
        ("SOMETHING ELSE", ForeignCard),
    ],
)
def test_a_verifier_tells_tokens_by_their_label(
    verifier: VerifierReach, text: str, error: type[CardTrouble]
) -> None:
    script = Script(
        (SURFACE, "6A82"), (RESIDENCE, "6A82"), (STAY, "6A82"), (JPKI, "9000"), (READ_LABEL, label(text))
    )
    with pytest.raises(error):
        sight(script, verifier)
    script.assert_finished()


def test_a_my_number_token_without_its_surface_is_a_card_of_another_make(verifier: VerifierReach) -> None:
    script = Script(
        (SURFACE, "6A82"),
        (RESIDENCE, "6A82"),
        (STAY, "6A82"),
        (JPKI, "9000"),
        (READ_LABEL, label("JPKIAPICCTOKEN2")),
    )
    with pytest.raises(CardNotUnderstood):
        sight(script, verifier)
    assert OUTCOMES[CardNotUnderstood] is Outcome.USE_EYES


def test_a_chip_without_a_token_is_foreign_to_a_verifier_too(verifier: VerifierReach) -> None:
    with pytest.raises(ForeignCard):
        sight(Script((SURFACE, "6A82"), (RESIDENCE, "6A82"), (STAY, "6A82"), (JPKI, "6A82")), verifier)


def test_outreach_never_asks_for_the_token() -> None:
    trace = Trace()
    channel = ReachedChannel(Script((SURFACE, "6A82"), (RESIDENCE, "6A82"), (STAY, "6A82")), trace=trace)
    with pytest.raises(ForeignCard):
        sight(channel)
    assert [entry.aid for entry in trace.entries] == [SURFACE[10:], RESIDENCE[10:], STAY[10:]]


@pytest.mark.parametrize("answer", ["6283", "63C1", "6110"])
@pytest.mark.parametrize("place", [SURFACE, RESIDENCE])
def test_a_warning_to_select_is_a_refusal(place: str, answer: str) -> None:
    before = {SURFACE: [], RESIDENCE: [(SURFACE, "9000"), (QUERY, "63CA")]}[place]
    script = Script(*before, (place, answer))
    with pytest.raises(CardRefused):
        sight(script)
    script.assert_finished()


@pytest.mark.parametrize("answer", ["9000", "6982", "6D00"])
def test_a_chip_that_says_no_count_is_refused(answer: str) -> None:
    with pytest.raises(CardRefused):
        sight(Script((SURFACE, "9000"), (QUERY, answer)))


@pytest.mark.parametrize("trouble", [CardRemoved(), ReaderGone(), CardSilent()])
@pytest.mark.parametrize("position", range(4))
def test_a_broken_line_is_told_at_every_command(trouble: CardTrouble, position: int) -> None:
    exchanges: list[tuple[str, str | Exception]] = [
        (SURFACE, "9000"),
        (QUERY, "63CA"),
        (RESIDENCE, "6A82"),
        (STAY, "6A82"),
    ]
    exchanges[position] = (exchanges[position][0], trouble)
    with pytest.raises(type(trouble)):
        sight(Script(*exchanges[: position + 1]))


def test_every_card_that_is_not_read_has_a_kind_and_a_next_step() -> None:
    unsupported = {error for error in OUTCOMES if issubclass(error, UnsupportedCard)}
    assert set(KINDS) == unsupported == set(UnsupportedCard.__subclasses__())
    read_here = {CardKind.MY_NUMBER_CARD, CardKind.FACE_ONLY_CARD}
    assert set(KINDS.values()) == set(CardKind) - read_here
    assert {kind_of(error()) for error in unsupported} == set(KINDS.values())

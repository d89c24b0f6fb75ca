"""Each campaign finds a defect that is planted in the product itself, so that its silence means something."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.card import conversation, file_reading, surface, tries
from appliance.card.channel import Channel
from appliance.domain.ephemeral import GreyPicture
from appliance.errors import CardNotGenuine, PictureRefused
from appliance.pictures.guarded import PictureChild
from appliance.pictures.header import CHIP_BOUNDS, FILE_BOUNDS
from appliance.service.visit_day import VisitDay
from appliance.simulated.people import TrainingPerson, training_people
from tests.proof import faulty_sessions, hostile_bytes, hostile_pictures, journey_traces, reader_restarts
from tests.proof.campaign import Campaign, Share
from tests.proof.faulty_sessions import Sent, judge_tries, known_world, play, spoil
from tests.proof.journey_traces import WitnessedHand, try_journeys
from tests.proof.reader_recovery import RecoveryReport
from tests.proof.session_plans import Act, Garble, Manner, Noise, Plan, Step
from tests.proof.watch import Breach, Watch
from tests.proof.wiping import Buffers, watched_buffers
from tests.service.bench import Bench, opened_bench

WatchOver = Callable[[Campaign], Watch]
WORLD = known_world()


def played(plan: Plan) -> list[str]:
    with watched_buffers() as buffers:
        return play(WORLD, plan, buffers).endings


def plan(*steps: Step, tries_left: int = 10) -> Plan:
    return Plan("p01", steps, tries_left)


def test_f1_finds_an_error_that_is_not_documented(
    monkeypatch: pytest.MonkeyPatch, watch_over: WatchOver
) -> None:
    def parse_date(_field: object) -> None:
        raise ValueError("19300231")

    monkeypatch.setattr(surface, "parse_date", parse_date)
    watch = watch_over(hostile_bytes.CAMPAIGN)
    hostile_bytes.run(Share(1, 0, 200), watch)
    finding = watch.finding()
    assert finding.failed
    assert finding.failures[0].what.startswith("ValueError at appliance/card/surface.py:")


def test_f1_tries_every_reader_and_most_inputs_are_refused(watch_over: WatchOver) -> None:
    watch = watch_over(hostile_bytes.CAMPAIGN)
    hostile_bytes.run(Share(2, 0, 1000), watch)
    figures = watch.finding().figures
    for target in hostile_bytes.targets():
        assert f"refused: {target.name}" in figures
    understood = sum(figure.value for name, figure in figures.items() if name.startswith("understood"))
    assert 0 < understood < 500


def test_f1_begins_from_bytes_that_are_understood() -> None:
    for target in hostile_bytes.targets():
        if target.name == "key identifier":
            continue
        for seed in target.seeds:
            target.read(seed) if target.name != "card key" else _expect_untrue(target.read, seed)


def _expect_untrue(read: Callable[[bytes], None], seed: bytes) -> None:
    """A key is understood when only the signature under it is refused: it signed something else."""
    with pytest.raises(CardNotGenuine):
        read(seed)


def test_f2_an_undisturbed_session_tells_what_stands_on_the_chip() -> None:
    assert played(plan(Step(Act.SIGHT), Step(Act.FACE), Step(Act.AGE), Step(Act.TEXT))) == [
        "sight told",
        "face told",
        "age told",
        "text told",
    ]


def test_f2_the_operators_manners_end_as_documented() -> None:
    assert played(
        plan(
            Step(Act.FACE, Manner.WRONG),
            Step(Act.FACE, Manner.UNCONFIRMED),
            Step(Act.FACE, Manner.WIPED),
            Step(Act.FACE, cancel_at=3),
            Step(Act.FACE, end_at=2),
            Step(Act.FACE),
        )
    ) == ["CodeWrong", "NotConfirmed", "CodeMalformed", "ReadingCancelled", "the program's end", "face told"]


def test_f2_finds_a_margin_that_is_too_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tries, "TRIES_MARGIN", 0)
    with pytest.raises(Breach, match="presented with 3 tries left"):
        played(plan(Step(Act.FACE, Manner.WRONG), tries_left=3))


def test_f2_finds_a_confirmation_that_serves_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tries.Confirmation, "is_spent", False)
    monkeypatch.setattr(tries.Confirmation, "spend", lambda _self: None)
    with pytest.raises(Breach, match="2 tries for 1 confirmations"):
        played(plan(Step(Act.FACE), Step(Act.FACE, Manner.UNCONFIRMED)))


def test_f2_finds_a_buffer_that_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (file_reading, conversation):
        monkeypatch.setattr(module, "overwrite", lambda _buffer: None)
    with pytest.raises(Breach, match="buffer is not wiped"):
        played(plan(Step(Act.FACE, cancel_at=6)))


def test_f2_finds_a_record_that_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surface.SurfaceRecord, "wipe", lambda _self: None)
    with pytest.raises(Breach, match="personal value is not wiped"):
        played(plan(Step(Act.FACE)))


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("00B0850000", "surface 0005 was reached"),
        ("00200093", "surface 0013 was reached"),
        ("00A4040C0AD392F000260100000001", "jpki 0000 was reached"),
    ],
    ids=["drawn My Number", "code A", "JPKI"],
)
def test_f2_finds_a_command_past_the_guard(monkeypatch: pytest.MonkeyPatch, command: str, said: str) -> None:
    def trespass(channel: Channel) -> None:
        channel.transmit(bytes.fromhex("00A4040C0AD3921000310001010402"))
        channel.transmit(bytes.fromhex(command))

    monkeypatch.setattr(faulty_sessions, "sight", trespass)
    with pytest.raises(Breach, match=said):
        played(plan(Step(Act.SIGHT)))


QUERY, TRY = bytes.fromhex("00200092"), bytes.fromhex("002000920E" + "30" * 14)


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ([Sent(TRY, 10, b"\x90\x00")], "without asking"),
        ([Sent(QUERY, 10, None), Sent(TRY, 10, b"\x90\x00")], "without asking"),
        ([Sent(QUERY, 10, b"\x90\x00"), Sent(TRY, 10, b"\x90\x00")], "after the answer 9000"),
        ([Sent(QUERY, 10, b"\x63\xc3"), Sent(TRY, 10, b"\x90\x00")], "with 3 tries left"),
        ([Sent(QUERY, 5, b"\x63\xc5"), Sent(TRY, 5, b"\x63\xc4"), Sent(TRY, 4, b"\x63\xc3")], "twice"),
        ([Sent(bytes.fromhex("00200091"), 10, b"\x63\xca"), Sent(TRY, 3, b"\x90\x00")], "without asking"),
    ],
)
def test_f2_judges_each_try_by_the_question_before_it(sent: list[Sent], said: str) -> None:
    with pytest.raises(Breach, match=said):
        judge_tries(sent)


def test_f2_cannot_blame_a_unit_for_a_chip_that_lies() -> None:
    assert judge_tries([Sent(QUERY, 1, b"\x63\xca"), Sent(TRY, 1, b"\x63\xc0")]) == 1
    assert judge_tries([Sent(QUERY, 10, b"\x63\xca")]) == 0


@pytest.mark.parametrize(
    ("noise", "expected"),
    [
        (Noise.STATUS, b"data\x63\xc1"),
        (Noise.STALE, b"before"),
        (Noise.CUT, b""),
        (Noise.RANDOM, None),
        (Noise.MORE, None),
    ],
)
def test_f2_the_line_spoils_a_whole_answer_the_same_way_each_time(
    noise: Noise, expected: bytes | None
) -> None:
    garble = Garble(1, noise, 0x63C1)
    spoilt = spoil(b"data\x90\x00", b"before", garble)
    assert spoilt == spoil(b"data\x90\x00", b"before", garble)
    assert spoilt != b"data\x90\x00"
    if noise in {Noise.STATUS, Noise.STALE}:
        assert spoilt == expected


def test_f2_watched_buffers_are_only_those_made_meanwhile() -> None:
    with watched_buffers() as buffers:
        assert isinstance(buffers, Buffers)
        play(WORLD, plan(Step(Act.FACE)), buffers)
    made = buffers.made
    with watched_buffers() as others:
        play(WORLD, plan(Step(Act.FACE)), others)
    assert buffers.made == made


@pytest.mark.parametrize(
    ("width", "height", "size_bytes"),
    [(0, 5, 0), (4096, 1, 4096), (2048, 2048, 2048 * 2048), (10, 10, 99)],
)
def test_f4_finds_a_picture_beyond_its_bounds(width: int, height: int, size_bytes: int) -> None:
    with pytest.raises(Breach):
        hostile_pictures.check_within(width, height, size_bytes, CHIP_BOUNDS)
    hostile_pictures.check_within(6000, 4000, 24_000_000, FILE_BOUNDS)


def test_f4_finds_an_error_that_is_no_refusal(monkeypatch: pytest.MonkeyPatch, watch_over: WatchOver) -> None:
    decode = PictureChild.decode

    def falter(self: PictureChild, content: bytes) -> GreyPicture:
        try:
            return decode(self, content)
        except PictureRefused:
            raise KeyError("header") from None

    monkeypatch.setattr(PictureChild, "decode", falter)
    watch = watch_over(hostile_pictures.CAMPAIGN)
    hostile_pictures.run(Share(1, 0, 20), watch)
    assert watch.finding().failed


def test_f4_refuses_a_bomb_and_goes_on(watch_over: WatchOver) -> None:
    watch = watch_over(hostile_pictures.CAMPAIGN)
    hostile_pictures.run(Share(5, 0, 60), watch)
    finding = watch.finding()
    assert finding.failed == 0
    assert {"PNG decoded", "JPEG 2000 decoded", "JPEG decoded"} <= set(finding.figures)
    assert finding.figures["most address space of a decoder process"].value > 0


def trespassing(_bench: Bench, _day: VisitDay, person: TrainingPerson, hand: WitnessedHand) -> None:
    hand.put_card(person)
    assert hand.card is not None
    for command in ("00A4040C0AD3921000310001010408", "00B0810000"):
        hand.card.process(bytes.fromhex(command))


def asking_nothing(_bench: Bench, _day: VisitDay, person: TrainingPerson, hand: WitnessedHand) -> None:
    hand.put_card(person)


@pytest.mark.parametrize(
    ("journey", "tries_allowed", "said"),
    [
        (trespassing, 0, "text 0001 was reached"),
        (asking_nothing, 0, "asked no card for anything"),
        (journey_traces.visit, 0, "visit presented 1 secrets"),
    ],
)
def test_v2_finds_a_journey_that_goes_too_far(
    tmp_path: Path, watch_over: WatchOver, journey: journey_traces.Journey, tries_allowed: int, said: str
) -> None:
    watch = watch_over(journey_traces.CAMPAIGN)
    with opened_bench(tmp_path) as bench, pytest.raises(Breach, match=said):
        try_journeys(bench, bench.day(), training_people()[0], watch, ((journey, tries_allowed),))


@pytest.mark.parametrize(
    ("report", "said"),
    [
        (RecoveryReport(3, 5.1, 0.4, 10, 10, 2, 2, 0), "back after 5.1 s"),
        (RecoveryReport(3, 0.5, 0.4, 10, 13, 2, 2, 0), "3 open files more"),
        (RecoveryReport(3, 0.5, 0.4, 10, 10, 2, 3, 0), "1 threads more"),
        (RecoveryReport(3, 0.5, 0.4, 10, 10, 2, 2, 6000), "memory grew by 6000 KiB"),
    ],
)
def test_g1_finds_a_reader_that_is_late_or_leaks(report: RecoveryReport, said: str) -> None:
    (complaint,) = reader_restarts.complaints(report)
    assert said in complaint


def test_g1_is_content_when_all_is_as_before() -> None:
    assert reader_restarts.complaints(RecoveryReport(3, 0.5, 0.4, 10, 10, 2, 2, 300)) == []

"""F2: whole sessions with a card that answers wrongly, leaves, or says nothing, at any moment (proof.md §6.2).

The judges are the card, which counts its own tries and knows which file each command reached, and the line, which
sees what is sent after which answer. A chip that lies about its counter cannot be seen through; there the rule is
judged by what it said.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from random import Random
from typing import Final

from appliance.assembly import training_issuers
from appliance.card.age_reading import read_age
from appliance.card.code_b import CodeB, parse_code_b
from appliance.card.identification import read, sight
from appliance.card.surface import parse_card_face
from appliance.card.text import parse_four_attributes
from appliance.card.text_reading import read_text
from appliance.card.tries import Confirmation
from appliance.domain.card_answers import Genuineness
from appliance.errors import CardTrouble, OutOfReach
from appliance.ports import CardChannel, Presence
from appliance.simulated.card.files import ApplicationName, CardImage
from appliance.simulated.card.simulated_card import CardHabits
from appliance.simulated.card.state import CardState
from appliance.simulated.people import training_people
from appliance.simulated.reader import SimulatedReader
from appliance.trust.issuer_keys import IssuerKeys
from tests.proof.campaign import Campaign, Label, Share
from tests.proof.card_law import CardLaw, is_try
from tests.proof.people_cards import content_of, images
from tests.proof.session_plans import FOREIGN, Act, Garble, Manner, Noise, Plan, Step, draw_plan
from tests.proof.watch import Breach, Watch
from tests.proof.wiping import Buffers, watched_buffers
from tests.proof.witnessed_card import Signatures, WitnessedCard

_TODAY: Final = date(2026, 11, 23)
_CHALLENGE: Final = bytes(range(32))
_KEYS: Final = (
    (ApplicationName.SURFACE, 0x11),
    (ApplicationName.SURFACE, 0x12),
    (ApplicationName.TEXT, 0x15),
)
_MARGIN: Final = 3
"""Design D5, R02."""
_OTHER_CODE: Final = "60040120331234"
_VERIFY_HEADER_SIZE: Final = 4


class _ProgramEnded(BaseException):
    """The program was killed at this point."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One command on the line; for a VERIFY with the card's own counter before it."""

    command: bytes
    tries_left: int
    answer: bytes | None


class Line:
    """The line between unit and card, which may spoil answers, and notes what passed."""

    def __init__(self, channel: CardChannel, card: WitnessedCard, garbles: tuple[Garble, ...]) -> None:
        """Begin a line for one act."""
        self._channel = channel
        self._card = card
        self._garbles = {garble.at: garble for garble in garbles}
        self._before = b""
        # By what the unit was told: after a false "selected" it asks an empty room, which is no trespass.
        self._law = CardLaw()
        self.sent: list[Sent] = []

    def transmit(self, command: bytes) -> bytes:
        tries_left = self._card.tries_left(command[3] & 0x1F)
        answer: bytes | None = None
        try:
            true_answer = self._channel.transmit(command)
            garble = self._garbles.get(len(self.sent) + 1)
            answer = spoil(true_answer, self._before, garble) if garble else true_answer
            self._before = true_answer
            return answer
        finally:
            self.sent.append(Sent(command, tries_left, answer))
            breach = self._law.judge(command, int.from_bytes((answer or b"")[-2:], "big"))
            if breach:
                self._card.breaches.append(breach)


def spoil(answer: bytes, before: bytes, garble: Garble) -> bytes:
    """Return an answer as the line delivers it."""
    random = Random(garble.value)
    match garble.noise:
        case Noise.STATUS:
            return answer[:-2] + garble.value.to_bytes(2, "big")
        case Noise.CUT:
            return answer[: random.randrange(max(1, len(answer)))]
        case Noise.MORE:
            return random.randbytes(random.choice((1, 2, 256))) + answer
        case Noise.STALE:
            return before
        case Noise.RANDOM:
            return random.randbytes(random.choice((0, 1, 2, 3, len(answer))))


@dataclass(slots=True)
class World:
    """What all sessions of a process share: the chips, and what can be known of them beforehand."""

    codes: Mapping[str, str]
    issuers: IssuerKeys
    truths: Mapping[tuple[str, Act], object]
    """What a genuine answer must be about."""
    signatures: Signatures = field(default_factory=dict)

    def card(self, plan: Plan) -> WitnessedCard:
        """Return the plan's card with its counters where the plan wants them."""
        image = FOREIGN_IMAGE if plan.person == FOREIGN else images()[plan.person]
        state = CardState.at_issue(image)
        for key in _KEYS:
            if key in state.tries_left:
                state.tries_left[key] = min(plan.tries_left, state.tries_left[key])
        habits = CardHabits(first_command_fails=plan.first_command_fails)
        return WitnessedCard(plan.person, image, Random(0).randbytes, state, habits, self.signatures)


FOREIGN_IMAGE: Final = CardImage(bytes.fromhex("3B8F8001804F0CA00000030611003B0000000042"), (), {})
"""A transport card, as a reader presents it."""


def known_world() -> World:
    """Return the world of the training people."""
    truths: dict[tuple[str, Act], object] = {}
    for person in training_people():
        name = str(person.id)
        with parse_card_face(content_of(name, ApplicationName.SURFACE, 0x02)) as face:
            truths[name, Act.FACE] = face.signed_digest
        with parse_four_attributes(content_of(name, ApplicationName.TEXT, 0x02)) as attributes:
            truths[name, Act.TEXT] = attributes.digest
        truths[name, Act.AGE] = person.birth_date
    return World({str(each.id): each.code_b for each in training_people()}, training_issuers(), truths)


@dataclass(slots=True)
class Session:
    """One session in work."""

    world: World
    plan: Plan
    buffers: Buffers
    card: WitnessedCard = field(init=False)
    reader: SimulatedReader = field(default_factory=SimulatedReader)
    confirmation: Confirmation | None = None
    confirmations: int = 0
    tries_sent: int = 0
    endings: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Make the card; it is put in by the first step."""
        self.card = self.world.card(self.plan)

    def play(self) -> None:
        """Play all steps and judge each.

        Raises:
            Breach: a promise was broken.
        """
        for step in self.plan.steps:
            if step.is_put_in_again or self.reader.presence() is not Presence.CARD:
                self.reader.insert(self.card, step.faults)
            self.buffers.forget()
            self.endings.append(self._step(step))
            if self.card.breaches:
                raise Breach(self.card.breaches[0])
        if max(self.tries_sent, self.card.secrets_presented) > self.confirmations:
            raise Breach(f"{self.tries_sent} tries for {self.confirmations} confirmations")

    def _step(self, step: Step) -> str:
        try:
            channel = self.reader.connect()
        except CardTrouble as trouble:
            return type(trouble).__name__
        with closing(channel):
            line = Line(channel, self.card, step.garbles)
            ending = self._act(step, line)
        self.tries_sent += judge_tries(line.sent)
        if self.buffers.unwiped_files():
            raise Breach(f"a file's buffer is not wiped after {ending}")
        if self.buffers.unwiped_ephemerals():
            raise Breach(f"a personal value is not wiped after {ending}")
        return ending

    def _act(self, step: Step, line: Line) -> str:
        try:
            if step.act is Act.SIGHT:
                sight(line)
            else:
                self._read(step, line)
        except OutOfReach as refused:
            raise Breach(f"the guard had to stop {refused.what}") from refused
        except CardTrouble as trouble:
            return type(trouble).__name__
        except _ProgramEnded:
            # What the program knew is gone with it, and the card has lost its power; its counters stay.
            self.reader, self.confirmation = SimulatedReader(), None
            return "the program's end"
        return f"{step.act.value} told"

    def _read(self, step: Step, line: Line) -> None:
        progress, is_cancelled = _at(step.end_at, _end_program), _reached(step.cancel_at)
        issuers, confirmation = self.world.issuers, self._confirm(step)
        with self._code(step) as code:
            if step.act is Act.FACE:
                with read(
                    line, code, confirmation, issuers=issuers, challenge=_CHALLENGE, on=_TODAY,
                    progress=progress, is_cancelled=is_cancelled,
                ) as face:  # fmt: skip
                    self._judge_told(step, face.answers.genuine, face.record.signed_digest)
            elif step.act is Act.TEXT:
                with read_text(
                    line, code, confirmation, issuers=issuers, challenge=_CHALLENGE,
                    progress=progress, is_cancelled=is_cancelled,
                ) as text:  # fmt: skip
                    self._judge_told(step, text.genuineness.genuine, text.attributes.digest)
            else:
                with code.birth_key() as key:
                    age = read_age(
                        line, key, confirmation, issuers=issuers, challenge=_CHALLENGE, on=_TODAY,
                        progress=progress, is_cancelled=is_cancelled,
                    )  # fmt: skip
                self._judge_told(step, age.genuineness.genuine, age.birth_date)

    def _code(self, step: Step) -> CodeB:
        own = self.world.codes.get(self.plan.person, _OTHER_CODE)
        code = parse_code_b(_OTHER_CODE if step.manner is Manner.WRONG else own)
        if step.manner is Manner.WIPED:
            code.wipe()
        return code

    def _confirm(self, step: Step) -> Confirmation:
        if step.manner is Manner.UNCONFIRMED and self.confirmation is not None:
            return self.confirmation
        self.confirmation = Confirmation()
        if step.manner is Manner.UNCONFIRMED:
            self.confirmation.spend()
        else:
            self.confirmations += 1
        return self.confirmation

    def _judge_told(self, step: Step, genuine: Genuineness, told: object) -> None:
        if step.manner is Manner.WRONG and not (step.faults or step.garbles or self.plan.steps[0].faults):
            raise Breach("a card was read with a wrong code")
        if genuine is Genuineness.YES and told != self.world.truths.get((self.plan.person, step.act)):
            raise Breach("called genuine, and is not what the issuer signed")


def judge_tries(sent: list[Sent]) -> int:
    """Return how many secrets were presented in one act.

    Raises:
        Breach: more than one, without asking just before, or too near the counter's end.
    """
    tries = [at for at, each in enumerate(sent) if is_try(each.command)]
    if len(tries) > 1:
        raise Breach("one reading presented a secret twice")
    for at in tries:
        query = sent[at - 1]
        if at == 0 or query.command != sent[at].command[:_VERIFY_HEADER_SIZE] or query.answer is None:
            raise Breach("a secret was presented without asking its counter just before")
        _judge_margin(told=query.answer, counted=query.tries_left)
    return len(tries)


def _judge_margin(told: bytes, counted: int) -> None:
    status_word = int.from_bytes(told[-2:], "big")
    if status_word & 0xFFF0 != 0x63C0:
        raise Breach(f"a secret was presented after the answer {status_word:04X}")
    said = status_word & 0x0F
    if said <= _MARGIN:
        raise Breach(f"a secret was presented with {said} tries left")
    if counted <= _MARGIN and said == counted:
        raise Breach(f"a secret was presented with {counted} tries left on the card")


def _reached(limit: int | None) -> Callable[[], bool]:
    asked = 0

    def is_cancelled() -> bool:
        nonlocal asked
        asked += 1
        return limit is not None and asked >= limit

    return is_cancelled


def _at(limit: int | None, act: Callable[[], None]) -> Callable[[object], None]:
    told = 0

    def progress(_progress: object) -> None:
        nonlocal told
        told += 1
        if limit is not None and told >= limit:
            act()

    return progress


def _end_program() -> None:
    raise _ProgramEnded


def run(share: Share, watch: Watch) -> None:
    """Play one session for each number."""
    world = known_world()
    people = tuple(images())
    with watched_buffers() as buffers:
        # Each chip signs the one challenge beforehand: a signature takes it 10 ms, and is the same each time.
        for person in people:
            play(world, Plan(person, tuple(Step(act) for act in (Act.FACE, Act.AGE, Act.TEXT))), buffers)
        watch.settle()
        for index in share.indices:
            plan = draw_plan(share.random(index), people)
            watch.attempt(index, plan.encode(), partial(_try, watch, world, plan, buffers))


def play(world: World, plan: Plan, buffers: Buffers) -> Session:
    """Play one session; its buffers are forgotten whatever happens."""
    session = Session(world, plan, buffers)
    try:
        session.play()
    finally:
        buffers.forget()
    return session


def _try(watch: Watch, world: World, plan: Plan, buffers: Buffers) -> None:
    session = play(world, plan, buffers)
    watch.count("commands that reached the card", "commands", session.card.commands)
    watch.count("secrets presented", "tries", session.tries_sent)
    for ending in session.endings:
        watch.count(f"acts that ended in: {ending}", "acts")


CAMPAIGN: Final = Campaign(
    id="F2",
    claim=(
        "whatever goes wrong with the card, a session ends in a reading or a documented error, asks only what is "
        "allowed, spends one try for one confirmation, none at three or fewer left, and leaves no buffer behind"
    ),
    unit="sessions",
    must=100_000,
    label=Label.SIMULATED,
    run=run,
)

"""The programme that matters to this person: advice by dated rules, then the wish, one question a screen (D7, R25)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from textual.containers import Horizontal
from textual.widget import Widget

from appliance.domain.card_answers import PrintedMark
from appliance.domain.consent import ConsentGiver
from appliance.domain.enrollment import CardEvidence
from appliance.domain.programmes.engine import ProgrammeAdvice
from appliance.domain.programmes.programme import Channel, ProgrammeId
from appliance.domain.programmes.rules import Applies
from appliance.domain.programmes.texts import ProgrammeText, ProgrammeTexts, shipped_texts
from appliance.domain.programmes.wish import ProgrammeWish, Wish, WishOutcome, WishSource
from tui.dates import in_both_calendars
from tui.field.screens.question import QuestionScreen
from tui.field.screens.saved import SaveScreen
from tui.field.session import Session
from tui.field.step import StepScreen
from tui.field.turn import Turn
from tui.widgets.choices import Choice
from tui.widgets.prose import Prose

_SOURCE_PARTS: Final = re.compile(r"[,;] |、")
"""Between the sources of one rule."""
_SAYERS: Final = {
    ConsentGiver.PERSON: WishSource.PERSON,
    ConsentGiver.FAMILY: WishSource.FAMILY,
    ConsentGiver.GUARDIAN: WishSource.GUARDIAN,
}


@dataclass(frozen=True, slots=True)
class Looked:
    """One programme looked at for one person: the advice and its words."""

    advice: ProgrammeAdvice
    texts: ProgrammeTexts

    @property
    def words(self) -> ProgrammeText:
        """The programme's own words."""
        return self.texts.programmes[self.advice.id]


class FaceMarkScreen(QuestionScreen[PrintedMark]):
    """What the front says of the card's kind: no chip tells it (F2.9, R07), and the ways depend on it."""

    section = "face_mark"
    step = "programme"

    def choices(self) -> Sequence[Choice[PrintedMark]]:
        """Return no mark, and each mark."""
        return [Choice(mark, self.words(mark.value)) for mark in PrintedMark]

    def answered(self, value: PrintedMark) -> None:
        """Record the answer; the rules depend on it."""
        self.turn.visit.see_mark(value)
        self.show_instead(AdviceScreen(self.session))


def first_programme_screen(session: Session) -> StepScreen:
    """Return where the programmes begin: with the mark on the card, when a card was read."""
    turn = session.open_turn
    enrollment = turn.visit.enrollment
    is_asked = isinstance(enrollment.card, CardEvidence) and enrollment.printed_mark is None
    return FaceMarkScreen(session) if is_asked else AdviceScreen(session)


class AdviceScreen(StepScreen):
    """What the rules of this day say about registration for health insurance (P1)."""

    section = "advice"
    step = "programme"

    def __init__(self, session: Session) -> None:
        """Look the rules up for the person whose turn it is."""
        super().__init__(session)
        self._looked = look_up(session, self.turn)

    def body(self) -> Iterable[Widget]:
        """Return what it is, whether it applies, the ways, and on whose word (R25)."""
        looked = self._looked
        advice, words = looked.advice, looked.words
        yield Prose(words.title, classes="title")
        yield Prose(words.explanation, classes="paragraph")
        yield Prose(self._applies(), id="applies", classes="state")
        if advice.channels:
            names = self.words("or").join(words.channels[channel].name for channel in advice.channels)
            yield Prose(self.words("channels", names=names), classes="paragraph")
        yield Prose(self._sources(), id="sources", classes="source")

    def go_on(self) -> None:
        """Show what to do, if there is anything, else ask for the wish."""
        following = AdviceStepsScreen if self._looked.advice.steps else WishScreen
        self.show_instead(following(self.session, self._looked))

    def _applies(self) -> str:
        advice, texts = self._looked.advice, self._looked.texts
        said = texts.applies[advice.applies]
        if advice.by is None:
            return said
        return f"{said}  {self.words('by', date=in_both_calendars(advice.by, self.session.texts))}"

    def _sources(self) -> str:
        today = self.session.today
        rules = self._looked.advice.rules
        stale = self.words("stale") if self._looked.advice.is_stale(today) else ""
        oldest = min((rule.as_of for rule in rules), default=today)
        sources = self.words("and").join(
            dict.fromkeys(part for rule in rules for part in _SOURCE_PARTS.split(rule.source))
        )
        return self.words("source", sources=sources, as_of=oldest, stale=stale)


class AdviceStepsScreen(StepScreen):
    """What to do and to ask, in the order of the rules."""

    section = "advice_steps"
    step = "programme"

    def __init__(self, session: Session, looked: Looked) -> None:
        """Tell the steps of `looked`."""
        super().__init__(session)
        self._looked = looked

    def body(self) -> Iterable[Widget]:
        """Return the steps."""
        yield Prose(self.words("title"), classes="title")
        for step in self._looked.advice.steps:
            said = Prose(self._looked.words.steps[step.key])
            yield Horizontal(Prose(self.words("mark"), classes="mark"), said, classes="bullet")

    def go_on(self) -> None:
        """Ask for the wish."""
        self.show_instead(WishScreen(self.session, self._looked))

    def go_back(self) -> None:
        """Read the advice again."""
        self.show_instead(AdviceScreen(self.session))


class WishScreen(QuestionScreen[Wish]):
    """The programme's one question."""

    section = "wish"
    step = "programme"

    def __init__(self, session: Session, looked: Looked) -> None:
        """Ask about `looked`."""
        super().__init__(session)
        self._looked = looked

    def body(self) -> Iterable[Widget]:
        """Return the programme's question and the answers."""
        rows = list(super().body())
        return [Prose(self._looked.words.question, classes="title"), *rows[1:]]

    def choices(self) -> Sequence[Choice[Wish]]:
        """Return the answers in the programme's words."""
        return [Choice(wish, self._looked.texts.wishes[wish]) for wish in Wish]

    def first(self) -> int:
        """Choose not now where the programme does not apply."""
        return list(Wish).index(Wish.NOT_NOW if self._looked.advice.applies is Applies.NO else Wish.WANTS)

    def answered(self, value: Wish) -> None:
        """Ask on for the way or the source, or keep the answer."""
        if value is Wish.WANTS and self._looked.advice.channels:
            self.show_instead(ChannelScreen(self.session, self._looked))
        elif value is Wish.WANTS:
            self.show_instead(OutcomeScreen(self.session, self._looked, None))
        elif value is Wish.HAS_ALREADY:
            self.show_instead(SayerScreen(self.session, self._looked))
        else:
            keep_wish(self, value, outcome=WishOutcome.EXPLAINED)

    def go_back(self) -> None:
        """Read the advice again."""
        self.show_instead(AdviceScreen(self.session))


class ChannelScreen(QuestionScreen[Channel]):
    """Which way the person wants to go."""

    section = "channel"
    step = "programme"

    def __init__(self, session: Session, looked: Looked) -> None:
        """Offer the ways that are open."""
        super().__init__(session)
        self._looked = looked

    def choices(self) -> Sequence[Choice[Channel]]:
        """Return the open ways, each with how it goes."""
        ways = self._looked.words.channels
        open_ways = self._looked.advice.channels
        return [Choice(way, f"{ways[way].name}\n{ways[way].how}") for way in open_ways]

    def answered(self, value: Channel) -> None:
        """Ask what came of it."""
        self.show_instead(OutcomeScreen(self.session, self._looked, value))

    def go_back(self) -> None:
        """Ask for the wish again."""
        self.show_instead(WishScreen(self.session, self._looked))


class OutcomeScreen(QuestionScreen[WishOutcome]):
    """What came of the wish in this visit."""

    section = "outcome_of_wish"
    step = "programme"

    def __init__(self, session: Session, looked: Looked, channel: Channel | None) -> None:
        """Ask about the wish for `channel`."""
        super().__init__(session)
        self._looked = looked
        self._channel = channel

    def choices(self) -> Sequence[Choice[WishOutcome]]:
        """Return the outcomes in the programme's words."""
        return [Choice(outcome, self._looked.texts.outcomes[outcome]) for outcome in WishOutcome]

    def answered(self, value: WishOutcome) -> None:
        """Keep wish, way and outcome."""
        keep_wish(self, Wish.WANTS, channel=self._channel, outcome=value)

    def go_back(self) -> None:
        """Ask for the wish again."""
        self.show_instead(WishScreen(self.session, self._looked))


class SayerScreen(QuestionScreen[WishSource]):
    """Who says that it is done already; nobody here can check it (R13, R24)."""

    section = "sayer"
    step = "programme"

    def __init__(self, session: Session, looked: Looked) -> None:
        """Ask for the source."""
        super().__init__(session)
        self._looked = looked

    def choices(self) -> Sequence[Choice[WishSource]]:
        """Return the sources in the programme's words."""
        return [Choice(source, self._looked.texts.sources[source]) for source in WishSource]

    def answered(self, value: WishSource) -> None:
        """Keep the report with its source."""
        keep_wish(self, Wish.HAS_ALREADY, outcome=WishOutcome.REPORTED_DONE, said_by=value)

    def go_back(self) -> None:
        """Ask for the wish again."""
        self.show_instead(WishScreen(self.session, self._looked))


def look_up(session: Session, turn: Turn) -> Looked:
    """Return P1's advice for the person on this day."""
    advised = {advice.id: advice for advice in turn.visit.advice(turn.visit.known_facts())}
    return Looked(advised[ProgrammeId.P1], shipped_texts(session.texts.language))


def keep_wish(
    screen: StepScreen,
    wish: Wish,
    *,
    channel: Channel | None = None,
    outcome: WishOutcome | None = None,
    said_by: WishSource | None = None,
) -> None:
    """Record the wish and go on to saving."""
    consent = screen.turn.visit.enrollment.consent
    sayer = said_by or (_SAYERS[consent.given_by] if consent else WishSource.PERSON)
    screen.turn.visit.wish(ProgrammeWish(ProgrammeId.P1, wish, channel, outcome, sayer))
    screen.show_instead(SaveScreen(screen.session))

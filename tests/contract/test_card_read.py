"""`mynavisit card read` and `card readers` on every card, through the real card service; the same table in both back-ends.

One process for each reading, as a script would start it. The trace is the card's own: what would have been answered, had it
been asked for, shows there (design D1, D5).
"""

from __future__ import annotations

import json
import os
import secrets
import select
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from appliance.assembly import training_issuers
from appliance.domain.card_answers import Genuineness, InTerm
from appliance.domain.japan import date_in_japan
from appliance.errors import CardBlocked
from appliance.hardware.clock import SystemClock
from appliance.hardware.pcsc_reader import PcscReader
from appliance.ports import Presence
from appliance.service.card_check import check_card
from appliance.simulated.card.pace import Pace
from appliance.simulated.card.trace import TraceEntry
from appliance.simulated.card_host import CardHost
from appliance.simulated.handed_over import Kind
from appliance.simulated.pcsc_stack import PcscStack
from appliance.simulated.people import TrainingPerson, Trait, expected_of, training_people, training_person
from tests.contract.card_rigs import PATIENCE_S, CardRig

PROGRAM: Final = Path(sys.executable).with_name("mynavisit")
RUN_TIMEOUT_S: Final = 60
PRESSED_AGAIN_S: Final = 20
"""Far more than an end takes, which a second Ctrl-C would disturb."""
CODE: Final = training_person("p01").code_b
CLAIMS: Final = {Genuineness.YES: True, Genuineness.NO: False, Genuineness.UNKNOWN: None}
SURFACE_FILES: Final = {"", "0002", "0004", "0012"}
ALLOWED_FILES: Final = {
    "surface": SURFACE_FILES | {"0001", "0011"},
    "text": {"", "0002", "0003", "0004", "0007", "0015"},
}
"""Files and keys that a reading with every part may leave selected; 0005 and text 0001 hold the My Number (design D1)."""
people = pytest.mark.parametrize("person", training_people(), ids=lambda person: str(person.id))


def expected_report(person: TrainingPerson) -> dict[str, object]:
    expected = expected_of(person, date_in_japan(SystemClock().now()))
    return {
        "card_kind": expected.kind.value,
        "genuine": CLAIMS[expected.genuine],
        "genuine_detail": expected.failed_check,
        "in_term": expected.in_term is InTerm.YES,
        "expires_on": person.card_expires_on.isoformat(),
        "revocation": "unknown",
        "tries_left": expected.tries_left,
        "trust": "training",
    }


def secrets_presented(trace: Sequence[TraceEntry]) -> list[str]:
    """The keys to which something was presented, as P2 of VERIFY."""
    return [entry.header[6:] for entry in trace if "xx" in entry.command]


def assert_within_reach(trace: Sequence[TraceEntry]) -> None:
    answered = {entry.application for entry in trace if entry.status_word == 0x9000}
    assert answered <= set(ALLOWED_FILES)
    for application, files in ALLOWED_FILES.items():
        assert {entry.file for entry in trace if entry.application == application} <= files


# --- in process and through the card service ------------------------------------------------------------------------------


@people
def test_every_back_end_gives_the_expected_report(rig: CardRig, person: TrainingPerson) -> None:
    rig.insert(person.id)
    expected = expected_report(person)

    def check() -> dict[str, object]:
        clock = SystemClock()
        return check_card(rig.reader, person.code_b, training_issuers(), clock, secrets.token_bytes).as_json()

    if not expected_of(person).is_readable:
        with pytest.raises(CardBlocked):
            check()
        assert secrets_presented(rig.trace()) == []
        return
    report = check()
    assert {key: report[key] for key in expected} == expected
    trace = rig.trace()
    assert_within_reach(trace)
    assert secrets_presented(trace) == ["92"]
    assert {entry.file for entry in trace} <= SURFACE_FILES
    # Before the reading, the sighting: is it a My Number Card, is it a residence card too, how many tries.
    assert report["apdus"] == len(trace) - 4


# --- the command -----------------------------------------------------------------------------------------------------------


@dataclass
class Bench:
    """The card service, a card process, and the program as a script starts it."""

    stack: PcscStack
    host: CardHost
    home: Path

    def start(self, *words: str, terminal: int | None = None) -> subprocess.Popen[str]:
        """Start the program; with a terminal that is its stdin and stderr, and whose Ctrl-C reaches it.

        Tests that run in the background may have Ctrl-C ignored, which a program inherits; a person's terminal has not.
        """
        in_front = [] if terminal is None else ["env", "--default-signal=INT", "setsid", "--ctty"]
        return subprocess.Popen(
            [*in_front, PROGRAM, "card", *words],
            env={**os.environ, **self.stack.environment, "MYNAVISIT_HOME": str(self.home)},
            text=True,
            stdin=subprocess.PIPE if terminal is None else terminal,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if terminal is None else terminal,
        )

    def run(self, *words: str, given: str = "") -> subprocess.CompletedProcess[str]:
        return finished(self.start(*words), given)

    def read(
        self, person: TrainingPerson, kind: str = "contact", words: Sequence[str] = ()
    ) -> subprocess.CompletedProcess[str]:
        """Start the program, which waits, and put the card down meanwhile."""
        started = self.start("read", "--code-b", "-", "--json", "--wait", "20", *words)
        self.host.insert(person.id, kind=kind)
        return finished(started, person.code_b + "\n")

    def clear(self) -> None:
        """Leave the readers empty, as the next test expects them."""
        with closing(PcscReader()) as reader:
            for slot in range(2):
                self.host.remove(slot)
            assert reader.wait_for(Presence.EMPTY, PATIENCE_S) is Presence.EMPTY

    def put(self, person: str, slot: int = 0) -> None:
        self.host.insert(person, slot=slot)
        with closing(PcscReader(f"00 0{slot}")) as reader:
            assert reader.wait_for(Presence.CARD, PATIENCE_S) is Presence.CARD


def finished(started: subprocess.Popen[str], given: str = "") -> subprocess.CompletedProcess[str]:
    try:
        said, told = started.communicate(given, timeout=RUN_TIMEOUT_S)
    finally:
        started.kill()
        started.wait()
    return subprocess.CompletedProcess(started.args, started.returncode, said, told)


@pytest.fixture(scope="module")
def host(running_stack: PcscStack) -> Iterator[CardHost]:
    running_stack.adopt()
    with CardHost(running_stack.addresses) as cards:
        yield cards


@pytest.fixture
def bench(host: CardHost, stack: PcscStack, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(stack, host, tmp_path)
    yield made
    made.clear()


@pytest.mark.pcsc
@people
def test_each_person_s_card_is_read_by_the_command_with_every_part(
    bench: Bench, person: TrainingPerson
) -> None:
    ended = bench.read(person, words=("--also", "age", "--also", "text"))
    said, trace = json.loads(ended.stdout), bench.host.trace()
    assert_within_reach(trace)
    if not expected_of(person).is_readable:
        assert (ended.returncode, said["error"], secrets_presented(trace)) == (1, "CardBlocked", [])
        return
    expected = expected_report(person)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert {key: said[key] for key in expected} == expected
    assert secrets_presented(trace) == ["92", "91", "95"]
    is_copied = Trait.CLONED_CHIP in person.traits
    assert (said["genuine_age"], said["genuine_text"]) == (not is_copied, not is_copied)
    assert said["birth_dates_agree"] is (Trait.TAMPERED_DATA not in person.traits)
    assert not any(part in ended.stdout for part in (person.code_b, *person.name.split("\u3000")))


@pytest.mark.pcsc
@pytest.mark.parametrize(
    ("kind", "error", "card_kind"),
    [
        (Kind.TRANSPORT, "ForeignCard", "foreign"),
        (Kind.BANK, "ForeignCard", "foreign"),
        (Kind.OLD_RESIDENT_CARD, "ForeignCard", "foreign"),
        (Kind.ANDROID, "ForeignCard", "foreign"),
        (Kind.IPHONE, "ForeignCard", "foreign"),
        (Kind.RESIDENCE_CARD, "ResidenceCard", "residence_card"),
        (Kind.INTEGRATED_RESIDENCE_CARD, "IntegratedResidenceCard", "integrated_residence_card"),
    ],
)
def test_another_card_is_named_and_is_given_no_code(
    bench: Bench, kind: Kind, error: str, card_kind: str
) -> None:
    """The application that tells old cards and phones from others is out of reach in this profile (design D1)."""
    ended = bench.read(training_person("p01"), kind)
    said, trace = json.loads(ended.stdout), bench.host.trace()
    assert (ended.returncode, said["ok"], said["error"], said["card_kind"]) == (1, False, error, card_kind)
    assert ended.stderr == f"{said['says']} {said['next']}\n"
    assert secrets_presented(trace) == []
    assert not {entry.application for entry in trace if entry.status_word == 0x9000} & {"jpki", "text"}


@pytest.mark.pcsc
def test_a_wrong_code_costs_one_try_and_is_not_repeated_anywhere(bench: Bench) -> None:
    person = training_person("p04")
    bench.put(person.id)
    wrong = person.code_b[:-4] + "0000"
    ended = bench.run("read", "--code-b", "-", "--json", given=wrong)
    said = json.loads(ended.stdout)
    assert (ended.returncode, said["error"], said["data"]) == (1, "CodeWrong", {"tries_left": 9})
    assert wrong not in ended.stdout + ended.stderr
    assert secrets_presented(bench.host.trace()) == ["92"]
    people_read = bench.run("read", "--code-b", person.code_b)
    assert people_read.returncode == 0
    assert {"card_kind: my_number_card", "genuine: yes", "in_term: yes", "tries_left: 9"} <= {
        *people_read.stdout.splitlines()
    }


# --- several readers -------------------------------------------------------------------------------------------------------


@pytest.mark.pcsc
def test_readers_are_listed_with_what_stands_on_each(bench: Bench) -> None:
    bench.put("p01", slot=1)
    ended = bench.run("readers", "--json")
    rows = json.loads(ended.stdout)["readers"]
    assert ended.returncode == 0
    assert [(row["name"][-5:], row["presence"]) for row in rows] == [("00 00", "empty"), ("00 01", "card")]
    # The virtual reader looks after its card by itself; nobody else asked it anything.
    assert bench.host.trace(slot=1) == ()


@pytest.mark.pcsc
def test_two_cards_at_once_are_refused_unless_a_reader_is_named(bench: Bench) -> None:
    bench.put("p01", slot=0)
    bench.put("p02", slot=1)
    both = bench.run("read", "--code-b", CODE, "--json")
    assert json.loads(both.stdout)["error"] == "SeveralCards"
    assert bench.host.trace(0) == bench.host.trace(1) == ()
    named = bench.run("read", "--code-b", training_person("p02").code_b, "--reader", "00 01", "--json")
    assert json.loads(named.stdout)["genuine"] is True
    assert bench.host.trace(0) == ()


@pytest.mark.pcsc
def test_a_name_that_no_reader_has_is_no_reader_and_the_list_is_pointed_out(bench: Bench) -> None:
    ended = bench.run("read", "--code-b", CODE, "--reader", "elsewhere", "--json")
    assert (ended.returncode, json.loads(ended.stdout)["error"]) == (1, "NoReader")
    assert "card readers" in ended.stderr


# --- stopping, and a terminal --------------------------------------------------------------------------------------------


@pytest.mark.pcsc
def test_ctrl_c_while_reading_stops_between_two_commands_and_powers_the_card_down(
    stack: PcscStack, tmp_path: Path
) -> None:
    person = training_person("p01")
    with CardHost(stack.addresses, Pace.REALISTIC) as slow_cards:
        bench = Bench(stack, slow_cards, tmp_path)
        bench.put(person.id)
        started = bench.start("read", "--code-b", person.code_b)
        while len(slow_cards.trace()) < 10:
            assert started.poll() is None
        started.send_signal(signal.SIGINT)
        ended = finished(started)
        assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (130, "", 1)
        assert len(slow_cards.trace()) < 20
        with closing(PcscReader("00 00")) as reader, closing(reader.connect()) as channel:
            assert channel.transmit(bytes.fromhex("00B08200000000")) == b"\x6a\x82"
        bench.clear()


class Terminal:
    """The program with a person's terminal for stdin and stderr, and a pipe for its data."""

    def __init__(self, bench: Bench, *words: str) -> None:
        self._person_s_end, program_s_end = os.openpty()
        self._seen = b""
        self.started = bench.start(*words, terminal=program_s_end)
        os.close(program_s_end)

    def type(self, keys: str) -> None:
        os.write(self._person_s_end, keys.encode())

    def wait_for(self, text: str) -> None:
        while text not in self.seen:
            ready, _, _ = select.select([self._person_s_end], [], [], RUN_TIMEOUT_S)
            assert ready, self.seen
            self._seen += os.read(self._person_s_end, 4096)

    @property
    def seen(self) -> str:
        return self._seen.decode(errors="replace")

    def end(self, pressing: str = "") -> tuple[int, str]:
        """Return status and data; what is on the screen until then is seen too.

        A key in `pressing` is pressed again while nothing happens, as people do: Python may go to sleep in a read just as
        the signal of a Ctrl-C comes, and then hears of it with the next key only.
        """
        while True:
            ready, _, _ = select.select(
                [self._person_s_end], [], [], PRESSED_AGAIN_S if pressing else RUN_TIMEOUT_S
            )
            if not ready:
                assert pressing, self.seen
                self.type(pressing)
                continue
            try:
                self._seen += os.read(self._person_s_end, 4096)
            except OSError:
                # Linux says so when the last program has left the terminal.
                break
        os.close(self._person_s_end)
        ended = finished(self.started)
        return ended.returncode, ended.stdout


@pytest.mark.pcsc
def test_on_a_terminal_the_code_is_asked_unseen_and_a_bar_shows_the_way(bench: Bench) -> None:
    terminal = Terminal(bench, "read", "--code-b", "-", "--wait", "50", "--json")
    terminal.wait_for("Reference code B (not shown):")
    terminal.type(CODE + "\n")
    terminal.wait_for("Waiting for a card")
    bench.host.insert("p01")
    status, said = terminal.end()
    assert (status, json.loads(said)["genuine"]) == (0, True)
    assert "Reading the card: face" in terminal.seen
    assert CODE not in terminal.seen


@pytest.mark.pcsc
def test_ctrl_c_while_waiting_ends_with_130_and_one_line(bench: Bench) -> None:
    terminal = Terminal(bench, "read", "--code-b", CODE, "--wait", "50", "--json")
    terminal.wait_for("Waiting for a card")
    terminal.type("\x03")
    status, said = terminal.end(pressing="\x03")
    assert (status, json.loads(said)["error"]) == (130, "ReadingCancelled")
    assert "The reading was stopped" in terminal.seen
    assert "Traceback" not in terminal.seen


@pytest.mark.pcsc
@pytest.mark.parametrize(("keys", "status"), [("\x03", 130), ("\x04", 1), ("\n", 1)])
def test_who_gives_no_code_when_asked_reads_nothing(bench: Bench, keys: str, status: int) -> None:
    bench.put("p01")
    terminal = Terminal(bench, "read", "--code-b", "-")
    terminal.wait_for("(not shown):")
    terminal.type(keys)
    assert terminal.end(pressing="\x03" if keys == "\x03" else "") == (status, "")
    assert "Traceback" not in terminal.seen
    assert bench.host.trace() == ()

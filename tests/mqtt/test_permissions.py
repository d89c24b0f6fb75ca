"""Who may do what on a real broker, tried by delivery for every role and topic (proof.md B6).

A forbidden subscription is granted and stays silent (mqtt.md §1), so asking proves nothing: an auditor, whom only this test
lets in, sees everything that is published and publishes everything that could be read.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace

import pytest

from appliance.domain.ids import UnitId
from appliance.errors import FactsMalformed
from appliance.hardware.clock import SystemClock
from mqtt.broker.certificates import make_client
from mqtt.link import Caller, Delivered, Letter, Link, NotTaken, Taken, open_link
from mqtt.owned_files import replace_public, replace_secret
from mqtt.topics import COLLECTOR_NAME, RECEIPT, RECORD, TOPICS, Party, Topic
from tests.wire.world import World, await_that

pytestmark = pytest.mark.broker

AUDITOR = "auditor"
NOT_AUTHORIZED = 0x87
ROLES = ("u01", "u02", COLLECTOR_NAME)
BESIDE_THE_TABLE = (
    "unit/u01",
    "unit/u01/orders",
    "unit/u01/record/more",
    "unit/u01/recording",
    "office/receipt",
    "office/receipt/u01/more",
    "office/other/u01",
    "elsewhere",
)
TRIED = (
    *(topic.template.replace("{unit}", name) for topic in TOPICS for name in (*ROLES, "u03")),
    *BESIDE_THE_TABLE,
)


def is_in_the_table(role: str, name: str, party_of: str) -> bool:
    """Tell what the table says; `party_of` is `publisher` or `subscriber`."""
    return any(_is_theirs(topic, role, name, getattr(topic, party_of)) for topic in TOPICS)


def _is_theirs(topic: Topic, role: str, name: str, party: Party) -> bool:
    try:
        unit = topic.unit_in(name)
    except FactsMalformed:
        return False
    return role == COLLECTOR_NAME if party is Party.COLLECTOR else role == unit


@contextmanager
def audited_broker(world: World) -> Iterator[None]:
    """Run the broker with one more user, who may do everything."""
    access_list = world.office.broker_files.access_list
    with access_list.open("a", encoding="ascii") as file:
        file.write(f"\nuser {AUDITOR}\ntopic readwrite #\n")
    with world.broker():
        yield


def caller(world: World, name: str) -> Caller:
    """Return a caller with a certificate of the office's authority."""
    pair = make_client(world.office.pair("authority"), name, SystemClock().now())
    certificate_file, key_file = world.folder / f"{name}.crt", world.folder / f"{name}.key"
    replace_public(certificate_file, pair.certificate_pem)
    replace_secret(key_file, pair.key_pem)
    return Caller(name, world.office.certificate_file("authority"), certificate_file, key_file)


@contextmanager
def links(world: World, role: str, role_filters: tuple[str, ...]) -> Iterator[tuple[Link, Link]]:
    """Lend the role's connection and the auditor's, who hears everything."""
    with ExitStack() as open_links:
        filters = tuple((each, 1) for each in role_filters)
        auditor = open_links.enter_context(
            closing(open_link(world.address, caller(world, AUDITOR), (("#", 1),)))
        )
        subject = open_links.enter_context(closing(open_link(world.address, caller(world, role), filters)))
        yield subject, auditor


def heard_until(link: Link, last: str) -> set[str]:
    """Return the topics of all messages up to the one with payload `last`; order is kept within a connection."""
    heard: list[Delivered] = []

    def look() -> bool:
        for event in link.events(0.1):
            if isinstance(event, Delivered):
                link.accept(event)
                heard.append(event)
        return any(each.payload == last.encode() for each in heard)

    await_that(look, "the last message")
    return {each.topic for each in heard if each.payload != last.encode()}


@pytest.mark.parametrize("role", ROLES)
def test_a_role_can_publish_where_the_table_says_and_nowhere_else(world: World, role: str) -> None:
    own = RECEIPT.of(UnitId("u01")) if role == COLLECTOR_NAME else RECORD.of(UnitId(role))
    with audited_broker(world), links(world, role, ()) as (subject, auditor):
        tickets = {subject.publish(Letter(name, name.encode())): name for name in TRIED}
        answers: dict[str, Taken | NotTaken] = {}

        def all_answered() -> bool:
            for event in subject.events(0.1):
                if isinstance(event, Taken | NotTaken):
                    answers[tickets[event.ticket]] = event
            return len(answers) == len(tickets)

        await_that(all_answered, "the broker's word on every message")
        subject.publish(Letter(own, b"the last one"))
        heard = heard_until(auditor, "the last one")
    allowed = {name for name in TRIED if is_in_the_table(role, name, "publisher")}
    assert heard == allowed
    refused = {name for name, each in answers.items() if isinstance(each, NotTaken)}
    assert refused == set(TRIED) - allowed
    assert {each.reason_code for each in answers.values() if isinstance(each, NotTaken)} == {NOT_AUTHORIZED}


@pytest.mark.parametrize("role", ROLES)
def test_a_role_hears_what_the_table_says_and_nothing_else(world: World, role: str) -> None:
    own = RECORD.of(UnitId("u01")) if role == COLLECTOR_NAME else RECEIPT.of(UnitId(role))
    everything = ("#", "+/+/+", *TRIED, *(topic.of_all_units for topic in TOPICS))
    with audited_broker(world), links(world, role, everything) as (subject, auditor):
        for name in TRIED:
            auditor.publish(Letter(name, name.encode()))
        auditor.publish(Letter(own, b"the last one"))
        heard = heard_until(subject, "the last one")
    assert heard == {name for name in TRIED if is_in_the_table(role, name, "subscriber")}


def test_what_the_broker_keeps_is_not_shown_to_others_either(world: World) -> None:
    with audited_broker(world):
        with closing(open_link(world.address, caller(world, "u01"), ())) as unit:
            ticket = unit.publish(Letter("unit/u01/presence", b"here", retained=True))
            await_that(
                lambda: any(isinstance(each, Taken) and each.ticket == ticket for each in unit.events(0.1)),
                "it",
            )
        with links(world, "u02", ("#", "unit/+/presence")) as (other, auditor):
            auditor.publish(Letter("office/receipt/u02", b"the last one"))
            assert heard_until(other, "the last one") == set()


def test_a_client_id_gives_nobody_the_session_of_another(world: World) -> None:
    with audited_broker(world), links(world, "u01", ("office/receipt/u01",)) as (subject, auditor):
        thief = replace(caller(world, "u02"), name="u01")
        filters = (("office/receipt/u01", 1), ("office/receipt/u02", 1))
        with closing(open_link(world.address, thief, filters)) as stolen:
            auditor.publish(Letter("office/receipt/u01", b"for u01"))
            auditor.publish(Letter("office/receipt/u02", b"the last one"))
            assert heard_until(stolen, "the last one") == set()
            assert heard_until(subject, "for u01") == set()

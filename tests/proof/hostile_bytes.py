"""F1: everything that takes bytes of a card apart is given a million bent ones (proof.md §6.2).

Each target begins from what stands on the training people's chips, bends it, and reads on into what was understood.
Only the errors that a target documents may come out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from random import Random
from typing import Final

from appliance.assembly import training_issuers
from appliance.card import apdu, code_b, surface, text, tlv
from appliance.card.jpki import certificates, token
from appliance.domain.ephemeral import Wiped
from appliance.errors import CardNotGenuine, CardNotUnderstood, CodeMalformed, IssuerUnknown
from appliance.simulated.card.files import ApplicationName
from appliance.simulated.issuer import Authority, authority_key_id, municipality_key_id
from appliance.simulated.people import training_people
from appliance.trust.card_key import parse_card_key
from appliance.trust.cv_certificate import parse_cv_certificate
from appliance.trust.issuer_keys import IssuerKeys
from appliance.trust.key_id import KeyId, parse_key_id
from tests.proof.campaign import Campaign, Label, Share
from tests.proof.mutation import Seed, mutate
from tests.proof.people_cards import contents
from tests.proof.watch import Breach, Watch

_TODAY: Final = date(2026, 11, 23)
_SIGNATURE_SIZE_BYTES: Final = 256
_KEY_START: Final = bytes.fromhex("900301000191820100")


@dataclass(frozen=True, slots=True)
class Target:
    """One reader of bytes, valid bytes for it, and the errors that it may answer with."""

    name: str
    read: Callable[[bytes], None]
    seeds: tuple[bytes, ...]
    errors: tuple[type[Exception], ...] = (CardNotUnderstood,)


def _read_objects(content: bytes) -> None:
    tlv.object_size_bytes(content[:16], "object")
    _walk(tlv.read_object(content, "object", filler_allowed=True))


def _walk(node: tlv.Tlv) -> None:
    """Look into each object; one that holds none is a value, and that is no fault."""
    if node.value_start + len(node.value) != node.start + len(node.encoded):
        raise Breach("an object's value does not end where the object ends")
    try:
        children = node.children()
    except CardNotUnderstood:
        return
    for child in children:
        _walk(child)


def _read_command(content: bytes) -> None:
    command = apdu.parse_command(content)
    if apdu.parse_command(command.encode()) != command:
        raise Breach("a command is not the same after it was written and read")


def _read_response(content: bytes) -> None:
    response = apdu.parse_response(content)
    if len(response.data) + 2 != len(content):
        raise Breach("an answer has lost bytes")


def _read_and_wipe(parse: Callable[[bytes], Wiped]) -> Callable[[bytes], None]:
    def read(content: bytes) -> None:
        with parse(content):
            pass

    return read


def _ignoring(parse: Callable[[bytes], object]) -> Callable[[bytes], None]:
    def read(content: bytes) -> None:
        parse(content)

    return read


def _read_certificate(content: bytes) -> None:
    parse_cv_certificate(content).certified_key(_issuers())


def _read_key(content: bytes) -> None:
    """Read a key and let it look at a signature, as a strange key would be used."""
    size = len(content) - _SIGNATURE_SIZE_BYTES
    key = parse_card_key(content[:size], "key")
    key.verify_digest_info(b"digest", content[size:], "record_signature")
    key.verify_message(b"message", content[size:], "challenge")


def _read_key_id(content: bytes) -> None:
    if len(content) == 16 and not KeyId(content).printed:
        raise Breach("a key identifier without a printed form")
    parse_key_id(content.decode("latin-1"))


def _read_code_b(content: bytes) -> None:
    with code_b.parse_code_b(content.decode("utf-8", "replace")) as code:
        if len(code.reveal()) != code_b.CODE_B_SIZE_BYTES or not code.reveal().isdigit():
            raise Breach("a code B of another shape")
        code.birth_dates(_TODAY)


@cache
def _issuers() -> IssuerKeys:
    return training_issuers()


@cache
def targets() -> tuple[Target, ...]:
    """Return all readers of card bytes with what stands on the training cards for them."""
    return (*_surface_targets(), *_text_targets(), *_jpki_targets(), *_trust_targets(), *_line_targets())


def _surface_targets() -> tuple[Target, ...]:
    chip = ApplicationName.SURFACE
    return (
        Target("card face", _read_and_wipe(surface.parse_card_face), contents(chip, 0x02)),
        Target("age record", _ignoring(surface.parse_age_record), contents(chip, 0x01)),
        Target("surface information", _ignoring(surface.parse_surface_information), contents(chip, 0x03)),
    )


def _text_targets() -> tuple[Target, ...]:
    chip = ApplicationName.TEXT
    return (
        Target("four attributes", _read_and_wipe(text.parse_four_attributes), contents(chip, 0x02)),
        Target("signed digests", _ignoring(text.parse_signed_digests), contents(chip, 0x03)),
        Target("certified card key", _ignoring(text.parse_certified_card_key), contents(chip, 0x07)),
    )


def _jpki_targets() -> tuple[Target, ...]:
    chip = ApplicationName.JPKI
    labels = tuple(each[: token.LABEL_SIZE_BYTES] for each in contents(chip, 0x06))
    signing = _certificates(0x01)
    authentication = _certificates(0x0A)
    return (
        Target("token label", _ignoring(token.parse_token_label), labels),
        Target("token information", _ignoring(token.parse_token_information), contents(chip, 0x06)),
        Target("availability", _ignoring(token.parse_availability), contents(chip, 0x08)),
        Target(
            "user authentication certificate",
            _read_and_wipe(certificates.parse_user_auth_certificate),
            authentication,
        ),
        Target("signing certificate", _read_and_wipe(certificates.parse_signing_certificate), signing),
    )


def _certificates(file: int) -> tuple[bytes, ...]:
    """Return the certificates in one file of each card that has one, without the filler behind them."""
    held = (each for each in contents(ApplicationName.JPKI, file) if each.startswith(b"\x30"))
    return tuple(each[: tlv.object_size_bytes(each, "certificate")] for each in held)


def _trust_targets() -> tuple[Target, ...]:
    untrue = (CardNotUnderstood, IssuerUnknown, CardNotGenuine)
    certificates = (*contents(ApplicationName.SURFACE, 0x04)[:1], *contents(ApplicationName.TEXT, 0x04)[:1])
    # The age record holds a whole key (card.md §7.2); its signature stands behind it.
    keys = tuple(
        record[record.index(_KEY_START) :][:265] + record[-_SIGNATURE_SIZE_BYTES:]
        for record in contents(ApplicationName.SURFACE, 0x01)
    )
    key_ids = (municipality_key_id(), *map(authority_key_id, Authority), b"9000023/001", b"0" * 32)
    return (
        Target("card certificate", _read_certificate, certificates, untrue),
        Target("card key", _read_key, keys, untrue),
        Target("key identifier", _read_key_id, key_ids),
    )


def _line_targets() -> tuple[Target, ...]:
    codes = tuple(person.code_b.encode() for person in training_people())
    wide = tuple(code.decode().translate(_WIDE_DIGITS).encode() for code in codes)
    files = tuple(each for number in (1, 2, 3, 4) for each in contents(ApplicationName.SURFACE, number)[:4])
    return (
        Target("TLV", _read_objects, (*files, *contents(ApplicationName.TEXT, 0x02))),
        Target("command APDU", _read_command, _COMMANDS),
        Target("response APDU", _read_response, tuple(each[:256] + b"\x90\x00" for each in files)),
        Target("code B", _read_code_b, (*codes, *wide), (CodeMalformed,)),
    )


_WIDE_DIGITS: Final = {ord(str(digit)): chr(ord("０") + digit) for digit in range(10)}
_COMMANDS: Final = tuple(
    bytes.fromhex(each)
    for each in (
        "00A4040C0AD3921000310001010402",
        "00B0820000",
        "00B00100F0",
        "00200092",
        "002000920E3630303430313230333331323334",
        "802A000033" + "3031300D060960864801650304020105000420" + "00" * 32 + "00",
        "80A2000000000A" + "00" * 10 + "0000",
        "00B08200000000",
    )
)


def run(share: Share, watch: Watch) -> None:
    """Give each reader in turn an input of its own."""
    prepared = [(target, tuple(map(Seed.of, target.seeds))) for target in targets()]
    spliced = tuple(seed for target in targets() for seed in target.seeds[:3])
    watch.settle()
    for index in share.indices:
        target, seeds = prepared[index % len(prepared)]
        content = _draw(share.random(index), seeds, spliced)
        watch.attempt(index, content, partial(_try, watch, target, content))


def _draw(random: Random, seeds: Sequence[Seed], spliced: Sequence[bytes]) -> bytes:
    return mutate(random.choice(seeds), spliced, random)


def _try(watch: Watch, target: Target, content: bytes) -> None:
    try:
        target.read(content)
    except target.errors:
        watch.count(f"refused: {target.name}", "inputs")
    else:
        watch.count(f"understood: {target.name}", "inputs")


CAMPAIGN: Final = Campaign(
    id="F1",
    claim="whatever bytes a card sends, reading them ends in a value or in a documented error",
    unit="inputs",
    must=1_000_000,
    label=Label.MEASURED_ON_TARGET,
    run=run,
    bounds_address_space=True,
)

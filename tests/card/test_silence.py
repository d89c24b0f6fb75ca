"""Nothing that goes wrong with a card repeats what stands on it (proof.md V5; examples.md E3)."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from datetime import date

import pytest

from appliance.card.age_reading import read_age
from appliance.card.apdu import parse_command, parse_response
from appliance.card.code_b import BirthKey, CodeB, birth_key_from_print, code_b_from_print, parse_code_b
from appliance.card.identification import read
from appliance.card.jpki.token import parse_token_label
from appliance.card.pins import SignPassword, UserPin, parse_sign_password, parse_user_pin
from appliance.card.reach import Application, VerifierPolicy, VerifierReach
from appliance.card.reached_channel import ReachedChannel
from appliance.card.secret import Secret
from appliance.card.surface import parse_age_record, parse_card_face, parse_surface_information
from appliance.card.text import parse_certified_card_key, parse_four_attributes, parse_signed_digests
from appliance.card.text_reading import read_text
from appliance.card.tries import (
    Confirmation,
    verify_birth_key,
    verify_code_b,
    verify_sign_password,
    verify_user_pin,
)
from appliance.errors import UnitError
from appliance.trust.card_key import parse_card_key
from appliance.trust.cv_certificate import parse_cv_certificate
from appliance.trust.issuer_keys import parse_issuer_keys
from appliance.trust.key_id import parse_key_id
from tests.card.chip_bytes import Face, four_attributes, issuers_of_both, tlv
from tests.card.scripted import BIRTH, BIRTH_QUERY, CHALLENGE, CODE, QUERY, VERIFY, Chip, Script
from tests.trust.authority import issuer_toml

MARKER = "71390842"
"""Eight digits that look like a date and are none; nothing else in these tests holds them."""
BYTES = MARKER.encode()


def verify(answer: str) -> None:
    verify_code_b(
        Script((QUERY, "63CA"), (VERIFY, answer)), Application.SURFACE, parse_code_b(CODE), Confirmation()
    )


PIN, PASSWORD = "4817", "KQ7MARKER3"
VERIFIER = VerifierReach(VerifierPolicy.for_training())


def verify_birth(answer: str) -> None:
    script = Script((BIRTH_QUERY, "63CA"), (f"{BIRTH_QUERY}06{BIRTH.encode().hex()}", answer))
    verify_birth_key(script, birth_key_from_print(date(1985, 4, 1)), Confirmation())


def verify_pin(answer: str) -> None:
    script = Script(("00200098", "63C3"), (f"0020009804{PIN.encode().hex()}", answer))
    verify_user_pin(script, VERIFIER, parse_user_pin(PIN), Confirmation())


def verify_password(answer: str) -> None:
    script = Script(("0020009B", "63C5"), (f"0020009B0A{PASSWORD.encode().hex()}", answer))
    verify_sign_password(script, VERIFIER, parse_sign_password(PASSWORD), Confirmation())


CASES: dict[str, Callable[[], object]] = {
    "typed code": lambda: parse_code_b(f"{MARKER}203312"),
    "typed letters": lambda: parse_code_b(f"{MARKER}２０三三"),
    "typed too long": lambda: parse_code_b(MARKER * 2),
    "birth key": lambda: BirthKey(bytearray(BYTES)),
    "birth date of nobody": lambda: birth_key_from_print(date(1839, 8, 4)),
    "typed PIN": lambda: parse_user_pin(MARKER),
    "typed PIN of letters": lambda: parse_user_pin(f"{MARKER}四"),
    "typed password": lambda: parse_sign_password(MARKER),
    "typed password in kanji": lambda: parse_sign_password(f"A{MARKER}四"),
    "typed password too long": lambda: parse_sign_password(f"A{MARKER}{MARKER}"),
    "PIN": lambda: UserPin(bytearray(BYTES)),
    "password": lambda: SignPassword(bytearray(BYTES + b"\xff")),
    "security code": lambda: code_b_from_print(date(1985, 4, 1), 2033, MARKER),
    "security code in kanji": lambda: code_b_from_print(date(1985, 4, 1), 2033, f"{MARKER}四"),
    "birth date": lambda: parse_card_face(Face(birth_date=BYTES).encode()),
    "expiry": lambda: parse_card_face(Face(expires_on=BYTES).encode()),
    "sex": lambda: parse_card_face(Face(sex=BYTES).encode()),
    "face key": lambda: parse_card_face(Face(key=BYTES * 33 + b"1").encode()),
    "face cut": lambda: parse_card_face(Face(photo=BYTES * 20).encode()[:-3]),
    "face of another tag": lambda: parse_card_face(tlv(0xFF10, BYTES)),
    "age record": lambda: parse_age_record(tlv(0xFF10, tlv(0xDF11, BYTES))),
    "basic information": lambda: parse_surface_information(tlv(0xFF30, tlv(0xDF34, BYTES))),
    "name not UTF-8": lambda: parse_four_attributes(four_attributes(name=BYTES + b"\xff")),
    "address not UTF-8": lambda: parse_four_attributes(four_attributes(address=BYTES + b"\xff")),
    "text birth date": lambda: parse_four_attributes(four_attributes(birth_date=BYTES)),
    "text sex": lambda: parse_four_attributes(four_attributes(sex=BYTES)),
    "digests": lambda: parse_signed_digests(tlv(0xFF30, tlv(0xDF31, BYTES))),
    "certified key": lambda: parse_certified_card_key(tlv(0xFF50, tlv(0xDF51, BYTES))),
    "certificate": lambda: parse_cv_certificate((BYTES * 71)[:568]),
    "card key": lambda: parse_card_key(BYTES, "DF24"),
    "key id": lambda: parse_key_id(MARKER),
    "issuer modulus": lambda: parse_issuer_keys(issuer_toml(modulus=f'"{MARKER}zz"')),
    "issuer text": lambda: parse_issuer_keys(f"{MARKER} = ["),
    "token label": lambda: parse_token_label(BYTES),
    "command": lambda: parse_command(BYTES[:5] + BYTES),
    "response": lambda: parse_response(BYTES[:1]),
    "refused command": lambda: ReachedChannel(Script()).transmit(bytes.fromhex("0020009308") + BYTES),
    "refused VERIFY": lambda: verify("6700"),
    "wrong code": lambda: verify("63C5"),
    "refused birth date": lambda: verify_birth("6700"),
    "wrong birth date": lambda: verify_birth("63C5"),
    "refused PIN": lambda: verify_pin("6700"),
    "wrong PIN": lambda: verify_pin("63C2"),
    "refused password": lambda: verify_password("6700"),
    "wrong password": lambda: verify_password("63C4"),
}


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield the error and all that it was raised from or while handling."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


@pytest.mark.parametrize("fails", CASES.values(), ids=CASES.keys())
def test_errors_say_nothing_of_what_was_read_or_typed(fails: Callable[[], object]) -> None:
    with pytest.raises(UnitError) as raised:
        fails()
    shown = "".join(traceback.format_exception(raised.value, chain=True))
    for each in chain(raised.value):
        shown += f"{each!s} {each!r} {each.args!r}"
    said = shown.replace('MARKER = "71390842"', "")
    for secret in (MARKER, BYTES.hex(), repr(BYTES), CODE, BIRTH, PIN, PASSWORD):
        assert secret.lower() not in said.lower()
        assert secret.encode().hex() not in said.lower()


SECRETS: dict[str, Callable[[], Secret]] = {
    CODE: lambda: CodeB(bytearray(CODE, "ascii")),
    BIRTH: lambda: birth_key_from_print(date(1985, 4, 1)),
    PIN: lambda: parse_user_pin(PIN),
    PASSWORD: lambda: parse_sign_password(PASSWORD),
}


@pytest.mark.parametrize(
    ("characters", "make"), SECRETS.items(), ids=["code B", "birth key", "PIN", "password"]
)
def test_secrets_show_in_no_text_and_no_container(characters: str, make: Callable[[], Secret]) -> None:
    with make() as secret:
        assert secret.reveal() == characters.encode()
        shown = f"{secret!r} {secret!s} {secret} {[secret]} {({'secret': secret},)}"
    assert shown.count("(hidden)") == 5
    assert characters not in shown
    assert secret.reveal() == b""


def test_readings_say_nothing_of_the_person() -> None:
    issuers = issuers_of_both()
    with (
        parse_code_b(CODE) as code_b,
        code_b.birth_key() as birth_key,
        read(
            Chip(), code_b, Confirmation(), issuers=issuers, challenge=CHALLENGE, on=date(2026, 11, 23)
        ) as face,
        read_text(Chip(), code_b, Confirmation(), issuers=issuers, challenge=CHALLENGE) as text,
    ):
        age = read_age(
            Chip(), birth_key, Confirmation(), issuers=issuers, challenge=CHALLENGE, on=date(2026, 11, 23)
        )
        parts = (face, face.record, face.record.unsigned, text, text.attributes, text.genuineness, age)
        shown = " ".join(f"{part!r} {part!s}" for part in parts)
    for personal in ("1985", "2033", "41", "番号", "花子", "千代田", "FEMALE", "date(", "b'"):
        assert personal not in shown

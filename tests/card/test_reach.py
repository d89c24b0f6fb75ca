"""What can be asked of a card, and that nothing else has a name (design D1, R01, domain.md §9.5)."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.card import reach
from appliance.card.apdu import CommandApdu
from appliance.card.code_b import parse_code_b
from appliance.card.reach import (
    CODE_B_KEYS,
    OUTREACH,
    Application,
    SightedApplication,
    SurfaceFile,
    SurfaceKey,
    TextFile,
    TextKey,
    VerifierPolicy,
    VerifierReach,
)
from appliance.errors import CodeMalformed

PRODUCT = Path(reach.__file__).parents[1]
CODE = "60040120331234"


def test_the_allow_list_is_this_and_nothing_else() -> None:
    rows = {row.aid.hex().upper(): (set(row.files), set(row.keys)) for row in OUTREACH}
    assert rows == {
        "D3921000310001010402": ({0x01, 0x02, 0x03, 0x04}, {0x11, 0x12}),
        "D3921000310001010408": ({0x02, 0x03, 0x04, 0x07}, {0x15}),
        "D392F0004F0100000000000000000000": (set(), set()),
        "D392F0004F0200000000000000000000": (set(), set()),
    }


@pytest.mark.parametrize(
    ("names", "banned"),
    [
        (SurfaceFile, 0x05),
        (SurfaceKey, 0x13),
        (TextFile, 0x01),
        (TextKey, 0x11),
        (TextKey, 0x14),
        (Application, bytes.fromhex("D3921000310001010401")),
        (Application, bytes.fromhex("D3921000310001010100")),
        (Application, bytes.fromhex("D392F000260100000001")),
        (SightedApplication, bytes.fromhex("D3921000310001010401")),
    ],
    ids=[
        "the drawn My Number",
        "reference code A (surface)",
        "the written My Number",
        "the text PIN",
        "reference code A (text)",
        "the juki application",
        "the common application",
        "the JPKI application",
        "the juki application, for a look",
    ],
)
def test_what_is_banned_has_no_name(names: type[SurfaceFile], banned: int) -> None:
    with pytest.raises(ValueError, match="is not a valid"):
        names(banned)


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (reach.select(Application.SURFACE), "00A4040C0AD3921000310001010402"),
        (reach.select(Application.TEXT_ASSIST), "00A4040C0AD3921000310001010408"),
        (reach.select(SightedApplication.RESIDENCE_CARD), "00A4040C10D392F0004F0200000000000000000000"),
        (reach.read_first(SurfaceFile.AGE_RECORD), "00B0810000"),
        (reach.read_first(SurfaceFile.CARD_FACE), "00B0820000"),
        (reach.read_first(SurfaceFile.CARD_CERTIFICATE, 0x20), "00B0840020"),
        (reach.read_first(TextFile.CARD_KEY), "00B0870000"),
        (reach.read_next(0x0100, 256), "00B0010000"),
        (reach.read_next(0x7FFF, 1), "00B07FFF01"),
        (reach.query_tries(SurfaceKey.BIRTH_DATE), "00200091"),
        (reach.query_tries(SurfaceKey.CODE_B), "00200092"),
        (reach.query_tries(TextKey.CODE_B), "00200095"),
        (
            reach.answer_challenge(bytes(32)),
            "802A0000333031300D060960864801650304020105000420" + "00" * 32 + "00",
        ),
        (reach.get_response(256), "00C0000000"),
    ],
)
def test_commands_are_the_documented_bytes(command: CommandApdu, expected: str) -> None:
    assert command.encode() == bytes.fromhex(expected)


@pytest.mark.parametrize(
    ("application", "key"), [(Application.SURFACE, "92"), (Application.TEXT_ASSIST, "95")]
)
def test_code_b_goes_unpadded_to_its_own_key(application: Application, key: str) -> None:
    with parse_code_b(CODE) as code_b:
        encoded = reach.present_code_b(application, code_b).encode()
    assert encoded == bytes.fromhex(f"002000{key}0E") + CODE.encode()


def test_the_birth_date_goes_unpadded_to_its_own_key() -> None:
    with parse_code_b(CODE) as code_b, code_b.birth_key() as birth_key:
        encoded = reach.present_birth_key(birth_key).encode()
    assert encoded == bytes.fromhex("0020009106") + b"600401"


def test_a_wiped_secret_cannot_become_a_question_for_the_counter() -> None:
    with parse_code_b(CODE) as code_b, code_b.birth_key() as birth_key:
        pass
    with pytest.raises(CodeMalformed):
        reach.present_code_b(Application.SURFACE, code_b)
    with pytest.raises(CodeMalformed):
        reach.present_birth_key(birth_key)


def test_every_application_has_a_key_for_code_b() -> None:
    assert set(CODE_B_KEYS) == set(Application)


@pytest.mark.parametrize("offset", [-1, 0x8000])
def test_an_offset_that_would_name_a_file_cannot_be_asked_for(offset: int) -> None:
    with pytest.raises(ValueError, match="offset"):
        reach.read_next(offset, 256)


@pytest.mark.parametrize("size", [0, 31, 33])
def test_only_a_digest_is_given_to_the_chip_to_sign(size: int) -> None:
    with pytest.raises(ValueError, match="digest"):
        reach.answer_challenge(bytes(size))


def test_the_jpki_application_opens_under_a_policy_only() -> None:
    verifier = VerifierReach(VerifierPolicy.for_training())
    assert verifier.select().encode() == bytes.fromhex("00A4040C0AD392F000260100000001")
    assert verifier.read_token_information(32).encode() == bytes.fromhex("00B0860020")
    assert verifier.read_user_auth_certificate().encode() == bytes.fromhex("00B08A0000")
    assert verifier.application.files == {0x01, 0x06, 0x08, 0x0A}
    assert set(verifier.application.keys) == {0x18, 0x1B}
    assert verifier.application.signing_keys == {0x97, 0x9A}
    with pytest.raises(PermissionError):
        VerifierPolicy(object())


SHAPES = {
    (row.aid, key): shape
    for row in (*OUTREACH, VerifierReach(VerifierPolicy.for_training()).application)
    for key, shape in row.keys.items()
}


@given(st.text("0123456789ABCXYZ", max_size=18))
def test_a_secret_fits_at_most_one_kind_of_key(secret: str) -> None:
    fitting = {shape for shape in SHAPES.values() if shape.fits(secret.encode())}
    assert len(fitting) <= 1


def test_no_secret_at_all_fits_a_key() -> None:
    assert not any(shape.fits(b"") for shape in SHAPES.values())


def calls(path: Path) -> set[str]:
    """Return the names that a module calls."""
    tree = ast.parse(path.read_text("utf-8"))
    called = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return {part.attr if isinstance(part, ast.Attribute) else getattr(part, "id", "") for part in called}


CARD_MODULES = sorted((PRODUCT / "card").rglob("*.py"))
PRESENTS = {"present_code_b", "present_birth_key", "present_user_pin", "present_sign_password"}


@pytest.mark.parametrize("module", CARD_MODULES, ids=lambda path: path.name)
def test_command_bytes_are_made_in_one_place(module: Path) -> None:
    if module.name not in {"reach.py", "apdu.py"}:
        assert "CommandApdu" not in calls(module)
    if module.name not in {"reach.py", "tries.py"}:
        assert not calls(module) & PRESENTS


@pytest.mark.parametrize("module", sorted(PRODUCT.rglob("*.py")), ids=lambda path: path.stem)
def test_nothing_in_the_product_makes_a_verifier_policy(module: Path) -> None:
    assert not calls(module) & {"VerifierPolicy", "VerifierReach"}

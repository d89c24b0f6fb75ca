"""What can be asked of a card: an allow-list in which nothing else has a name (design D1, R01; domain.md §9.5).

Commands that name a file, a key or an application are made here and nowhere else. The drawn My Number (surface 0005),
the written one (text 0001), the text PIN (0011), reference code A (surface 0013, text 0014), and the common and juki
applications have no name, so no caller can ask for them; `ReachedChannel` refuses them once more at the lowest layer.
The JPKI application has a name in `VerifierReach` alone, which needs a policy (design D1).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, IntEnum, unique
from types import MappingProxyType
from typing import Final, Self

from appliance.card.apdu import SHORT_LE_MAX, CommandApdu
from appliance.card.code_b import BIRTH_KEY_SIZE_BYTES, CODE_B_SIZE_BYTES, BirthKey, CodeB
from appliance.card.pins import (
    PASSWORD_CHARACTERS,
    PASSWORD_SIZES,
    PIN_SIZE_BYTES,
    SignPassword,
    UserPin,
)
from appliance.errors import CodeMalformed, PinMalformed

READ_OFFSET_MAX: Final = 0x7FFF
"""READ BINARY has fifteen bits for the offset (card.md §1.3)."""
SIGNATURE_SIZE_BYTES: Final = 256
SHA256_DIGEST_INFO: Final = bytes.fromhex("3031300D060960864801650304020105000420")
"""What stands before a SHA-256 digest in a signature (RFC 8017 §9.2, note 1; card.md §5.3)."""
_SHA256_SIZE_BYTES: Final = 32
_BY_SHORT_ID: Final = 0x80
"""Bit 8 of P1 or P2: the low five bits name the file, which makes it current (card.md §2)."""


@unique
class Application(Enum):
    """Applications that every profile may select, by AID (card.md §4)."""

    SURFACE = bytes.fromhex("D3921000310001010402")
    """券面事項確認AP: what the card's front shows."""
    TEXT_ASSIST = bytes.fromhex("D3921000310001010408")
    """券面事項入力補助AP: the four attributes as text."""


@unique
class SurfaceFile(IntEnum):
    """Files of the surface application within reach (card.md §7)."""

    AGE_RECORD = 0x01
    """The signed birth date alone; opened by the birth-date key."""
    CARD_FACE = 0x02
    """Birth date, sex, key, pictures, photo, expiry; opened by code B."""
    BASIC_INFORMATION = 0x03
    CARD_CERTIFICATE = 0x04


@unique
class TextFile(IntEnum):
    """Files of the text application within reach (card.md §6)."""

    FOUR_ATTRIBUTES = 0x02
    """Name, address, birth date, sex; opened by code B."""
    SIGNED_DIGESTS = 0x03
    """Digests and signature. One digest is over the My Number file and could be searched for: never keep it (D11)."""
    CARD_CERTIFICATE = 0x04
    CARD_KEY = 0x07
    """The key that answers challenges, certified."""


@unique
class SurfaceKey(IntEnum):
    """Keys of the surface application within reach."""

    BIRTH_DATE = 0x11
    """生年月日読出用: the first six digits of code B (card.md §7)."""
    CODE_B = 0x12


@unique
class TextKey(IntEnum):
    """Keys of the text application within reach."""

    CODE_B = 0x15


File = SurfaceFile | TextFile
Key = SurfaceKey | TextKey

CODE_B_KEYS: Final[Mapping[Application, Key]] = MappingProxyType(
    {Application.SURFACE: SurfaceKey.CODE_B, Application.TEXT_ASSIST: TextKey.CODE_B}
)


@unique
class SightedApplication(Enum):
    """Applications of other cards that are selected to name the card, and never asked for anything."""

    STAY = bytes.fromhex("D392F0004F0100000000000000000000")
    """在留AP of 特定在留カード, selected before its directories: 特定在留カード等仕様書 Ver 1.1 (2026-04), read second-hand (C)."""
    RESIDENCE_CARD = bytes.fromhex("D392F0004F0200000000000000000000")
    """DF1 of 在留カード等: Immigration Services Agency, 在留カード等仕様書 Ver 1.5, §3.3 (AID agrees in two readers; B)."""


_DIGITS: Final = frozenset(b"0123456789")


@dataclass(frozen=True, slots=True)
class SecretShape:
    """What may be presented to a key: nothing else leaves for the card, whatever called it so."""

    sizes: range
    characters: frozenset[int]
    needs_letter: bool = False
    """Digits alone are no such secret; so neither code B nor a birth date can stray to this key."""

    def fits(self, secret: bytes) -> bool:
        """Tell whether the bytes have this shape."""
        has_its_kind = not self.needs_letter or not _DIGITS.issuperset(secret)
        return len(secret) in self.sizes and self.characters.issuperset(secret) and has_its_kind


_CODE_B_SHAPE: Final = SecretShape(range(CODE_B_SIZE_BYTES, CODE_B_SIZE_BYTES + 1), _DIGITS)
_BIRTH_SHAPE: Final = SecretShape(range(BIRTH_KEY_SIZE_BYTES, BIRTH_KEY_SIZE_BYTES + 1), _DIGITS)
_PIN_SHAPE: Final = SecretShape(range(PIN_SIZE_BYTES, PIN_SIZE_BYTES + 1), _DIGITS)
_PASSWORD_SHAPE: Final = SecretShape(PASSWORD_SIZES, PASSWORD_CHARACTERS, needs_letter=True)
_DEFAULT_KEY: Final = 0x00
"""P2 of COMPUTE DIGITAL SIGNATURE for an application's own key (card.md §5.3)."""


@dataclass(frozen=True, slots=True)
class ApplicationReach:
    """One row of the allow-list, as the guard reads it."""

    aid: bytes
    files: frozenset[int] = frozenset()
    keys: Mapping[int, SecretShape] = field(default_factory=dict)
    signing_keys: frozenset[int] = frozenset()
    """P2 values with which a digest may be signed."""


OUTREACH: Final = (
    ApplicationReach(
        Application.SURFACE.value,
        frozenset(SurfaceFile),
        MappingProxyType({SurfaceKey.BIRTH_DATE: _BIRTH_SHAPE, SurfaceKey.CODE_B: _CODE_B_SHAPE}),
        frozenset({_DEFAULT_KEY}),
    ),
    ApplicationReach(
        Application.TEXT_ASSIST.value,
        frozenset(TextFile),
        MappingProxyType({TextKey.CODE_B: _CODE_B_SHAPE}),
        frozenset({_DEFAULT_KEY}),
    ),
    *(ApplicationReach(sighted.value) for sighted in SightedApplication),
)
"""The default profile, and the floor of every other."""


def select(application: Application | SightedApplication) -> CommandApdu:
    """SELECT an application by its whole name, without file control information."""
    return _select(application.value)


def read_first(file: File, le: int = SHORT_LE_MAX) -> CommandApdu:
    """READ BINARY from the start of a file, which becomes the current one."""
    return _read_first(file.value, le)


def read_next(offset: int, le: int) -> CommandApdu:
    """READ BINARY of the current file from `offset`.

    Raises:
        ValueError: the offset has more than fifteen bits.
    """
    if not 0 <= offset <= READ_OFFSET_MAX:
        raise ValueError("offset")
    return CommandApdu(0x00, 0xB0, offset >> 8, offset & 0xFF, le=le)


def query_tries(key: Key) -> CommandApdu:
    """VERIFY without data: the chip says how many tries are left and spends none (card.md §2)."""
    return _query(key.value)


def present_code_b(application: Application, code_b: CodeB) -> CommandApdu:
    """VERIFY code B: spends one try if it is wrong. Only the guardian in `tries` may send it (design D5).

    Raises:
        CodeMalformed: the code was wiped; without data the command would be the query.
    """
    return _present(CODE_B_KEYS[application], code_b.reveal(), _CODE_B_SHAPE, CodeMalformed)


def present_birth_key(birth_key: BirthKey) -> CommandApdu:
    """VERIFY the birth date: spends one try if it is wrong. Only the guardian in `tries` may send it (design D5).

    Raises:
        CodeMalformed: the key was wiped; without data the command would be the query.
    """
    return _present(SurfaceKey.BIRTH_DATE, birth_key.reveal(), _BIRTH_SHAPE, CodeMalformed)


def answer_challenge(digest: bytes) -> CommandApdu:
    """COMPUTE DIGITAL SIGNATURE over a SHA-256 digest with the application's own key (card.md §11).

    Raises:
        ValueError: not 32 bytes.
    """
    return _sign(_DEFAULT_KEY, digest)


def get_response(le: int) -> CommandApdu:
    """GET RESPONSE: fetch what a status word 61xx announced."""
    return CommandApdu(0x00, 0xC0, 0x00, 0x00, le=le)


class VerifierPolicy:
    """Leave to use the JPKI application, which only an office-signed policy gives to a unit (design D1).

    Nothing in the product makes one yet: the parser of signed policies will be its only maker in service. Training
    mode and tests use `for_training`. No screen, switch or settings file may lead here.
    """

    __slots__ = ("_maker",)
    _MAKER: Final = object()

    def __init__(self, maker: object) -> None:
        """Refuse everybody but the makers below.

        Raises:
            PermissionError: called from elsewhere.
        """
        if maker is not self._MAKER:
            raise PermissionError("VerifierPolicy")
        self._maker = maker

    @classmethod
    def for_training(cls) -> Self:
        """Return a policy for the training kit."""
        return cls(cls._MAKER)


class VerifierReach:
    """The JPKI application, which has no name outside this class (card.md §5)."""

    __slots__ = ("_policy",)

    _AID: Final = bytes.fromhex("D392F000260100000001")
    _SIGNING_CERTIFICATE: Final = 0x01
    _TOKEN_INFORMATION: Final = 0x06
    _AVAILABILITY: Final = 0x08
    _USER_AUTH_CERTIFICATE: Final = 0x0A
    _USER_AUTH_KEY: Final = 0x17
    _USER_AUTH_PIN: Final = 0x18
    _SIGNING_KEY: Final = 0x1A
    _SIGN_PASSWORD: Final = 0x1B

    def __init__(self, policy: VerifierPolicy) -> None:
        """Open the reach under a policy."""
        self._policy = policy

    @property
    def application(self) -> ApplicationReach:
        """The row that the guard adds to its allow-list."""
        return ApplicationReach(
            self._AID,
            frozenset(
                {
                    self._SIGNING_CERTIFICATE,
                    self._TOKEN_INFORMATION,
                    self._AVAILABILITY,
                    self._USER_AUTH_CERTIFICATE,
                }
            ),
            MappingProxyType({self._USER_AUTH_PIN: _PIN_SHAPE, self._SIGN_PASSWORD: _PASSWORD_SHAPE}),
            frozenset({_BY_SHORT_ID | self._USER_AUTH_KEY, _BY_SHORT_ID | self._SIGNING_KEY}),
        )

    def select(self) -> CommandApdu:
        """SELECT the JPKI application."""
        return _select(self._AID)

    def read_token_information(self, le: int) -> CommandApdu:
        """READ BINARY from the start of EF 0006."""
        return _read_first(self._TOKEN_INFORMATION, le)

    def read_availability(self, le: int) -> CommandApdu:
        """READ BINARY from the start of EF 0008: which certificates the card holds."""
        return _read_first(self._AVAILABILITY, le)

    def read_user_auth_certificate(self) -> CommandApdu:
        """READ BINARY from the start of EF 000A."""
        return _read_first(self._USER_AUTH_CERTIFICATE, SHORT_LE_MAX)

    def read_signing_certificate(self) -> CommandApdu:
        """READ BINARY from the start of EF 0001, which the signing password opens."""
        return _read_first(self._SIGNING_CERTIFICATE, SHORT_LE_MAX)

    def query_pin_tries(self) -> CommandApdu:
        """VERIFY without data on the user authentication PIN."""
        return _query(self._USER_AUTH_PIN)

    def query_password_tries(self) -> CommandApdu:
        """VERIFY without data on the signing password."""
        return _query(self._SIGN_PASSWORD)

    def present_user_pin(self, pin: UserPin) -> CommandApdu:
        """VERIFY the user authentication PIN: only the guardian in `tries` may send it (design D5).

        Raises:
            PinMalformed: the PIN was wiped; without data the command would be the query.
        """
        return _present(self._USER_AUTH_PIN, pin.reveal(), _PIN_SHAPE, PinMalformed)

    def present_sign_password(self, password: SignPassword) -> CommandApdu:
        """VERIFY the signing password: only the guardian in `tries` may send it (design D5).

        Raises:
            PinMalformed: the password was wiped; without data the command would be the query.
        """
        return _present(self._SIGN_PASSWORD, password.reveal(), _PASSWORD_SHAPE, PinMalformed)

    def sign_with_user_auth_key(self, digest: bytes) -> CommandApdu:
        """COMPUTE DIGITAL SIGNATURE over a SHA-256 digest with the user authentication key (card.md §5.3).

        Raises:
            ValueError: not 32 bytes.
        """
        return _sign(_BY_SHORT_ID | self._USER_AUTH_KEY, digest)

    def sign_with_signing_key(self, digest: bytes) -> CommandApdu:
        """COMPUTE DIGITAL SIGNATURE over a SHA-256 digest with the signing key (card.md §5.3).

        Raises:
            ValueError: not 32 bytes.
        """
        return _sign(_BY_SHORT_ID | self._SIGNING_KEY, digest)


def _select(aid: bytes) -> CommandApdu:
    return CommandApdu(0x00, 0xA4, 0x04, 0x0C, aid)


def _read_first(short_id: int, le: int) -> CommandApdu:
    return CommandApdu(0x00, 0xB0, _BY_SHORT_ID | short_id, 0x00, le=le)


def _query(short_id: int) -> CommandApdu:
    return CommandApdu(0x00, 0x20, 0x00, _BY_SHORT_ID | short_id)


def _present(
    short_id: int, secret: bytes, shape: SecretShape, malformed: type[CodeMalformed | PinMalformed]
) -> CommandApdu:
    if not shape.fits(secret):
        raise malformed("length")
    return CommandApdu(0x00, 0x20, 0x00, _BY_SHORT_ID | short_id, secret)


def _sign(key: int, digest: bytes) -> CommandApdu:
    if len(digest) != _SHA256_SIZE_BYTES:
        raise ValueError("digest length")
    return CommandApdu(0x80, 0x2A, 0x00, key, SHA256_DIGEST_INFO + digest, le=SIGNATURE_SIZE_BYTES)

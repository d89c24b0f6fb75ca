"""What can be asked of a card: an allow-list in which nothing else has a name (design D1, R01; domain.md §9.5).

Commands that name a file, a key or an application are made here and nowhere else. The drawn My Number (surface 0005),
the written one (text 0001), the text PIN (0011), reference code A (surface 0013, text 0014), and the common and juki
applications have no name, so no caller can ask for them; `ReachedChannel` refuses them once more at the lowest layer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, IntEnum, unique
from types import MappingProxyType
from typing import Final, Self

from appliance.card.apdu import SHORT_LE_MAX, CommandApdu
from appliance.card.code_b import CODE_B_SIZE_BYTES, CodeB
from appliance.errors import CodeMalformed

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


@dataclass(frozen=True, slots=True)
class ApplicationReach:
    """One row of the allow-list, as the guard reads it."""

    aid: bytes
    files: frozenset[int]
    keys: frozenset[int]
    answers_challenge: bool


OUTREACH: Final = (
    ApplicationReach(
        Application.SURFACE.value, frozenset(SurfaceFile), frozenset(SurfaceKey), answers_challenge=True
    ),
    ApplicationReach(
        Application.TEXT_ASSIST.value, frozenset(TextFile), frozenset(TextKey), answers_challenge=True
    ),
)
"""The default profile, and the floor of every other."""


def select(application: Application) -> CommandApdu:
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
    return CommandApdu(0x00, 0x20, 0x00, _BY_SHORT_ID | key.value)


def present_code_b(application: Application, code_b: CodeB) -> CommandApdu:
    """VERIFY code B: spends one try if it is wrong. Only the guardian in `tries` may send it (design D5).

    Raises:
        CodeMalformed: the code was wiped; without data the command would be the query.
    """
    digits = code_b.reveal()
    if len(digits) != CODE_B_SIZE_BYTES:
        raise CodeMalformed("length")
    return CommandApdu(0x00, 0x20, 0x00, _BY_SHORT_ID | CODE_B_KEYS[application].value, digits)


def answer_challenge(digest: bytes) -> CommandApdu:
    """COMPUTE DIGITAL SIGNATURE over a SHA-256 digest with the application's own key (card.md §11).

    Raises:
        ValueError: not 32 bytes.
    """
    if len(digest) != _SHA256_SIZE_BYTES:
        raise ValueError("digest length")
    return CommandApdu(0x80, 0x2A, 0x00, 0x00, SHA256_DIGEST_INFO + digest, le=SIGNATURE_SIZE_BYTES)


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
    _TOKEN_INFORMATION: Final = 0x06
    _USER_AUTH_CERTIFICATE: Final = 0x0A

    def __init__(self, policy: VerifierPolicy) -> None:
        """Open the reach under a policy."""
        self._policy = policy

    @property
    def application(self) -> ApplicationReach:
        """The row that the guard adds to its allow-list."""
        files = frozenset({self._TOKEN_INFORMATION, self._USER_AUTH_CERTIFICATE})
        return ApplicationReach(self._AID, files, frozenset(), answers_challenge=False)

    def select(self) -> CommandApdu:
        """SELECT the JPKI application."""
        return _select(self._AID)

    def read_token_information(self, le: int) -> CommandApdu:
        """READ BINARY from the start of EF 0006."""
        return _read_first(self._TOKEN_INFORMATION, le)

    def read_user_auth_certificate(self) -> CommandApdu:
        """READ BINARY from the start of EF 000A."""
        return _read_first(self._USER_AUTH_CERTIFICATE, SHORT_LE_MAX)


def _select(aid: bytes) -> CommandApdu:
    return CommandApdu(0x00, 0xA4, 0x04, 0x0C, aid)


def _read_first(short_id: int, le: int) -> CommandApdu:
    return CommandApdu(0x00, 0xB0, _BY_SHORT_ID | short_id, 0x00, le=le)

"""A small issuing authority for tests: RSA keys, signatures and card certificates, written from card.md §7 and §11.

Encodes only, and shares no line with the product's parsers.
"""

from __future__ import annotations

from functools import cache

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from appliance.trust.issuer_keys import IssuerKeys, parse_issuer_keys

AUTHORITY_ID = b"9000023\x08\x05001\x00\x00\x00\xa8"
MUNICIPALITY_ID = b"9920121\x08\x05000\x00\x00\x00\xa8"


@cache
def rsa_key(name: str) -> rsa.RSAPrivateKey:
    """Return the key pair of that name, made once a session."""
    return rsa.generate_private_key(65537, 2048)


def modulus(name: str) -> int:
    return rsa_key(name).public_key().public_numbers().n


def sign_message(name: str, message: bytes) -> bytes:
    return rsa_key(name).sign(message, padding.PKCS1v15(), hashes.SHA256())


def sign_block(name: str, block: bytes) -> bytes:
    """Apply the private key to a whole 256-byte message, right or wrong."""
    private = rsa_key(name).private_numbers()
    return pow(int.from_bytes(block, "big"), private.d, private.public_numbers.n).to_bytes(256, "big")


def sign_digest_info(name: str, digest_info: bytes) -> bytes:
    return sign_block(name, b"\x00\x01" + b"\xff" * (253 - len(digest_info)) + b"\x00" + digest_info)


def card_key_bytes(name: str) -> bytes:
    return bytes.fromhex("9003010001 91820100") + modulus(name).to_bytes(256, "big")


def cv_certificate(
    authority: str = "authority",
    subject: str = "municipality",
    *,
    authority_id: bytes = AUTHORITY_ID,
    subject_id: bytes = MUNICIPALITY_ID,
) -> bytes:
    body = authority_id + subject_id + card_key_bytes(subject)
    signature = sign_message(authority, body)
    return bytes.fromhex("7F21820233 5F4E820129") + body + bytes.fromhex("5F37820100") + signature


def issuer_toml(name: str = "authority", **changed: str) -> str:
    """Return one `[[issuer]]` table; keyword arguments replace a field's TOML text, or drop it when empty."""
    table = {
        "key_id": f'"{AUTHORITY_ID.hex()}"',
        "modulus": f'"{modulus(name):0512x}"',
        "exponent": "65537",
        "kind": '"training"',
        "source": '"tests"',
        **changed,
    }
    return "[[issuer]]\n" + "".join(f"{key} = {value}\n" for key, value in table.items() if value)


def training_issuers() -> IssuerKeys:
    return IssuerKeys.for_training(parse_issuer_keys(issuer_toml()))

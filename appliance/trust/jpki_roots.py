"""Which certificates of JPKI's production authorities are known, by fingerprint (card.md §13.1)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from appliance.trust.jpki_profile import CertificateUse


@dataclass(frozen=True, slots=True)
class KnownRoot:
    """One production authority's self-signed certificate; three generations share one name."""

    name: str
    use: CertificateUse
    serial: int
    key_id: bytes
    """Subject key identifier."""
    valid_from: date
    expires_on: date
    """First and last day in Japan."""
    fingerprint: bytes | None
    """SHA-256 over the DER certificate; None where it was not at hand, so that it cannot be accepted."""
    confidence: str
    """How sure the row is, by the marks of card.md."""
    source: str


@cache
def known_roots() -> tuple[KnownRoot, ...]:
    """Return the table that comes with the product."""
    text = files("appliance.trust").joinpath("jpki_roots.toml").read_text("utf-8")
    return tuple(
        KnownRoot(
            name=row["name"],
            use=CertificateUse(row["use"]),
            serial=int(row["serial"], 16),
            key_id=bytes.fromhex(row["key_id"]),
            valid_from=row["valid_from"],
            expires_on=row["expires_on"],
            fingerprint=bytes.fromhex(row["sha256"]) or None,
            confidence=row["confidence"],
            source=row["source"],
        )
        for row in tomllib.loads(text)["root"]
    )

"""The JPKI authorities that a unit trusts, and what they prove about a holder's certificate (card.md §13).

Their certificates are configuration with a source. In service only those with a known fingerprint count; production and
training cannot meet: a set is built for one of them and refuses the other (design D6, R30). Whether a certificate was
revoked cannot be told here: only notified verifiers can ask (card.md §13.4).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final, Self

from cryptography import x509

from appliance.domain.card_answers import Revocation
from appliance.errors import (
    CardNotGenuine,
    CardNotUnderstood,
    CertificateOutOfTerm,
    IssuerKeyRefused,
    IssuerUnknown,
)
from appliance.trust.issuer_keys import IssuerKind
from appliance.trust.jpki_authority import JpkiAuthority
from appliance.trust.jpki_profile import HolderCertificate
from appliance.trust.jpki_roots import known_roots
from appliance.trust.x509_reading import attempt, extension_of, load_certificate

_HOLDER_CERTIFICATE: Final = "holder_certificate"
_CHECKED: Final = object()


class Certified:
    """Proof that an authority vouches for a holder's certificate on one day; only `JpkiAuthorities.verify` makes one."""

    __slots__ = ("authority_key_id", "certificate", "checked_on", "kind", "revocation")

    def __init__(
        self, checked: object, certificate: HolderCertificate, authority: JpkiAuthority, on: date
    ) -> None:
        """Refuse everybody but `JpkiAuthorities.verify`.

        Raises:
            PermissionError: called from elsewhere.
        """
        if checked is not _CHECKED:
            raise PermissionError("Certified")
        self.certificate = certificate
        self.kind = authority.kind
        """For whom the authority vouches: real people, or training."""
        self.authority_key_id = authority.printed
        self.checked_on = on
        self.revocation = Revocation.UNKNOWN
        """Nobody was asked."""

    def __repr__(self) -> str:
        return f"Certified({self.certificate.use.value}, {self.kind.value})"

    def __reduce__(self) -> tuple[type, ...]:
        """Refuse to be copied or written out: a proof is for one certificate, now."""
        raise TypeError("Certified")


class JpkiAuthorities:
    """A set of authorities for one purpose; made by `for_service` or `for_training` only."""

    __slots__ = ("_by_key_id", "_kind")

    def __init__(self, authorities: Iterable[JpkiAuthority], kind: IssuerKind) -> None:
        """Keep `authorities`, which must all be of `kind` and have different keys.

        Raises:
            IssuerKeyRefused: one of the other kind, or twice the same key.
        """
        self._kind = kind
        self._by_key_id: dict[bytes, JpkiAuthority] = {}
        for authority in authorities:
            self._add(authority)

    @classmethod
    def for_service(cls, authorities: Iterable[JpkiAuthority]) -> Self:
        """Return the authorities over real people's certificates; none at all is allowed and knows nobody.

        Raises:
            IssuerKeyRefused: a training authority is among them (R30), one whose fingerprint is not known, or one twice.
        """
        return cls(authorities, IssuerKind.PRODUCTION)

    @classmethod
    def for_training(cls, authorities: Iterable[JpkiAuthority]) -> Self:
        """Return the authorities over training cards' certificates.

        Raises:
            IssuerKeyRefused: a production authority is among them, or one twice.
        """
        return cls(authorities, IssuerKind.TRAINING)

    @property
    def kind(self) -> IssuerKind:
        """What these authorities vouch for."""
        return self._kind

    def __len__(self) -> int:
        return len(self._by_key_id)

    def verify(self, certificate: HolderCertificate, on: date) -> Certified:
        """Return proof that one of these authorities vouches for the certificate on a day in Japan.

        Usage, policy and form hold for every `HolderCertificate`; here come issuer, signature and term.

        Raises:
            IssuerUnknown: its authority is not configured, so nothing can be said.
            CardNotGenuine: the authority did not make it.
            CertificateOutOfTerm: its term, or its authority's, does not include the day.
            CardNotUnderstood: the certificate was wiped.
        """
        authority = self._by_key_id.get(certificate.authority_key_id)
        if authority is None:
            raise IssuerUnknown(certificate.authority_key_id.hex().upper())
        loaded = load_certificate(certificate.encoded.reveal())
        if loaded is None:
            raise CardNotUnderstood(certificate.use.what)
        if not _names_issuer(loaded, authority):
            raise CardNotGenuine(_HOLDER_CERTIFICATE)
        authority.key.verify_message(loaded.tbs_certificate_bytes, loaded.signature, _HOLDER_CERTIFICATE)
        for each in (certificate, authority):
            if not each.valid_from <= on <= each.expires_on:
                raise CertificateOutOfTerm
        return Certified(_CHECKED, certificate, authority, on)

    def _add(self, authority: JpkiAuthority) -> None:
        if authority.kind is not self._kind:
            raise IssuerKeyRefused(authority.printed, authority.kind.value)
        if self._kind is IssuerKind.PRODUCTION and not _is_known(authority):
            raise IssuerKeyRefused(authority.printed, "fingerprint")
        if authority.key_id in self._by_key_id:
            raise IssuerKeyRefused(authority.printed, "repeated")
        self._by_key_id[authority.key_id] = authority


def _is_known(authority: JpkiAuthority) -> bool:
    return any(
        root.fingerprint == authority.fingerprint and root.use is authority.use for root in known_roots()
    )


def _names_issuer(certificate: x509.Certificate, authority: JpkiAuthority) -> bool:
    """Tell whether the certificate names this authority in each place where it names one (card.md §13.2)."""
    identifier = extension_of(certificate, x509.AuthorityKeyIdentifier)
    if identifier is None or attempt(lambda: certificate.issuer) != authority.name:
        return False
    named = identifier.authority_cert_issuer
    is_named = named is None or list(named) == [x509.DirectoryName(authority.name)]
    return is_named and identifier.authority_cert_serial_number in {None, authority.serial}

"""The certificates of the training JPKI authorities, for the trust store of a training unit (design D6, R30)."""

from __future__ import annotations

import ssl

from appliance.simulated.jpki_certificates import CertificateKind, JpkiAuthorities
from appliance.simulated.training_keys import TrainingKeys


def training_authorities_toml(keys: TrainingKeys | None = None) -> str:
    """Return both training authorities as `[[authority]]` tables."""
    authorities = JpkiAuthorities(keys or TrainingKeys.shipped())
    return "\n".join(_authority_table(authorities, kind) for kind in CertificateKind)


def _authority_table(authorities: JpkiAuthorities, kind: CertificateKind) -> str:
    pem = ssl.DER_cert_to_PEM_cert(authorities.authority_certificate(kind))
    return (
        "[[authority]]\n"
        f'certificate = """\n{pem}"""\n'
        'kind = "training"\n'
        f'source = "appliance.simulated.jpki_certificates, authority {kind.value}"\n'
    )

"""The training authorities as a training unit's trust store takes them; service refuses them (R30)."""

from __future__ import annotations

import pytest

from appliance.errors import IssuerKeyRefused
from appliance.simulated.training_authorities import training_authorities_toml
from appliance.trust.issuer_keys import IssuerKind
from appliance.trust.jpki_authorities import JpkiAuthorities
from appliance.trust.jpki_authority import parse_jpki_authorities
from appliance.trust.jpki_profile import CertificateUse


def test_both_authorities_are_there_for_training() -> None:
    authorities = parse_jpki_authorities(training_authorities_toml())
    assert {each.use for each in authorities} == set(CertificateUse)
    assert JpkiAuthorities.for_training(authorities).kind is IssuerKind.TRAINING


def test_service_refuses_them() -> None:
    with pytest.raises(IssuerKeyRefused) as refused:
        JpkiAuthorities.for_service(parse_jpki_authorities(training_authorities_toml()))
    assert refused.value.reason == "training"

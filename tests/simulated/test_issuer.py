"""What the training authorities are called, and how their public keys are handed to the trust store."""

from __future__ import annotations

import tomllib

import pytest

from appliance.simulated.issuer import (
    Authority,
    Issuer,
    authority_key_id,
    municipality_key_id,
    training_issuers_toml,
)
from appliance.simulated.training_keys import TrainingKeys


@pytest.mark.parametrize(
    ("authority", "key_id"),
    [
        (Authority.MANAGER, "39303030303230" + "0805" + "303031" + "000000a8"),
        (Authority.SURFACE, "39303030303233" + "0805" + "303031" + "000000a8"),
        (Authority.TEXT, "39303030303333" + "0805" + "303031" + "000000a8"),
    ],
)
def test_key_identifiers_have_the_shape_of_real_ones_and_begin_with_nine(
    authority: Authority, key_id: str
) -> None:
    assert authority_key_id(authority).hex() == key_id


def test_the_municipality_is_an_invented_one() -> None:
    assert municipality_key_id()[:7] == b"9920121"
    assert len(municipality_key_id()) == 16


def test_the_trust_store_gets_all_three_public_keys() -> None:
    tables = tomllib.loads(training_issuers_toml())["issuer"]
    issuer = Issuer(TrainingKeys.shipped())
    assert [table["key_id"] for table in tables] == [
        authority_key_id(authority).hex() for authority in Authority
    ]
    for table, authority in zip(tables, Authority, strict=True):
        assert int(table["modulus"], 16) == issuer.authority_key(authority).modulus
        assert (table["exponent"], table["kind"]) == (65537, "training")
        assert table["source"]


def test_authority_and_municipality_keys_are_all_different() -> None:
    issuer = Issuer(TrainingKeys.shipped())
    moduli = {issuer.authority_key(authority).modulus for authority in Authority}
    moduli |= {issuer.issuing_key(authority).modulus for authority in Authority}
    assert len(moduli) == 6

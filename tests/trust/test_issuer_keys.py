"""Issuer keys are configuration with a source; service and training never mix (R30, design D6)."""

from __future__ import annotations

import pytest

from appliance.errors import IssuerKeyRefused, IssuerUnknown
from appliance.trust.issuer_keys import IssuerKeys, IssuerKind, parse_issuer_keys, shipped_issuer_keys
from appliance.trust.key_id import KeyId, parse_key_id
from tests.trust.authority import AUTHORITY_ID, issuer_toml, modulus

PRODUCTION = {"key_id": '"5000023/001"', "kind": '"production"'}


def test_a_table_is_read() -> None:
    (key,) = parse_issuer_keys(issuer_toml())
    assert key.key_id == KeyId(AUTHORITY_ID)
    assert key.key.modulus == modulus("authority")
    assert key.kind is IssuerKind.TRAINING
    assert key.source == "tests"


def test_the_printed_key_id_is_read_too() -> None:
    (key,) = parse_issuer_keys(issuer_toml(**PRODUCTION))
    assert key.key_id == parse_key_id("5000023/001")
    assert key.kind is IssuerKind.PRODUCTION


def test_an_empty_text_has_no_keys() -> None:
    assert parse_issuer_keys("") == ()


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"key_id": '"9000023"'}, "key_id"),
        ({"key_id": "9000023"}, "key_id"),
        ({"modulus": '"zz"'}, "modulus"),
        ({"modulus": '""'}, "modulus"),
        ({"modulus": "65537"}, "modulus"),
        ({"modulus": '"' + "ff" * 255 + '"'}, "modulus"),
        ({"modulus": '"' + "ff" * 255 + 'fe"'}, "modulus"),
        ({"modulus": f'"{(1 << 1023) + 1:x}"'}, "modulus"),
        ({"exponent": "3"}, "exponent"),
        ({"exponent": "true"}, "exponent"),
        ({"exponent": "65537.0"}, "exponent"),
        ({"source": '" "'}, "source"),
        ({"source": "1"}, "source"),
        ({"kind": '"test"'}, "kind"),
        ({"kind": "1"}, "kind"),
        ({"source": ""}, "format"),
        ({"unknown": "1"}, "format"),
    ],
    ids=lambda value: value if isinstance(value, str) else "+".join(value),
)
def test_a_table_that_is_not_whole_is_refused(changed: dict[str, str], reason: str) -> None:
    with pytest.raises(IssuerKeyRefused) as refused:
        parse_issuer_keys(issuer_toml(**changed))
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    "text", ["issuer = 1", "issuer = [1]", "[issuer]\n", "x = 1", "[[issuer", "[[issuers]]\n"]
)
def test_a_text_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(IssuerKeyRefused) as refused:
        parse_issuer_keys(text)
    assert refused.value.reason == "format"


@pytest.mark.parametrize(
    ("key_id", "kind"),
    [("9000023/001", "production"), ("6000023/001", "production"), ("5000023/001", "training")],
    ids=["an invented key as a real one", "the public test key as a real one", "a real key for training"],
)
def test_the_number_of_a_key_must_fit_its_kind(key_id: str, kind: str) -> None:
    with pytest.raises(IssuerKeyRefused) as refused:
        parse_issuer_keys(issuer_toml(key_id=f'"{key_id}"', kind=f'"{kind}"'))
    assert refused.value.reason == "kind"


def test_training_keys_are_refused_in_service() -> None:
    with pytest.raises(IssuerKeyRefused) as refused:
        IssuerKeys.for_service(parse_issuer_keys(issuer_toml(**PRODUCTION) + issuer_toml()))
    assert (refused.value.key_id, refused.value.reason) == ("9000023/001", "training")


def test_production_keys_are_refused_in_training() -> None:
    with pytest.raises(IssuerKeyRefused) as refused:
        IssuerKeys.for_training(parse_issuer_keys(issuer_toml(**PRODUCTION)))
    assert refused.value.reason == "production"


def test_the_same_key_twice_is_refused() -> None:
    with pytest.raises(IssuerKeyRefused) as refused:
        IssuerKeys.for_training(parse_issuer_keys(issuer_toml() + issuer_toml("other")))
    assert refused.value.reason == "repeated"


def test_a_known_authority_gives_its_key_and_an_unknown_one_its_name() -> None:
    keys = IssuerKeys.for_training(parse_issuer_keys(issuer_toml()))
    assert keys.kind is IssuerKind.TRAINING
    assert keys.authority(KeyId(AUTHORITY_ID)).modulus == modulus("authority")
    with pytest.raises(IssuerUnknown) as unknown:
        keys.authority(parse_key_id("5000023/001"))
    assert unknown.value.authority_key_id == "5000023/001"


def test_service_without_keys_is_possible_and_knows_nobody() -> None:
    keys = IssuerKeys.for_service(())
    assert len(keys) == 0
    with pytest.raises(IssuerUnknown):
        keys.authority(KeyId(AUTHORITY_ID))


def test_the_shipped_list_is_fit_for_service_and_holds_no_key() -> None:
    assert shipped_issuer_keys() == ()
    assert len(IssuerKeys.for_service(shipped_issuer_keys())) == 0

"""The table of production authorities: six, of which five are known by fingerprint (card.md §13.1)."""

from __future__ import annotations

from collections import Counter

from appliance.trust.jpki_profile import CertificateUse
from appliance.trust.jpki_roots import known_roots


def test_each_authority_has_three_generations() -> None:
    assert Counter(root.use for root in known_roots()) == dict.fromkeys(CertificateUse, 3)
    assert len({root.key_id for root in known_roots()}) == 6


def test_five_fingerprints_are_known_and_all_differ() -> None:
    known = [root.fingerprint for root in known_roots() if root.fingerprint]
    assert len(set(known)) == len(known) == 5
    assert {len(fingerprint) for fingerprint in known} == {32}


def test_the_one_without_is_the_second_for_user_authentication() -> None:
    (missing,) = [root for root in known_roots() if root.fingerprint is None]
    assert missing.use is CertificateUse.USER_AUTHENTICATION
    assert missing.key_id.hex().upper() == "8CD5586A891485E559379B7E29D410CFD28B3593"


def test_every_row_has_its_source_and_a_term_of_ten_years() -> None:
    for root in known_roots():
        assert root.source
        assert root.confidence == "A"
        assert len(root.key_id) == 20
        assert root.serial > 0
        assert 3651 <= (root.expires_on - root.valid_from).days <= 3653

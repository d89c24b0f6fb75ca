"""What a rule may ask about a person on a day: small named claims, each true only when the facts say so.

A claim about an unknown fact is false, so `not` before a name reads "not known to be". A rule that opens a way asks only
for such absences; a rule that closes one asks for a claim. So what becomes known can close a way and never open one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from appliance.domain.person_facts import HeldCard, PersonFacts, Phone, Reported, Residence
from appliance.domain.programmes.certificate_term import (
    CertificateTerm,
    certificate_term,
    insurance_use_last_day,
)

Claim = Callable[[PersonFacts, date], bool]
Deadline = Callable[[PersonFacts], date | None]


@dataclass(frozen=True, slots=True)
class Condition:
    """One line of a rule's `when`."""

    claim: str
    """A name in `CLAIMS`."""
    wanted: bool
    """False when the line starts with `not`."""

    def holds(self, facts: PersonFacts, on: date) -> bool:
        """Tell whether the claim is as wanted for a person on a day."""
        return CLAIMS[self.claim](facts, on) is self.wanted


def _kind_is(*kinds: HeldCard | None) -> Claim:
    return lambda facts, _: facts.card.kind in kinds


def _registered_is(reported: Reported) -> Claim:
    return lambda facts, _: facts.insurance.registered is reported


def _certificate_is(*terms: CertificateTerm) -> Claim:
    def claim(facts: PersonFacts, on: date) -> bool:
        expires_on = facts.card.auth_certificate_expires_on
        return expires_on is not None and certificate_term(expires_on, on) in terms

    return claim


def _card_expired(facts: PersonFacts, on: date) -> bool:
    return facts.card.expires_on is not None and facts.card.expires_on < on


def _needs_consideration(facts: PersonFacts, _: date) -> bool:
    """要配慮者 by the grounds that municipalities name (F1.10) and that the facts can show."""
    return facts.residence is Residence.FACILITY or facts.care_need_certified is True


CLAIMS: Final[Mapping[str, Claim]] = {
    "card_absent": _kind_is(HeldCard.NONE),
    "card_unknown": _kind_is(None),
    "card_normal": _kind_is(HeldCard.NORMAL),
    "card_face_only": _kind_is(HeldCard.FACE_ONLY),
    "card_expired": _card_expired,
    "certificate_date_unknown": lambda facts, _: facts.card.auth_certificate_expires_on is None,
    "certificate_renewal_open": _certificate_is(CertificateTerm.RENEWAL_OPEN),
    "certificate_lapsed": _certificate_is(CertificateTerm.LAPSED),
    "certificate_ended": _certificate_is(CertificateTerm.ENDED),
    "certificate_expired": _certificate_is(CertificateTerm.LAPSED, CertificateTerm.ENDED),
    "pin_known": lambda facts, _: facts.card.pin_known is True,
    "pin_forgotten": lambda facts, _: facts.card.pin_known is False,
    "registration_reported": _registered_is(Reported.YES),
    "registration_denied": _registered_is(Reported.NO),
    "registration_unknown": _registered_is(Reported.UNKNOWN),
    "lives_in_facility": lambda facts, _: facts.residence is Residence.FACILITY,
    "needs_consideration": _needs_consideration,
    "owns_smartphone": lambda facts, _: facts.phone in {Phone.ANDROID, Phone.IPHONE},
}
"""Every claim by the name that rules use."""


def _insurance_use_last_day(facts: PersonFacts) -> date | None:
    expires_on = facts.card.auth_certificate_expires_on
    return None if expires_on is None else insurance_use_last_day(expires_on)


DEADLINES: Final[Mapping[str, Deadline]] = {
    "certificate_last_day": lambda facts: facts.card.auth_certificate_expires_on,
    "insurance_use_last_day": _insurance_use_last_day,
}
"""Every day that a rule may name in `by`."""

"""A program that reads the user authentication certificate and writes it out, as OpenSC's tool does."""

from __future__ import annotations

import sys
from contextlib import closing
from ssl import DER_cert_to_PEM_cert

from appliance.card.jpki.certificates import read_user_auth_certificate
from appliance.card.reach import VerifierPolicy, VerifierReach
from appliance.hardware.pcsc_reader import PcscReader


def write_certificate() -> None:
    """Read the card in the first reader and write its certificate as PEM."""
    with closing(PcscReader()) as reader, closing(reader.connect()) as channel:
        holder = read_user_auth_certificate(channel, VerifierReach(VerifierPolicy.for_training()))
    with holder:
        sys.stdout.write(DER_cert_to_PEM_cert(holder.encoded.reveal()))


if __name__ == "__main__":
    write_certificate()

"""Key pairs of the training world: the same on every machine, made from a public seed, worthless in service.

No private key is stored. A key's primes are found by counting upwards from numbers that a seed gives; how far to count
stands in `training_primes.json`, so that loading takes no search. A label without an entry is searched on the spot.
`python -m appliance.simulated.training_keys` writes the table anew. The library cannot make keys from a seed, hence the
own search (FIPS 186-5 §A.1.3 gives its conditions).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Final

from appliance.simulated.card.rsa import EXPONENT, RsaKey

_SEED: Final = b"mynavisit training keys 1"
_PRIME_SIZE_BYTES: Final = 128
_TOP_TWO_BITS: Final = 3 << (8 * _PRIME_SIZE_BYTES - 2)
"""Both primes this large make the modulus exactly 2048 bits long."""
_ROUNDS: Final = 5
"""Miller-Rabin rounds for random 1024-bit candidates, error below 2^-112 (FIPS 186-5, table B.1)."""
_SIEVE_LIMIT: Final = 5000
TABLE: Final = "training_primes.json"


@dataclass(slots=True)
class TrainingKeys:
    """Training key pairs by label, such as `p01/surface` or `issuer/text`."""

    offsets: Mapping[str, tuple[int, int]]
    """How far the two primes of a label lie above their starting numbers."""
    _loaded: dict[str, RsaKey] = field(default_factory=dict)

    @classmethod
    def shipped(cls) -> TrainingKeys:
        """Return the keys with the table that comes with the program."""
        table = resources.files("appliance.simulated").joinpath(TABLE).read_text("utf-8")
        return cls({label: (p, q) for label, (p, q) in json.loads(table).items()})

    def key(self, label: str) -> RsaKey:
        """Return the key pair of `label`; searching one that the table does not have takes about a second."""
        if label not in self._loaded:
            p_offset, q_offset = self.offsets.get(label) or search_offsets(label)
            self._loaded[label] = RsaKey(_start(label, "p") + p_offset, _start(label, "q") + q_offset)
        return self._loaded[label]


def search_offsets(label: str) -> tuple[int, int]:
    """Return the distances of the two primes of `label` from their starting numbers."""
    return _search(_start(label, "p")), _search(_start(label, "q"))


def table_of(labels: Iterable[str]) -> str:
    """Return the table file for `labels`, one label a line."""
    lines = (f"{json.dumps(label)}: {json.dumps(search_offsets(label))}" for label in sorted(labels))
    return "{\n" + ",\n".join(lines) + "\n}\n"


def is_prime(candidate: int) -> bool:
    """Tell whether an odd `candidate` above 3 passes Miller-Rabin for bases drawn from itself."""
    odd, twos = candidate - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    return all(_passes(candidate, base, odd, twos) for base in _bases(candidate))


def _start(label: str, which: str) -> int:
    digest = hashlib.shake_256(b"\0".join((_SEED, label.encode(), which.encode()))).digest(_PRIME_SIZE_BYTES)
    return int.from_bytes(digest, "big") | _TOP_TWO_BITS | 1


def _search(start: int) -> int:
    small_primes = [n for n in range(3, _SIEVE_LIMIT, 2) if all(n % d for d in range(3, int(n**0.5) + 1, 2))]
    remainders = [(prime, start % prime) for prime in small_primes]
    offset = 0
    while True:
        candidate = start + offset
        is_sieved_out = any((remainder + offset) % prime == 0 for prime, remainder in remainders)
        if not is_sieved_out and candidate % EXPONENT != 1 and is_prime(candidate):
            return offset
        offset += 2


def _bases(candidate: int) -> Iterable[int]:
    encoded = candidate.to_bytes(-(-candidate.bit_length() // 8), "big")
    for index in range(_ROUNDS):
        digest = hashlib.shake_256(bytes((index,)) + encoded).digest(len(encoded))
        yield 2 + int.from_bytes(digest, "big") % (candidate - 3)


def _passes(candidate: int, base: int, odd: int, twos: int) -> bool:
    value = pow(base, odd, candidate)
    if value in {1, candidate - 1}:
        return True
    for _ in range(twos - 1):
        value = value * value % candidate
        if value == candidate - 1:
            return True
    return False

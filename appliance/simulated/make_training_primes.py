"""`python -m appliance.simulated.make_training_primes` writes the table of primes for all training keys anew.

Needed only when people or key labels change; takes about half a minute on one core. The result is the same each time.
"""

from __future__ import annotations

from pathlib import Path

from appliance.simulated.personalisation import key_labels
from appliance.simulated.training_keys import TABLE, table_of


def write_table() -> Path:
    """Write the table beside this module and return where."""
    path = Path(__file__).with_name(TABLE)
    path.write_text(table_of(key_labels()), "utf-8")
    return path


if __name__ == "__main__":
    write_table()

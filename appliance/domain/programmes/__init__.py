"""The twelve systems of the letter as dated rules: what applies to a person on a day, why, and what to do next (D7)."""

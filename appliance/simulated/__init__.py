"""Pretend devices that ship with the product: they pass the same contract suites as the real ones (design D6)."""

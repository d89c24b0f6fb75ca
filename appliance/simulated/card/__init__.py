"""A software My Number Card: pure, deterministic, and independent of the code that reads cards (card.md, pcsc.md).

Nothing here imports `appliance.card`: the two are written from the same facts and witness against each other. The whole
file system is there, also what a unit must never touch, so that a forbidden access succeeds here and shows in the trace.
"""

"""The face engine: finds, measures and compares faces; what it says is advice, a person decides (design D4, R08)."""

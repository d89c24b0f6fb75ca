"""Pictures from outside, measured before they are decoded and decoded in a process that may fail (hazard H11)."""

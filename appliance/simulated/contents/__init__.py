"""What stands on a training person's chip, application by application (card.md §5 to §8).

Also what a unit must never touch is there and works, so that a forbidden access shows in a trace instead of failing for
another reason.
"""

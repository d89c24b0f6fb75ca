"""The staff screen: one person's turn, one question a screen (design §1)."""

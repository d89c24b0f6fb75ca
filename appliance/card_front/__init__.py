"""The front of the card as the camera sees it: found, told from the back, read as a proposal (R03, R04, design D11)."""

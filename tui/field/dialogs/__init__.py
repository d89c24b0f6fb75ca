"""What lies over a screen for a moment: help, loss of a card, a question, trouble."""

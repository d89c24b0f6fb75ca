"""The JPKI application, for units with an office-signed verifier policy only (card.md §5; design D1)."""

"""Colours of the staff screen: ink on paper, chosen for contrast; no colour says anything alone (design §1)."""

from __future__ import annotations

from typing import Final

from textual.theme import Theme

THEME_NAME: Final = "paper"

PAPER: Final = Theme(
    name=THEME_NAME,
    primary="#0b4f8a",
    secondary="#34506a",
    accent="#0b4f8a",
    foreground="#14202b",
    background="#f7f5ef",
    surface="#ffffff",
    panel="#e6e2d6",
    success="#14532d",
    warning="#7a3e00",
    error="#8f1d1d",
    dark=False,
    text_alpha=1.0,
)
"""Every pair of text and ground used in the styles has a contrast of at least 7:1 (WCAG 2.2, 1.4.6)."""

"""S4 and G5: one live frame against the chip photo, beside the plain pipeline of the same models."""

from __future__ import annotations

from typing import Final

from tests.bench.face_verification import FRAMES_PER_DECISION, MUST, STRETCH, compare
from tests.bench.figures import Bench, Limit, Row, Table, Told, Verdict

ROUNDS: Final = 40
LIMIT: Final = Limit(must=MUST, stretch=STRETCH)
_MS: Final = 1000.0


def measure(told: Told) -> tuple[Table, ...]:
    """Time both in turns."""
    figures = compare(ROUNDS, lambda _done: told())
    agree = Verdict.INFORMATION if figures.decisions_agree else Verdict.MISSED
    return (
        Table(
            "S4",
            "Comparing one frame of 1280 x 720 with the chip photo, against the plain pipeline",
            f"at most {MUST} times the time of the same models used plainly, same decisions; stretch {STRETCH}",
            (
                Row(
                    {
                        "ours ms": figures.ours_s * _MS,
                        "plain ms": figures.plain_s * _MS,
                        "ratio": figures.median_ratio,
                        "ratio, quiet rounds": figures.quiet_ratio,
                        "same decisions": "yes" if figures.decisions_agree else "no",
                    },
                    agree if agree is Verdict.MISSED else LIMIT.verdict(figures.quiet_ratio),
                ),
            ),
            ("Ten looks at each face on our side, one on the other; quiet rounds are judged.",),
        ),
        Table(
            "G5",
            "Advice on one frame, and a decision from several",
            "",
            (
                Row({"what": "advice on one live frame", "ms": figures.look_s * _MS}),
                Row(
                    {
                        "what": f"chip photo against {FRAMES_PER_DECISION} frames",
                        "ms": figures.decision_s * _MS,
                    }
                ),
            ),
        ),
    )


BENCH: Final = Bench("S4", ROUNDS, measure)

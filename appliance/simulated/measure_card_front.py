"""Measures the front reader on drawn cards: `python -m appliance.simulated.measure_card_front [--cards N] [--plain]`.

Each card is an invented person's with random dates and code, in one of the fonts of this machine, shown upright or upside
down in three frames at each level, and its back in one. A silent error is a proposal with a wrong digit and no doubtful
one. Backs count as missed when their frame is left to be shown. Results go to stdout as a Markdown table, progress to stderr.
Times are those of the confined process only with `OMP_NUM_THREADS=1` in the environment; the counts do not depend on it.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from appliance.card_front.ballot import Ballot
from appliance.card_front.reading import FrontEye
from appliance.domain.ephemeral import Frame
from appliance.domain.front_sight import CodeProposal, FrontSide
from appliance.simulated.card_faces import PIXELS_PER_MM, Press, Printed, chance_of, draw_back, draw_front
from appliance.simulated.card_views import Level, view_card
from appliance.simulated.people import Sex

ON: Final = date(2026, 11, 23)
FRAMES: Final = 3
_FONTS: Final = (
    "opentype/ipaexfont-gothic/ipaexg.ttf",
    "opentype/noto/NotoSansCJK-Regular.ttc",
    "opentype/noto/NotoSansCJK-Bold.ttc",
    "opentype/noto/NotoSerifCJK-Bold.ttc",
)
_FONT_FOLDER: Final = Path("/usr/share/fonts")
_EVERY_UPSIDE_DOWN: Final = 5
_FAMILY_NAMES: Final = ("架空", "見本", "試作", "模擬", "例示", "仮名")
_GIVEN_NAMES: Final = ("春江", "夏子", "秋夫", "冬樹", "一郎", "久美子")


@dataclass
class Tally:
    """Counts at one level."""

    cards: int = 0
    sides: dict[FrontSide, int] = field(default_factory=lambda: dict.fromkeys(FrontSide, 0))
    backs: dict[FrontSide, int] = field(default_factory=lambda: dict.fromkeys(FrontSide, 0))
    right: int = 0
    right_and_sure: int = 0
    silent: int = 0
    wrong_digits: int = 0
    wrong_digits_flagged: int = 0
    needless_doubts: int = 0
    looks_s: list[float] = field(default_factory=list)


def invent(chance: random.Random) -> Printed:
    """Return what could stand on an adult's card on the day of the measurement."""
    birth = date(1924, 1, 1) + timedelta(days=chance.randrange(82 * 365))
    if (birth.month, birth.day) == (2, 29):
        birth += timedelta(days=1)
    # A tenth birthday after issue lies within ten years from today; a card of the last nine years is still in use.
    latest = 2036 if (birth.month, birth.day) <= (ON.month, ON.day) else 2035
    expiry_year = chance.randint(2027, latest)
    expires_on = birth.replace(year=max(expiry_year, min(latest, birth.year + 28)))
    return Printed(
        name=f"{chance.choice(_FAMILY_NAMES)}　{chance.choice(_GIVEN_NAMES)}",
        address=f"架空県架空市{chance.choice('東西南北')}町{chance.randint(1, 9)}丁目{chance.randint(1, 30)}番",
        birth_date=birth,
        sex=chance.choice(list(Sex)),
        expires_on=expires_on,
        certificate_expires_on=birth.replace(year=min(expires_on.year, 2031)),
        security_code=f"{chance.randrange(10_000):04}",
        is_face_only=chance.random() < 0.2,
    )


def fonts() -> tuple[Path, ...]:
    """Return the fonts of this machine that the cards are drawn in."""
    return tuple(path for path in (_FONT_FOLDER / name for name in _FONTS) if path.exists())


def measure(eye: FrontEye, level: Level, cards: int, tell: Callable[[str], object]) -> Tally:
    """Read `cards` fronts and look at as many backs at one level."""
    tally = Tally()
    presses = fonts()
    for seed in range(cards):
        printed = invent(chance_of(f"{level.value}{seed}"))
        press = Press(presses[seed % len(presses)], seed)
        _count_front(tally, eye, printed, list(_views(draw_front(printed, press), level, seed)))
        frame = next(_views(draw_back(printed, press), level, seed))
        tally.backs[_look(eye, frame, tally, None)] += 1
        tell(f"\r{level.value}: {seed + 1}/{cards} cards, {tally.right} right, {tally.silent} silent ")
    tell("\n")
    return tally


def _views(card: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], level: Level, seed: int) -> Iterator[Frame]:
    for number in range(FRAMES):
        upside_down = seed % _EVERY_UPSIDE_DOWN == _EVERY_UPSIDE_DOWN - 1
        yield view_card(card, level, seed * 1_000 + number, upside_down=upside_down)


def _look(eye: FrontEye, frame: Frame, tally: Tally, ballot: Ballot | None) -> FrontSide:
    pixels = np.frombuffer(frame.rgb, dtype=np.uint8).reshape(frame.height, frame.width, 3)
    began_at = time.perf_counter()
    seen = eye.look(pixels)
    if ballot is not None:
        tally.looks_s.append(time.perf_counter() - began_at)
        if seen.votes is not None:
            ballot.add(seen.votes.tobytes())
    return seen.side


def _count_front(tally: Tally, eye: FrontEye, printed: Printed, frames: list[Frame]) -> None:
    tally.cards += 1
    with Ballot() as ballot:
        for frame in frames:
            tally.sides[_look(eye, frame, tally, ballot)] += 1
        proposal = ballot.proposal(ON)
        if proposal is not None:
            with proposal:
                _count_digits(tally, proposal, printed.digits)


def _count_digits(tally: Tally, proposal: CodeProposal, truth: str) -> None:
    digits = proposal.reveal().decode()
    wrong = {place for place, digit in enumerate(digits) if digit not in {truth[place], "?"}}
    tally.right += digits == truth
    tally.right_and_sure += digits == truth and not proposal.doubtful
    tally.silent += bool(wrong) and not proposal.doubtful
    tally.wrong_digits += len(wrong)
    tally.wrong_digits_flagged += len(wrong & proposal.doubtful)
    tally.needless_doubts += sum(digits[place] == truth[place] for place in proposal.doubtful)


_HEAD: Final = """\
| level | cards | whole code right | and no digit doubtful | silent errors | wrong digits (flagged) | right digits flagged | frames seen as front / unclear / back / nothing | back frames blanked / unclear / nothing seen / **missed** | median look |
|---|---|---|---|---|---|---|---|---|---|"""


def row(level: Level, tally: Tally) -> str:
    """Return one line of the table."""
    sides = "/".join(
        str(tally.sides[side])
        for side in (FrontSide.FRONT, FrontSide.UNCLEAR, FrontSide.BACK, FrontSide.NOTHING)
    )
    backs = "/".join(
        str(tally.backs[side])
        for side in (FrontSide.BACK, FrontSide.UNCLEAR, FrontSide.NOTHING, FrontSide.FRONT)
    )
    look_s = float(np.median(tally.looks_s))
    cells = (
        level.value,
        tally.cards,
        tally.right,
        tally.right_and_sure,
        tally.silent,
        f"{tally.wrong_digits} ({tally.wrong_digits_flagged})",
        tally.needless_doubts,
        sides,
        backs,
        f"{look_s:.2f} s",
    )
    return "| " + " | ".join(map(str, cells)) + " |"


def plain_call_s(printed: Printed) -> float:
    """Return what the plain tesseract command takes for three known crops of a flat, clean card."""
    card = cv2.cvtColor(draw_front(printed, Press(fonts()[0], 0, 0.0)), cv2.COLOR_RGB2GRAY)
    began_at = time.perf_counter()
    for left, top, right, bottom, language in (
        (26, 17, 60, 22, "jpn"),
        (26, 22, 62, 27, "jpn"),
        (7, 43, 21, 48, "eng"),
    ):
        part = card[
            top * PIXELS_PER_MM : bottom * PIXELS_PER_MM, left * PIXELS_PER_MM : right * PIXELS_PER_MM
        ]
        picture = cv2.imencode(".png", part)[1].tobytes()
        command = ["tesseract", "stdin", "stdout", "-l", language, "--psm", "7"]
        subprocess.run(command, input=picture, capture_output=True, check=True)
    return time.perf_counter() - began_at


def main() -> None:
    """Run the measurement."""
    parser = argparse.ArgumentParser(description="Measure the front reader on drawn cards.")
    parser.add_argument("--cards", type=int, default=100, help="cards at each level")
    parser.add_argument("--level", choices=[level.value for level in Level], help="one level only")
    parser.add_argument(
        "--plain", action="store_true", help="time the plain command on three known crops too"
    )
    chosen = parser.parse_args()
    cv2.setNumThreads(1)
    eye = FrontEye()
    levels = [Level(chosen.level)] if chosen.level else list(Level)
    rows = [row(level, measure(eye, level, chosen.cards, sys.stderr.write)) for level in levels]
    sys.stdout.write("\n".join([_HEAD, *rows]) + "\n")
    if chosen.plain:
        times = sorted(plain_call_s(invent(chance_of(seed))) for seed in range(5))
        sys.stdout.write(f"\nThree plain calls on known crops: {times[2]:.2f} s (median of five)\n")


if __name__ == "__main__":
    main()

"""The words of the screens: two whole languages, no forbidden claims, nothing that a terminal may draw too wide."""

from __future__ import annotations

import ast
import re
import string
import unicodedata
from pathlib import Path

import pytest

from appliance.domain.card_answers import Genuineness, InTerm, PrintedMark, Revocation
from appliance.domain.consent import ConsentGiver
from appliance.domain.decision import DecisionOutcome, VisualCheckReason
from appliance.domain.enrollment import CardNotRead, FaceNotCompared
from appliance.domain.face_advice import FaceBand, FrameHint
from appliance.domain.front_sight import FrontHint, FrontSide
from appliance.domain.liveness import (
    HONEST_LABEL,
    HONEST_LABEL_JA,
    Ask,
    LivenessResult,
    LivenessVerdict,
    LivenessWay,
    SkipReason,
)
from appliance.domain.outbox import OutboxState
from appliance.ports import Presence
from appliance.service.outcomes import Outcome
from tui.catalogue import LANGUAGES, Language, catalogue

TUI = Path(__file__).parents[2] / "tui"
JAPANESE = re.compile(r"[぀-ヿ一-鿿]")


def fields_of(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_have_the_same_keys() -> None:
    assert catalogue("ja").keys == catalogue("en").keys


def test_both_languages_fill_in_the_same_values() -> None:
    ja, en = catalogue("ja"), catalogue("en")
    assert [key for key in ja.keys if fields_of(ja(key)) != fields_of(en(key))] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_empty(language: Language) -> None:
    texts = catalogue(language)
    assert [key for key in texts.keys if not texts(key).strip()] == []


@pytest.mark.parametrize(
    ("section", "choices"),
    [
        ("outcome", Outcome),
        ("card_pass", CardNotRead),
        ("face_advice.band", FaceBand),
        ("face_advice.means", FaceBand),
        ("face.hint", FrameHint),
        ("card_front.hint", FrontHint),
        ("card_front.blank", FrontSide),
        ("liveness", LivenessWay),
        ("liveness_run.ask", Ask),
        ("liveness_skip", SkipReason),
        ("visual_reason", VisualCheckReason),
        ("decision", DecisionOutcome),
        ("decision.face", FaceNotCompared),
        ("consent_giver", ConsentGiver),
        ("card_shown.genuine", Genuineness),
        ("card_shown.in_term", InTerm),
        ("card_shown.revocation", Revocation),
        ("card_place.state", Presence),
        ("readers", Presence),
        ("face_mark", PrintedMark),
        ("state", OutboxState),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_choice_of_the_core_has_a_word(section: str, choices: type, language: Language) -> None:
    missing = [each.value for each in choices if not catalogue(language).has(f"{section}.{each.value}")]  # type: ignore[attr-defined]
    assert missing == []


@pytest.mark.parametrize("forbidden", ["不一致", "拒否", "登録済", "有効です", "カードは有効"])
def test_japanese_claims_nothing_that_the_unit_cannot_know(forbidden: str) -> None:
    texts = catalogue("ja")
    assert [key for key in texts.keys if forbidden in texts(key)] == []


@pytest.mark.parametrize("forbidden", ["rejected", "mismatch", "is valid", "is registered"])
def test_english_claims_nothing_that_the_unit_cannot_know(forbidden: str) -> None:
    texts = catalogue("en")
    allowed = {"advice.help"}
    assert [key for key in texts.keys - allowed if forbidden in texts(key).lower()] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_character_is_of_ambiguous_width(language: Language) -> None:
    texts = catalogue(language)
    ambiguous = {(key, c) for key in texts.keys for c in texts(key) if unicodedata.east_asian_width(c) == "A"}
    assert ambiguous == set()


def test_the_words_of_durability_are_those_of_the_outbox() -> None:
    texts = catalogue("ja")
    for state in (OutboxState.SAVED, OutboxState.SENT, OutboxState.ARRIVED, OutboxState.REFUSED):
        assert texts(f"state.{state.value}") == state.word


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_notice_names_face_matching_and_that_no_has_no_disadvantage(language: Language) -> None:
    texts = catalogue(language)
    assert {"ja": "お顔", "en": "face"}[language] in texts("notice.face")
    assert {"ja": "不利になることはありません", "en": "without any disadvantage"}[language] in texts(
        "notice.refusal"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_loss_help_names_number_menu_hours_and_who_can_undo(language: Language) -> None:
    texts = catalogue(language)
    call = texts("loss.call")
    assert "0120-95-0178" in call
    assert "2" in call
    assert "24" in call
    assert {"ja": "市区町村の窓口だけ", "en": "Only the municipality"}[language] in texts("loss.undo")


@pytest.mark.parametrize("path", sorted(TUI.rglob("*.py")), ids=lambda path: path.name)
def test_no_text_for_people_stands_in_code(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    docstrings = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    found = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node not in docstrings
        and JAPANESE.search(node.value)
    ]
    allowed = {"wrapping.py": 2, "terminal.py": 1}
    assert len(found) <= allowed.get(path.name, 0), found


@pytest.mark.parametrize("part", ["verdict", "means"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_verdict_that_is_shown_has_words(part: str, language: Language) -> None:
    shown = {verdict for verdict in LivenessVerdict if verdict is not LivenessVerdict.SKIPPED}
    over = {verdict for verdict in shown if LivenessResult(verdict, ()).is_over}
    texts = catalogue(language)
    assert [each.value for each in over if not texts.has(f"liveness_result.{part}.{each.value}")] == []


def test_the_honest_label_is_the_engines_own() -> None:
    assert catalogue("ja")("liveness_result.label") == HONEST_LABEL_JA
    assert catalogue("en")("liveness_result.label") == HONEST_LABEL

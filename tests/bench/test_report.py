"""The page that a run writes."""

from __future__ import annotations

import json
from datetime import date

import pytest

from tests.bench.figures import Cell, Row, Table, Verdict
from tests.bench.report import as_json, cell_text, markdown_table, missed_lines, page
from tests.bench.timing import Spread

ON = date(2026, 11, 23)
GOOD = Table(
    "S1", "Reading", "at most 1.3", (Row({"card": "p01", "ratio": 1.204}, Verdict.MUST),), ("A note.",)
)
BAD = Table(
    "S2", "Counting", "the fewest", (Row({"card": "p05", "APDUs": 19}, Verdict.MISSED), Row({"card": "p06"}))
)
SHOWN = Table("S2", "Aside", "", (Row({"way": "one", "ms": Spread(1.5, 1.25, 2.0)}),))


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("p01", "p01"),
        (45, "45"),
        (12345, "12345"),
        (1.0, "1.00"),
        (9.994, "9.99"),
        (12.34, "12.3"),
        (123.4, "123"),
        (Spread(12.34, 1.0, 200.0), "12.3 (1.00–200)"),
    ],
)
def test_a_cell_shows_the_digits_that_count(cell: Cell, text: str) -> None:
    assert cell_text(cell) == text


def test_a_judged_table_ends_with_the_verdict() -> None:
    assert markdown_table(GOOD.rows).splitlines() == [
        "| card | ratio | verdict |",
        "| --- | --- | --- |",
        "| p01 | 1.20 | must met |",
    ]


def test_a_table_for_information_has_no_verdict() -> None:
    assert markdown_table(SHOWN.rows).splitlines()[0] == "| way | ms |"


def test_the_page_says_when_where_and_with_what_it_was_measured() -> None:
    text = page([GOOD, BAD, SHOWN], ON, "x86_64, 2 cores", {"pcscd": "1.9.9", "pyscard": "2.3.1"})
    assert text.startswith("# Speed, measured\n")
    assert "Measured on 2026-11-23: x86_64, 2 cores; pcscd 1.9.9, pyscard 2.3.1." in text
    assert "Of the judged rows: 1 must met, 1 MISSED." in text
    assert "## S1: Reading\n\nPromise: at most 1.3.\n\n| card |" in text
    assert "A note." in text
    assert "## S2: Aside\n\nFor information.\n\n" in text


def test_each_missed_row_is_named_with_its_promise() -> None:
    assert missed_lines([GOOD, BAD, SHOWN]) == (
        "S2 missed: Counting: card p05, APDUs 19 (promise: the fewest)",
    )


def test_the_same_goes_out_as_json() -> None:
    told = json.loads(json.dumps(as_json([GOOD, SHOWN], ON, "somewhere", {"pcscd": "1.9.9"})))
    assert told["on"] == "2026-11-23"
    assert told["tables"][0]["rows"] == [{"card": "p01", "ratio": 1.204, "verdict": "must met"}]
    assert told["tables"][1]["rows"][0]["ms"] == {"median": 1.5, "low": 1.25, "high": 2.0}

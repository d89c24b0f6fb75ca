"""A secret has one owner and one buffer, which is wiped whatever happens to it."""

from __future__ import annotations

import copy
import pickle

import pytest

from appliance.card.secret import Secret
from appliance.errors import CodeMalformed


class Word(Secret):
    __slots__ = ()


def accept(_characters: bytes) -> None:
    """Take anything."""


def test_what_was_given_is_taken_over_and_wiped() -> None:
    given = bytearray(b"word")
    secret = Word(given, accept)
    assert (secret.reveal(), given) == (b"word", bytearray(4))


def test_the_check_sees_the_characters() -> None:
    seen: list[bytes] = []
    Word(bytearray(b"word"), seen.append)
    assert seen == [b"word"]


def test_what_fails_the_check_is_wiped() -> None:
    given = bytearray(b"word")

    def refuse(_characters: bytes) -> None:
        raise CodeMalformed("length")

    with pytest.raises(CodeMalformed):
        Word(given, refuse)
    assert given == bytearray(4)


def test_it_is_gone_at_the_end_of_its_context_and_may_be_wiped_again() -> None:
    with Word(bytearray(b"word"), accept) as secret:
        assert secret.reveal() == b"word"
    secret.wipe()
    assert secret.reveal() == b""


def test_it_shows_in_no_text() -> None:
    secret = Word(bytearray(b"word"), accept)
    assert repr(secret) == str(secret) == f"{secret}" == "Word(hidden)"


@pytest.mark.parametrize("attempt", [copy.copy, copy.deepcopy, pickle.dumps])
def test_it_cannot_be_copied_or_written_out(attempt: object) -> None:
    assert callable(attempt)
    with pytest.raises(TypeError, match="Word"):
        attempt(Word(bytearray(b"word"), accept))

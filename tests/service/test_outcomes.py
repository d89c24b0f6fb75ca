"""Every error has one next step, in both languages, and none of them holds a sentence or a person's bytes."""

from __future__ import annotations

import pickle
import tomllib
from dataclasses import fields
from importlib.resources import files
from string import Formatter

import pytest

from appliance import errors
from appliance.domain.enrollment import CardNotRead
from appliance.errors import UnitError
from appliance.service.outcomes import OUTCOMES, advise, reason_without_card


def leaves() -> list[type[UnitError]]:
    classes = [
        value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, UnitError)
    ]
    return [each for each in classes if not any(each in other.__bases__ for other in classes)]


def below(kind: type[UnitError]) -> set[type[UnitError]]:
    return {kind}.union(*(below(each) for each in kind.__subclasses__()))


def test_the_table_of_errors_names_each_of_them() -> None:
    ours = {kind for kind in below(UnitError) if kind.__module__.startswith("appliance.errors")}
    assert {kind.__name__ for kind in ours} == set(errors.__all__)


SAMPLES = {"int": 3, "float": 2.0, "str": "part"}


def sample(leaf: type[UnitError]) -> UnitError:
    return leaf(**{field.name: SAMPLES[str(field.type)] for field in fields(leaf)})


@pytest.mark.parametrize("leaf", leaves(), ids=lambda leaf: leaf.__name__)
def test_every_leaf_error_has_exactly_one_outcome(leaf: type[UnitError]) -> None:
    assert leaf in OUTCOMES


def test_no_outcome_is_for_an_error_that_does_not_exist() -> None:
    assert set(OUTCOMES) == set(leaves())


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("leaf", leaves(), ids=lambda leaf: leaf.__name__)
def test_both_sentences_stand_in_both_languages_with_every_number_filled_in(
    leaf: type[UnitError], language: str
) -> None:
    advice = advise(sample(leaf), language)
    assert advice.says
    assert advice.next_step
    assert "{" not in str(advice)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_sentences_name_only_fields_that_the_error_has(language: str) -> None:
    sentences = tomllib.loads(
        files("appliance.service").joinpath(f"outcomes.{language}.toml").read_text("utf-8")
    )
    assert set(sentences) == {leaf.__name__ for leaf in leaves()}
    for leaf in leaves():
        named = {
            name
            for text in sentences[leaf.__name__].values()
            for _, name, _, _ in Formatter().parse(text)
            if name is not None
        }
        assert named <= {field.name for field in fields(leaf)}


WITHOUT_CARD = {
    errors.IntegratedResidenceCard: CardNotRead.INTEGRATED_RESIDENCE_CARD,
    errors.ResidenceCard: CardNotRead.NOT_SUPPORTED,
    errors.OldResidentCard: CardNotRead.NOT_SUPPORTED,
    errors.PhoneToken: CardNotRead.NOT_SUPPORTED,
    errors.ForeignCard: CardNotRead.NOT_SUPPORTED,
    errors.CardNotUnderstood: CardNotRead.NOT_SUPPORTED,
    errors.CardBlocked: CardNotRead.BLOCKED,
    errors.TriesNearlyUsed: CardNotRead.BLOCKED,
    errors.CodeWrong: CardNotRead.CODE_UNKNOWN,
    errors.CodeMalformed: CardNotRead.CODE_UNKNOWN,
}
"""Every other trouble means that the card cannot be read today."""


@pytest.mark.parametrize("leaf", leaves(), ids=lambda leaf: leaf.__name__)
def test_going_on_without_the_card_has_one_reason_for_each_trouble(leaf: type[UnitError]) -> None:
    assert reason_without_card(sample(leaf)) is WITHOUT_CARD.get(leaf, CardNotRead.UNREADABLE)


@pytest.mark.parametrize("leaf", leaves(), ids=lambda leaf: leaf.__name__)
def test_an_error_travels_whole_between_processes(leaf: type[UnitError]) -> None:
    error = sample(leaf)
    arrived = pickle.loads(pickle.dumps(error))  # noqa: S301 (made one line above)
    assert type(arrived) is leaf
    assert str(arrived) == str(error)


@pytest.mark.parametrize("leaf", leaves(), ids=lambda leaf: leaf.__name__)
def test_an_error_is_also_a_fitting_built_in(leaf: type[UnitError]) -> None:
    built_in = {kind for kind in leaf.__mro__ if kind.__module__ == "builtins"} - {
        Exception,
        BaseException,
        object,
    }
    assert built_in

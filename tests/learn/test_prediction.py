from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from minictx.learn.prediction import check_prediction, check_program
from tests.learn.courses import write

START = 'x = 1\n\n\ndef f():\n    """Say."""\n    return x\n\n\nprediction = [..., ...]\n'
HAPPENED = [("T1 reads", "red"), ("T2 reads", None)]


def check(tmp_path: Path, source: str) -> None:
    start = write(tmp_path / "start.py", START)
    check_program(write(tmp_path / "mine.py", source), start)


@pytest.mark.parametrize(
    "source",
    [
        START,
        START.replace("[..., ...]", '["red", None]'),
        START.replace("[..., ...]", "[1, -2.5, (3, [4]), {'a': True}]"),
        START.replace("[..., ...]", "3"),
        "# a comment\n" + START.replace("\n\n", "\n"),
    ],
)
def test_a_prediction_and_comments_do_not_change_the_program(
    tmp_path: Path, source: str
) -> None:
    check(tmp_path, source)


@pytest.mark.parametrize(
    "source",
    [
        START.replace("x = 1", "x = 2"),
        START.replace("return x", "return 1"),
        START + "print(x)\n",
        START.replace("[..., ...]", "[f(), x]"),
        START.replace("prediction = [..., ...]", "prediction = other = [1]"),
        START.replace("prediction", "guess"),
        "",
    ],
)
def test_any_other_change_is_noticed(tmp_path: Path, source: str) -> None:
    with pytest.raises(AssertionError, match="you changed the program: fill in"):
        check(tmp_path, source)


def test_the_right_prediction_passes() -> None:
    check_prediction(["red", None], HAPPENED)


@pytest.mark.parametrize(
    ("prediction", "message"),
    [
        (("red", None), "prediction must be a list"),
        (["red"], "prediction needs 2 answers: 1 are there"),
        (["red", ...], "prediction number 2 is still open: T2 reads what?"),
        (["blue", ...], "number 1 is not what happens: T1 reads something else"),
        (["red", 0], "number 2 is not what happens: T2 reads something else"),
    ],
)
def test_the_first_miss_is_named_and_the_answer_is_not(prediction: Any, message: str) -> None:
    with pytest.raises(AssertionError) as caught:
        check_prediction(prediction, HAPPENED)
    assert message in str(caught.value)
    assert "None" not in str(caught.value)


def test_true_is_not_1() -> None:
    with pytest.raises(AssertionError, match="number 1"):
        check_prediction([True], [("T1 reads", 1)])

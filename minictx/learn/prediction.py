"""For the checks of a predict exercise: is the program untouched, and the guess right?"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from pathlib import Path
from typing import Any

__all__ = ["check_prediction", "check_program"]

WRITTEN = (ast.Constant, ast.List, ast.Tuple, ast.Dict, ast.UnaryOp, ast.USub, ast.Load)


def check_program(file: str | Path, start: str | Path) -> None:
    """Fail if the student changed anything but the prediction in ``file``.

    ``start`` is the file as it was shipped. Comments and blank lines do not matter.
    """
    ours = _program(Path(start).read_text(encoding="utf-8"))
    theirs = _program(Path(file).read_text(encoding="utf-8"))
    assert theirs == ours, (
        "you changed the program: fill in `prediction` only;"
        " `minictx learn reset` brings the program back, and keeps a copy of yours"
    )


def check_prediction(prediction: Any, happened: Sequence[tuple[str, Any]]) -> None:
    """Fail at the first guess that is not what happened, without telling what did.

    >>> from minictx.learn.prediction import check_prediction
    >>> check_prediction(["red", "red"], [("T1 reads", "red"), ("T2 reads", "blue")])
    Traceback (most recent call last):
    AssertionError: your prediction number 2 is not what happens: T2 reads something else
    """
    assert isinstance(prediction, list), "prediction must be a list: [..., ...]"
    assert len(prediction) == len(happened), (
        f"prediction needs {len(happened)} answers: {len(prediction)} are there"
    )
    for number, (guess, (what, value)) in enumerate(zip(prediction, happened, strict=True), 1):
        assert guess is not ..., f"prediction number {number} is still open: {what} what?"
        assert type(guess) is type(value) and guess == value, (
            f"your prediction number {number} is not what happens: {what} something else"
        )


def _program(source: str) -> str:
    tree = ast.parse(source)
    tree.body = [each for each in tree.body if not _is_prediction(each)]
    return ast.dump(tree)


def _is_prediction(statement: ast.stmt) -> bool:
    match statement:
        case ast.Assign(targets=[ast.Name(id="prediction")], value=value):
            # Values that are written down: what is computed would be no guess.
            return all(isinstance(each, WRITTEN) for each in ast.walk(value))
    return False

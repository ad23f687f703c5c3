"""Every test of the stage runs on each kind, and leaves nothing behind."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import AsyncGeneratorType, GeneratorType
from typing import Any

import pytest

from minictx.stage import StageError, run
from minictx.stage.actors import refused
from tests.actors import needs_greenlet

HERE = str(Path(__file__).parent)


@pytest.fixture(params=["threads", pytest.param("greenlets", marks=needs_greenlet), "tasks"])
def on(request: pytest.FixtureRequest) -> Any:
    """What the actors run in."""
    return request.param


@pytest.fixture(autouse=True)
def nothing_is_left_behind() -> Iterator[None]:
    """No thread is left running, no generator of a test is left suspended."""
    before = threading.enumerate()
    yield
    assert set(threading.enumerate()) <= set(before)
    gc.collect()
    assert [g for g in suspended_generators() if g not in refused] == []


def suspended_generators() -> list[Any]:
    return [
        found
        for found in gc.get_objects()
        if (type(found) is GeneratorType and found.gi_frame and is_here(found.gi_code))
        or (type(found) is AsyncGeneratorType and found.ag_frame and is_here(found.ag_code))
    ]


def is_here(code: Any) -> bool:
    return code.co_filename.startswith(HERE) and not code.co_filename.endswith("conftest.py")


def line_of(function: Callable[..., Any], offset: int) -> str:
    """Return file, line and function as an error names them."""
    line = function.__code__.co_firstlineno + offset
    return f"{Path(function.__code__.co_filename).name}:{line}, {function.__name__}()"


def error_of(order: Any, expected: type[BaseException] = StageError, **kwargs: Any) -> Any:
    with pytest.raises(expected) as caught:
        run(order, **kwargs)
    assert "\n" not in str(caught.value)
    return caught.value

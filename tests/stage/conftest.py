"""Every test of the stage runs on each kind, and leaves nothing behind."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from pathlib import Path
from types import AsyncGeneratorType, GeneratorType
from typing import Any

import pytest

from minictx.stage.actor import refused
from tests.actors import needs_greenlet

HERE = str(Path(__file__).parent)


@pytest.fixture(params=["threads", pytest.param("greenlets", marks=needs_greenlet), "tasks"])
def on(request: pytest.FixtureRequest) -> Any:
    """What the actors run in."""
    return request.param


@pytest.fixture(autouse=True)
def nothing_is_left_behind() -> Iterator[None]:
    """No thread runs on, no generator of a test waits, and nobody complains as it is freed."""
    before = threading.enumerate()
    yield
    assert threading.enumerate() == before
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

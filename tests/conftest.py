"""Fixtures of the core's tests; and with MINICTX_HIDE_GREENLET set, greenlet is not there."""

import gc
import os
import sys
from collections.abc import Iterator
from typing import Any

import pytest

if os.environ.get("MINICTX_HIDE_GREENLET"):
    sys.modules["greenlet"] = None  # type: ignore[assignment]  # `import greenlet` now fails

from tests.actors import actor_kinds


@pytest.fixture(params=actor_kinds(), ids=lambda kind: kind.__name__)
def actor(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A thread, a greenlet that will end, and one that will be abandoned."""
    actor = request.param()
    yield actor
    actor.die()


@pytest.fixture
def no_gc() -> Iterator[None]:
    """What a test sees freed was freed at once, not by a garbage collection that came by."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()

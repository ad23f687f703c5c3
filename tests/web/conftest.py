"""Two frameworks, and two stacks that every test must leave empty."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import minictx.web
from minictx.web import MiniFlask
from minictx.web.globals import _app_ctx_stack, _request_ctx_stack
from tests.web.harness import new_app


@pytest.fixture(autouse=True)
def clean_stacks() -> Iterator[None]:
    """Fail the test that leaves a context behind, and not those that come after it."""
    yield
    left: list[Any] = []
    for stack in (_request_ctx_stack, _app_ctx_stack):
        while (item := stack.pop()) is not None:
            left.append(item)
    assert left == []


@pytest.fixture(params=["minictx.web", "flask"])
def web(request: pytest.FixtureRequest) -> Any:
    """What a test says with this fixture is true of MiniFlask and of Flask."""
    return pytest.importorskip(request.param)


@pytest.fixture
def app() -> MiniFlask:
    app: MiniFlask = new_app(minictx.web)
    return app

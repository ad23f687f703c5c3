"""What all of these tests need: an app, two requests at once, and minictx below them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata
from pathlib import Path
from threading import Barrier
from typing import Any

import flask
import pytest
import werkzeug.local

import minictx
import minictx.contextual

ON = os.environ["MINICTX_EXTENSIONS_ON"]  # "ident", "contextvar", or "werkzeug" for its own
STACKS: dict[str, type] = {
    "ident": minictx.LocalStack,
    "contextvar": minictx.contextual.LocalStack,
    "werkzeug": werkzeug.local.LocalStack,
}
HAS_STACKS = int(metadata.version("flask").partition(".")[0]) < 2


@pytest.fixture(autouse=True)
def _flask_runs_on_minictx() -> None:
    # type() sees the proxy itself; isinstance() would see what it stands for.
    proxy: type[object] = type(flask.request)
    assert issubclass(proxy, minictx.LocalProxy) == (ON != "werkzeug")
    assert proxy is werkzeug.local.LocalProxy
    if HAS_STACKS:
        assert issubclass(type(flask._request_ctx_stack), STACKS[ON])  # type: ignore[attr-defined]


@pytest.fixture
def app() -> flask.Flask:
    """An app that can sign a session."""
    app = flask.Flask(__name__)
    app.config.update(SECRET_KEY="not a secret", TESTING=True)
    return app


@pytest.fixture
def python() -> list[str]:
    """How to run a program on the same werkzeug.local in another process."""
    dropin = [] if ON == "werkzeug" else ["-m", "minictx.dropin", "--storage", ON]
    return [sys.executable, *dropin]


@pytest.fixture
def root() -> Path:
    """Where another process finds minictx."""
    return Path(minictx.__file__).parent.parent


class Meeting:
    """Where two requests wait for each other: ``with meeting:`` both are in their views."""

    def __init__(self) -> None:
        self.barrier = Barrier(2, timeout=10)

    def __enter__(self) -> None:
        self.barrier.wait()

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        if error:
            self.barrier.abort()
        else:
            self.barrier.wait()

    def of(self, *requests: Callable[[], Any]) -> list[Any]:
        """Send each request from a thread of its own, and return the responses."""
        with ThreadPoolExecutor(len(requests)) as pool:
            return list(pool.map(lambda request: request(), requests))


@pytest.fixture
def meeting() -> Meeting:
    """A place for two requests to meet."""
    return Meeting()

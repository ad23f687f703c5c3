"""Fixtures of the core's tests. With MINICTX_HIDE_GREENLET set, greenlet cannot be imported."""

import contextlib
import gc
import os
import sys
from collections.abc import Iterator
from typing import Any

import pytest

if os.environ.get("MINICTX_HIDE_GREENLET"):
    sys.modules["greenlet"] = None  # type: ignore[assignment]  # `import greenlet` now fails

from tests.actors import actor_kinds

# They need the extensions, which tests/peers/run_extensions.py installs.
collect_ignore = [] if "MINICTX_EXTENSIONS_ON" in os.environ else ["peers/extensions"]


@pytest.hookimpl(optionalhook=True)  # without pytest-xdist, it is not called
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Run all tests in three processes: while one waits, two compute. Run a few in this one."""
    return 3 if config.args_source is pytest.Config.ArgsSource.TESTPATHS else 0


@pytest.hookimpl(tryfirst=True)  # before -m chooses
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need a browser."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")


def pytest_collection_finish() -> None:
    """Hide what is loaded by now from the garbage collector, which tests call often."""
    gc.collect()
    if hasattr(gc, "freeze"):  # not on PyPy
        gc.freeze()


@pytest.fixture(params=actor_kinds(), ids=lambda kind: kind.__name__)
def actor(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A thread, a greenlet that will end, and one that will be abandoned."""
    actor = request.param()
    yield actor
    actor.die()


@pytest.fixture
def no_gc() -> Iterator[None]:
    """Switch the garbage collector off: what a test sees freed was freed at once."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One Chromium for all tests of a file; without it, they are skipped or fail."""
    chromium = "/usr/bin/chromium"
    sync_api: Any = None
    with contextlib.suppress(ImportError):  # of Playwright, or of the greenlet that it needs
        from playwright import sync_api
    if sync_api is None or not os.path.exists(chromium):
        give_up = (
            pytest.fail if os.environ.get("MINICTX_REQUIRE_BROWSER") == "1" else pytest.skip
        )
        give_up(f"these need {chromium} (apt-get install chromium) and Playwright")
    args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-sync"]
    args += ["--no-first-run", "--disable-background-networking", "--disable-component-update"]
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=args)
        yield browser
        browser.close()

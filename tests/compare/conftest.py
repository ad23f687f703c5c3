"""All behaviours are run once for all of these tests: that takes some seconds."""

from __future__ import annotations

import pytest

from minictx.compare.locals.results import Results, find_results


@pytest.fixture(scope="session")
def results() -> Results:
    return find_results()

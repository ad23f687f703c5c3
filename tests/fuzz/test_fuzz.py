"""The short form of ``benchmarks/fuzz.py``: the same few hundred inputs each time."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.fuzz.targets import TARGETS

EXAMPLES = 100  # for a cheap target


# Where a multipart body ends too early, werkzeug leaves it to Python to close a file.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("name", TARGETS)
def test_hostile_input_raises_nothing_but_clear_errors(name: str) -> None:
    target = TARGETS[name]
    for seed in target.seeds:
        target.try_one(seed)

    @settings(
        derandomize=True,
        database=None,
        deadline=None,
        max_examples=max(EXAMPLES // target.cost, 10),
        phases=[Phase.generate],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(target.inputs)
    def try_all(given: Any) -> None:
        target.try_one(given)

    try_all()

"""The fuzzing itself: what it counts as wrong, and what it keeps of that."""

from __future__ import annotations

import pytest
from hypothesis import strategies as st

from tests.fuzz.target import Findings, Target


def feed(given: str) -> None:
    """Raise what the input names."""
    if given.startswith("key"):
        raise KeyError(given)
    if given:
        raise ValueError(given)


TARGET = Target("example", st.text(), feed, (ValueError,))


def test_an_allowed_error_is_right_and_so_is_no_error() -> None:
    TARGET.try_one("one clear line")
    TARGET.try_one("")


@pytest.mark.parametrize("message", ["two\nlines", "\x1b[31mred", "\ud800", "x" * 2_001])
def test_a_message_that_is_not_one_clear_line_is_wrong(message: str) -> None:
    with pytest.raises(AssertionError, match="message"):
        TARGET.try_one(message)


def test_of_each_kind_of_failure_the_shortest_input_is_kept() -> None:
    findings = Findings(TARGET)
    for given in ("key three", "fine", "key", "key two", "a\nb", ""):
        findings.try_one(given)
    assert findings.executions == 6
    assert sorted(text for text, _ in findings.found.values()) == ["'a\\nb'", "'key'"]
    assert all("Traceback" in trace for _, trace in findings.found.values())


def test_ctrl_c_ends_it() -> None:
    def interrupt(given: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Findings(Target("example", st.text(), interrupt)).try_one("")

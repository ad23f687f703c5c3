"""What fuzzing found outside of MiniFlask, each by itself.

(What it found in MiniFlask is in tests/web/test_bad_input.py.)
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from minictx.trace.trace import TraceError
from tests.fuzz.files import ALICE, LEFT, PUSH, SOURCE, STACK, WHOLE, lines_of
from tests.fuzz.targets import TARGETS

DEEP = b"[" * 100_000

# {what is wrong with it: (number of the record, key, value)}
ODD: dict[str, tuple[int, str, Any]] = {
    "a label that is no text": (0, "label", {}),
    "a type of a context that is no text": (0, "type", {}),
    "a label of an object that is no text": (1, "label", []),
    "a source with a first line that is no number": (2, "first", {}),
    "a source with a file that is no text": (2, "file", []),
    "a source with lines that are none": (2, "lines", 5),
    "an event whose time is no number": (3, "t", "soon"),
    "an event whose line is no number": (3, "line", {}),
    "an event whose file is no text": (3, "file", []),
    "an event whose kind is no text": (3, "kind", []),
    "an event whose owner is no number": (3, "owner", "alice"),
    "an event whose owner is a dict": (3, "owner", {}),
    "a rest that is no list": (4, "left", 5),
    "a rest of numbers": (4, "left", [1]),
    "a rest without its context": (4, "left", [{}]),
}


@pytest.mark.parametrize("name", ODD)
def test_a_trace_with_a_value_of_the_wrong_type_is_one_clear_error(name: str) -> None:
    records = [dict(record) for record in (ALICE, STACK, SOURCE, PUSH, LEFT)]
    number, key, value = ODD[name]
    records[number][key] = value
    TARGETS["trace"].try_one(lines_of(*records))


@pytest.mark.parametrize("key", ["object", "value"])
def test_a_trace_with_a_push_that_lacks_a_key_is_one_clear_error(key: str) -> None:
    push = {name: value for name, value in PUSH.items() if name != key}
    TARGETS["trace"].try_one(lines_of(ALICE, STACK, SOURCE, push))


@pytest.mark.parametrize("key", ["context", "value"])
def test_a_trace_with_a_rest_that_lacks_a_key_is_one_clear_error(key: str) -> None:
    rest = {"object": 7, "context": 1, "name": None, "value": "1"}
    del rest[key]
    TARGETS["trace"].try_one(lines_of(ALICE, STACK, PUSH, {**LEFT, "left": [rest]}))


@pytest.mark.parametrize(
    "held",
    [
        [],
        [{"object": 7, "context": 1, "name": None, "value": None}],
        [{"name": None, "value": "1"}],
    ],
    ids=["nothing", "no value", "of no object"],
)
def test_a_trace_with_an_odd_inheritance_is_refused(held: list[Any]) -> None:
    inherit = {**PUSH, "kind": "inherit", "held": held}
    with pytest.raises(TraceError):
        TARGETS["trace"].feed(lines_of(ALICE, STACK, SOURCE, inherit))


def test_a_trace_with_an_inheritance_that_lacks_what_is_held_is_refused() -> None:
    with pytest.raises(TraceError, match="an event without 'held'"):
        TARGETS["trace"].feed(lines_of(ALICE, STACK, SOURCE, {**PUSH, "kind": "inherit"}))


def test_an_order_with_a_very_long_name_is_one_short_error() -> None:
    TARGETS["order strings"].try_one(b"A " + b"x" * 100_000)


def test_a_trace_with_a_line_that_is_nested_too_deeply_is_one_clear_error() -> None:
    TARGETS["trace"].try_one(lines_of(ALICE) + b"\n" + DEEP)


@pytest.mark.parametrize("text", ["two\nlines", "\x1b[31mred", "x" * 100_000])
def test_an_error_of_a_trace_shows_no_hostile_text_as_it_is(text: str) -> None:
    TARGETS["trace"].try_one(lines_of(ALICE, STACK, {**PUSH, "n": text}))


def test_a_state_that_is_nested_too_deeply_is_one_clear_error() -> None:
    TARGETS["state"].try_one(DEEP)


@pytest.mark.parametrize("name", ["\0", "\ud800"])
def test_a_state_with_a_file_name_that_cannot_be_one_is_one_clear_error(name: str) -> None:
    state = {**WHOLE, "passed": {"one-a": {name: "1f"}}}
    TARGETS["state"].try_one(json.dumps(state).encode())


def test_a_state_that_names_a_device_is_read_to_its_end() -> None:
    state = {**WHOLE, "passed": {"one-a": {"/dev/zero": "1f"}}}
    TARGETS["state"].try_one(json.dumps(state).encode())

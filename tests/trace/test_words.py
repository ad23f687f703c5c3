from __future__ import annotations

from typing import Any

import pytest

from minictx.trace.words import clean, describe, list_left
from tests.trace.traces import HOSTILE, Story, hostile

CASES: list[tuple[str, dict[str, Any]]] = [
    ("begins (a greenlet, made by main)", {"kind": "begin"}),
    ("switch to worker", {"kind": "switch", "from": 1}),
    ("ends", {"kind": "end", "left": []}),
    ("local.user = 'a'", {"kind": "set", "object": 1, "name": "user", "value": "'a'"}),
    ("local.user → 'a'", {"kind": "get", "object": 1, "name": "user", "value": "'a'"}),
    ("local.user is not there", {"kind": "get", "object": 1, "name": "user", "value": None}),
    ("del local.user", {"kind": "delete", "object": 1, "name": "user"}),
    ("release local", {"kind": "release", "object": 1}),
    (
        "finds in its context: stack = [<a>, <b>]",
        {
            "kind": "inherit",
            "object": 2,
            "held": [{"name": None, "value": "<a>"}, {"name": None, "value": "<b>"}],
        },
    ),
    (
        "finds in its context: local.user = 'a', local.n = 1",
        {
            "kind": "inherit",
            "object": 1,
            "held": [{"name": "user", "value": "'a'"}, {"name": "n", "value": "1"}],
        },
    ),
    ("push <ctx>", {"kind": "push", "object": 2, "value": "<ctx>"}),
    ("pop <ctx>", {"kind": "pop", "object": 2, "value": "<ctx>"}),
    ("pop, but stack is empty", {"kind": "pop", "object": 2, "value": None}),
    (
        "request = LocalProxy(stack, 'request')",
        {"kind": "proxy", "object": 3, "source": 2, "name": "request"},
    ),
    ("request = LocalProxy(...)", {"kind": "proxy", "object": 3, "source": None, "name": None}),
    ("request → <Request>", {"kind": "resolve", "object": 3, "value": "<Request>"}),
    (
        "request is unbound: Working outside.",
        {"kind": "unbound", "object": 3, "message": "Working outside.\n\nPush one."},
    ),
    (
        "push of the request context begins",
        {"kind": "context_push", "type": "request", "value": "<ctx>", "phase": "begin"},
    ),
    (
        "pop of the app context ends",
        {"kind": "context_pop", "type": "app", "value": "<ctx>", "phase": "end"},
    ),
    (
        "before_request load_user begins",
        {
            "kind": "hook",
            "name": "before_request",
            "function_name": "load_user",
            "phase": "begin",
        },
    ),
    ("view hello ends", {"kind": "view", "name": "hello", "phase": "end"}),
    ("signal request_started", {"kind": "signal", "name": "request_started", "value": ""}),
    ("signal got (a=1)", {"kind": "signal", "name": "got", "value": "a=1"}),
    ("session opened: <S {}>", {"kind": "session", "name": "open", "value": "<S {}>"}),
    ("session saved: <S {}>", {"kind": "session", "name": "save", "value": "<S {}>"}),
    (
        "error KeyError('a'), handled",
        {"kind": "error", "value": "KeyError('a')", "handled": True},
    ),
    (
        "error KeyError('a'), not handled",
        {"kind": "error", "value": "KeyError('a')", "handled": False},
    ),
    ("line 3 is about to run", {"kind": "line", "line": 3}),
    ("the recording ends", {"kind": "left", "left": []}),
    ("the limit of 9 events is reached", {"kind": "limit", "limit": 9}),
    ("something new", {"kind": "something new"}),
]


def story() -> Story:
    story = Story()
    story.runner("main")
    story.runner("worker", "greenlet", 1)
    story.object("local", "Local")
    story.object("stack", "LocalStack")
    story.object("request", "LocalProxy")
    return story


@pytest.mark.parametrize(("words", "event"), CASES, ids=[words for words, _ in CASES])
def test_every_kind_of_event_has_its_words(words: str, event: dict[str, Any]) -> None:
    assert describe(story().trace, {"context": 2, **event}) == words


def test_an_event_in_the_storage_of_another_says_so() -> None:
    event = {"kind": "push", "context": 2, "owner": 1, "object": 2, "value": "<ctx>"}
    assert describe(story().trace, event) == "push <ctx> (in the storage of main)"


def test_what_is_left_is_listed_by_stack_and_by_name() -> None:
    left: list[dict[str, Any]] = [
        {"object": 2, "context": 2, "name": None, "value": "<bottom>"},
        {"object": 1, "context": 2, "name": "user", "value": "'a'"},
        {"object": 2, "context": 2, "name": None, "value": "<top>"},
        {"object": 2, "context": 1, "name": None, "value": "<other>"},
    ]
    assert list_left(story().trace, left) == [
        "worker's stack = [<bottom>, <top>]",
        "main's stack = [<other>]",
        "worker's local.user = 'a'",
    ]


def test_a_text_is_one_printable_line_whatever_it_was() -> None:
    assert clean(HOSTILE).isprintable()
    assert clean("é ┃ 名前") == "é ┃ 名前"
    trace = hostile()
    assert all(describe(trace, event).isprintable() for event in trace.events)

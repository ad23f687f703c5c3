"""Facts: what a difference means, in words. Each is tested to be true of the recordings."""

from __future__ import annotations

from dataclasses import dataclass

from minictx.compare.flask.recordings import PINS

__all__ = ["FACTS", "Fact", "find_facts"]

TO_2_1 = ("1.1.4", "2.1.3")
TO_3_1_1 = ("1.1.4", "2.1.3", "2.3.3", "3.1.1")
FROM_2_3 = ("2.3.3", "3.1.1", "3.1.3", "minictx")
BETWEEN = ("2.3.3", "3.1.1")
FLASKS = tuple(PINS)
FROM_3_1_3 = ("3.1.3", "minictx")


@dataclass(frozen=True)
class Fact:
    """What is not the same in some versions and in some others, and a step that shows it."""

    words: str
    step: str
    some: tuple[str, ...]
    others: tuple[str, ...]
    times: dict[str, tuple[int, int]]  # {scenario: (times in some, times in the others)}


FACTS = [
    Fact(
        "Up to 2.1, what was registered with before_first_request ran at the start of the"
        " first request. 2.3 has it no longer.",
        "before_first_request prepare",
        *(TO_2_1, FROM_2_3),
        {"first-request": (1, 0)},
    ),
    Fact(
        "Up to 2.1, an error in debug mode left its contexts pushed, and the next request"
        " popped them. From 2.3 on, they are popped at once.",
        "* raised: AppError, in the view (current: nothing)",
        *(TO_2_1, FROM_2_3),
        {"debug-error": (0, 1)},
    ),
    Fact(
        "Up to 2.1, the test client kept the contexts of a request for the block, and teardown"
        " ran once. From 2.3 on, the request ends like any other, and the client pushes its"
        " contexts again: teardown runs twice.",
        "teardown_request first",
        *(TO_2_1, FROM_2_3),
        {
            "client-block": (2, 4),
            "client-block-redirect": (2, 4),
            "client-block-error": (1, 2),
            "session-transaction": (2, 4),
        },
    ),
    Fact(
        "2.3 and 3.1.1 pushed an app context twice for the block of the client, and 3.1.3"
        " pushes it once.",
        "push app context",
        *(BETWEEN, FROM_3_1_3),
        {
            "client-block": (6, 4),
            "client-block-redirect": (5, 4),
            "client-block-error": (3, 2),
            "session-transaction": (5, 4),
        },
    ),
    Fact(
        "In 2.3 and 3.1.1, the block saw the request that was redirected. In all others it sees"
        " the last one.",
        "* after the request (current: app, g1, /redirect)",
        *(BETWEEN, (*TO_2_1, *FROM_3_1_3)),
        {"client-block-redirect": (1, 0)},
    ),
    Fact(
        "From 2.3 on, session_transaction pushes a request context to open the session, and"
        " again to save it. Up to 2.1, one push was enough.",
        "push request context /",
        *(TO_2_1, FROM_2_3),
        {"session-transaction": (1, 2)},
    ),
    Fact(
        "All of them raise an AssertionError. Up to 2.1, the top of the stack was popped"
        " instead, and the context that was to go stayed. From 2.3 on, nothing stays current.",
        "* at the end (current: nothing)",
        *(TO_2_1, FROM_2_3),
        {
            "wrong-order-requests": (0, 1),
            "wrong-order-two-apps": (0, 1),
            "wrong-order-apps": (0, 1),
        },
    ),
    Fact(
        "Up to 3.1.1, the contexts stayed pushed until the end of the body, and teardown ran"
        " once, there. 3.1.3 tears down at the end of the request, pushes the contexts again"
        " for the body, and tears down once more.",
        "teardown_request first",
        *(TO_3_1_1, ("3.1.3",)),
        {
            "stream": (1, 2),
            "stream-served": (1, 2),
            "stream-abandoned": (1, 2),
            "stream-waits": (2, 3),
            "stream-error": (1, 2),
        },
    ),
    Fact(
        "MiniFlask tears down once, after the body, as Flask did up to 3.1.1.",
        "teardown_request first",
        *(("3.1.3",), ("minictx",)),
        {
            "stream": (2, 1),
            "stream-served": (2, 1),
            "stream-abandoned": (2, 1),
            "stream-waits": (3, 2),
            "stream-error": (2, 1),
        },
    ),
    Fact(
        "In MiniFlask, the contexts are current only while a chunk is made: no push keeps them"
        " for the time between two chunks.",
        "push request context /stream",
        *(FLASKS, ("minictx",)),
        {
            "stream": (2, 1),
            "stream-served": (2, 1),
            "stream-abandoned": (2, 1),
            "stream-waits": (2, 1),
            "stream-error": (2, 1),
        },
    ),
    Fact(
        "So the other request has an app context, and a g, of its own. In Flask it gets those"
        " of the stream that waits on the same thread.",
        "* the stream waits (current: nothing)",
        *(FLASKS, ("minictx",)),
        {"stream-waits": (0, 1)},
    ),
    Fact(
        "In Flask, an error in a teardown function keeps the request's other ones, and the"
        " signal, from coming. In MiniFlask all come, and all errors in one group.",
        "signal request_tearing_down (None)",
        *(FLASKS, ("minictx",)),
        {"error-in-second-teardown": (0, 1), "error-in-first-teardown": (0, 1)},
    ),
]


def find_facts(scenario: str, older: str, newer: str) -> list[str]:
    """Return what is known about the differences of a scenario between two versions.

    >>> find_facts("first-request", "2.1.3", "2.3.3")[0][:44]
    'Up to 2.1, what was registered with before_f'
    >>> find_facts("first-request", "2.3.3", "3.1.3")
    []
    """
    return [
        fact.words
        for fact in FACTS
        if scenario in fact.times
        and (
            (older in fact.some and newer in fact.others)
            or (newer in fact.some and older in fact.others)
        )
    ]

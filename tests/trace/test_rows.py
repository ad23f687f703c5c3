from __future__ import annotations

from minictx.trace.fold import fold
from minictx.trace.rows import Holding, Row, make_rows
from minictx.trace.trace import Trace
from tests.trace.traces import Story, locals_of, many, two_requests


def find(trace: Trace, text: str) -> list[Row]:
    return [row for row in make_rows(trace) if row.text.startswith(text)]


def looks(pattern: str, times: int, story: Story | None = None) -> Trace:
    """Return a trace of proxies a, b, … that are used in that order, over and over."""
    story = story or Story()
    who = story.runner("main")
    proxies = {name: story.object(name, "LocalProxy") for name in sorted(set(pattern))}
    for name in pattern * times:
        story.add(who, "resolve", object=proxies[name], value=f"<{name}>")
    return story.trace


def test_rows_stand_for_all_events_in_their_order() -> None:
    for trace in (two_requests(), locals_of(), many(50, 3), looks("ab", 9)):
        parts = list(fold(trace.events))
        assert [event for part in parts for event in part.events] == trace.events
        rows = list(make_rows(trace))
        firsts = [row.event["n"] for row in rows]
        assert firsts == [1, *[row.last + 1 for row in rows[:-1]]]
        assert rows[-1].last == len(trace.events)


def test_a_proxy_that_stands_for_the_same_many_times_is_one_row_that_says_so() -> None:
    assert [row.text for row in make_rows(looks("a", 7))][1:] == ["a → <a> (7 times)"]


def test_a_loop_that_uses_several_proxies_is_shown_once_and_counted() -> None:
    texts = [row.text for row in make_rows(looks("abc", 5))][1:]
    assert texts == ["a → <a>", "b → <b>", "c → <c>", "(the 3 rows above, 4 times more)"]


def test_what_changes_something_is_never_folded() -> None:
    story = Story()
    who, stack = story.runner("main"), story.object("stack", "LocalStack")
    for _ in range(5):
        story.add(who, "push", object=stack, value="1")
    assert [row.text for row in make_rows(story.trace)].count("push 1") == 5


def test_the_same_proxy_on_another_line_or_in_another_context_is_another_row() -> None:
    story = Story()
    main, other = story.runner("main"), story.runner("other")
    proxy = story.object("p", "LocalProxy")
    story.add(main, "resolve", 1, object=proxy, value="1")
    story.add(main, "resolve", 2, object=proxy, value="1")
    story.add(other, "resolve", 2, object=proxy, value="1")
    assert [row.line for row in find(story.trace, "p → 1")] == [1, 2, 2]


def test_a_hook_in_which_nothing_happens_is_one_row() -> None:
    rows = find(two_requests(), "before_request load_user")
    assert [(row.text, row.last - row.event["n"]) for row in rows] == [
        ("before_request load_user", 1)
    ] * 2


def test_a_switch_to_one_who_begins_is_one_row() -> None:
    first = find(two_requests(), "begins (a thread, made by MainThread)")[0]
    assert first.last - first.event["n"] == 1


def test_rows_are_deeper_inside_of_a_view_a_hook_a_push_or_a_pop() -> None:
    trace = two_requests()
    texts = ("push of the request context begins", "push <", "push of the request context ends")
    assert [find(trace, text)[0].depth for text in texts] == [0, 1, 0]
    assert find(trace, "request → ")[0].depth == 1
    assert find(trace, "view hello ends")[0].depth == 0


def test_a_row_has_what_the_storage_becomes() -> None:
    trace = two_requests()
    held = [row.holding.text() for row in find(trace, "pop <") if row.holding]
    assert held == ["_request_ctx_stack: []"] * 2
    rows = [row for row in make_rows(locals_of(("thread",))) if row.holding]
    assert [row.holding.text() for row in rows if row.holding] == [
        "local: {'user': 'thread'}",
        "local: {'user': 'thread', 'n': 1}",
        "local: {'n': 1}",
        "local: {}",
    ]


def test_a_push_for_another_changes_the_storage_of_that_one() -> None:
    story = Story()
    main, other = story.runner("main"), story.runner("other")
    stack = story.object("stack", "LocalStack")
    story.add(other, "push", object=stack, value="1")
    story.add(main, "push", object=stack, value="2", owner=other)
    story.add(main, "push", object=stack, value="3")
    held = [row.holding.text() for row in make_rows(story.trace) if row.holding]
    assert held == ["stack: [1]", "stack: [1, 2]", "stack: [3]"]


def test_who_is_alive_is_known_at_each_row() -> None:
    trace = two_requests()
    assert find(trace, "request → ")[0].alive == {1, 2}
    assert find(trace, "request → ")[1].alive == {1, 2, 3}
    assert find(trace, "ends")[0].alive == {1, 3}


def test_one_who_was_there_before_the_recording_is_alive_from_the_first_event_on() -> None:
    trace = two_requests()
    trace.events = [event for event in trace.events if event["kind"] != "begin"]
    assert find(trace, "request = ")[0].alive == {1}


def test_what_is_held_fits_any_width_and_keeps_the_top() -> None:
    held = Holding("stack", [f"<Context {number}>" for number in range(20)], ("[", "]"))
    for width in range(16, 200, 7):
        lines = held.lines(width)
        assert max(map(len, lines)) <= width, lines
    assert held.lines(40)[1] == "[…, <Context 18>, <Context 19>]"
    numbers = Holding("stack", [str(number) for number in range(99)], ("[", "]"))
    assert numbers.lines(30)[1] == "[…, 93, 94, 95, 96, 97, 98]"
    short = Holding("local", ["'n': 1", f"'text': '{'x' * 99}'"], ("{", "}"))
    assert short.lines(40)[1].startswith("{'n': 1, 'text': 'xxx")

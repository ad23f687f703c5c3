"""What signal handlers, finalizers and dying threads do in the middle of an operation.

A handler or a finalizer runs between two lines of what it interrupts, on the same thread. Here
a trace function does the same, at each line of the core in turn. What comes out must be as if
one of the two operations had been done before the other.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable
from queue import SimpleQueue
from types import FrameType
from typing import Any, NoReturn

import pytest

import minictx
from minictx import Local, LocalStack, get_ident, release_local
from minictx.ident import get_owners
from tests.actors import greenlet, needs_greenlet

CORE = {module.__file__ for module in (minictx.ident, minictx.local, minictx.stack)}

Operation = Callable[[Any, str], Any]  # what is done to a holder, and by which of the two


def push(stack: LocalStack[str], who: str) -> None:
    stack.push(who)


def delete(local: Local, who: str) -> bool:
    try:
        del local.user
    except AttributeError:
        return False
    return True


ON_A_STACK: dict[str, Operation] = {
    "push": push,
    "pop": lambda stack, who: stack.pop(),
    "release": lambda stack, who: release_local(stack),
    "top": lambda stack, who: stack.top,
    "iterate": lambda stack, who: list(stack),
    "proxy": lambda stack, who: repr(stack()),
    "storage": lambda stack, who: stack.__storage__,
}
ON_A_LOCAL: dict[str, Operation] = {
    "set": lambda local, who: setattr(local, "user", who),
    "set another": lambda local, who: setattr(local, who, who),
    "delete": delete,
    "release": lambda local, who: release_local(local),
    "get": lambda local, who: getattr(local, "user", None),
    "iterate": lambda local, who: list(local),
    "storage": lambda local, who: [names for names in local.__storage__.values() if names],
}
# A handler does one of these, or two, such as to push and to pop.
TWO_STEPS = [("push", "pop"), ("pop", "push"), ("set", "delete"), ("set", "release")]
TWO_STEPS += [("release", "push"), ("release", "set")]


def a_stack(*items: str, **options: Any) -> LocalStack[str]:
    stack = LocalStack[str](**options)
    for item in items:
        stack.push(item)
    return stack


def an_emptied_stack() -> LocalStack[str]:
    stack = a_stack("earlier")
    stack.pop()
    return stack


def a_local(**names: str) -> Local:
    local = Local()
    for name, value in names.items():
        setattr(local, name, value)
    return local


HOLDERS: dict[str, tuple[Callable[[], Any], dict[str, Operation]]] = {
    "a new stack": (a_stack, ON_A_STACK),
    "an emptied stack": (an_emptied_stack, ON_A_STACK),
    "a stack of one": (lambda: a_stack("bottom"), ON_A_STACK),
    "a stack of two": (lambda: a_stack("bottom", "top"), ON_A_STACK),
    "a stack by another ident": (lambda: a_stack("one", ident_func=lambda: 1), ON_A_STACK),
    "a new local": (a_local, ON_A_LOCAL),
    "a local": (lambda: a_local(user="alice"), ON_A_LOCAL),
}


def interrupt(holder: Any, outer: Operation, handler: list[Operation], line: int) -> list[Any]:
    """Let ``handler`` run in ``outer``, before the core's line of this number.

    Return what outer gave and, if there was such a line, what each step of the handler gave.
    """
    lines = 0
    given: list[Any] = []

    def trace(frame: FrameType, event: str, arg: object) -> Any:
        nonlocal lines
        if frame.f_code.co_filename not in CORE:
            return None
        if event == "line":
            if lines == line:
                given.extend(step(holder, "handler") for step in handler)
            lines += 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        result = outer(holder, "outer")
    finally:
        sys.settrace(before)
    return [result, *given]


@pytest.mark.parametrize(
    ("holder", "handler"),
    [
        (holder, handler)
        for holder, (_, operations) in HOLDERS.items()
        for handler in [*((name,) for name in operations), *TWO_STEPS]
        if set(handler) <= set(operations)
    ],
)
def test_an_operation_may_be_interrupted_by_any_other_at_every_line(
    holder: str, handler: tuple[str, ...]
) -> None:
    make, operations = HOLDERS[holder]
    steps = [operations[name] for name in handler]
    for name, outer in operations.items():
        # As if the interrupted one had come as a whole, after this many of the steps.
        expected = []
        for position in range(len(steps) + 1):
            one = make()
            before = [step(one, "handler") for step in steps[:position]]
            result = outer(one, "outer")
            after = [step(one, "handler") for step in steps[position:]]
            expected.append(([result, *before, *after], list(one)))
        line = 0
        while True:
            one = make()
            given = interrupt(one, outer, steps, line)
            if len(given) == 1:  # there is no such line
                break
            assert (given, list(one)) in expected, f"before line {line} of {name}"
            line += 1
        assert line > 0


class Ident:
    """An ident that does something when a dict asks for its hash for the second time."""

    def __init__(self, then: Callable[[], Any]) -> None:
        self.then, self.asked = then, 0

    def __hash__(self) -> int:
        self.asked += 1
        if self.asked == 2:
            self.then()
        return 1


def test_what_an_ident_pushes_as_it_is_looked_up_is_not_lost() -> None:
    ident = Ident(lambda: stack.push("handler"))
    stack = LocalStack[str](lambda: ident)
    assert stack.push("outer") == ["handler", "outer"]
    stack.pop()
    ident.asked = 0
    assert stack.pop() == "handler"
    assert list(stack) == ["handler"]


def test_while_python_shuts_down_greenlet_answers_with_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def getcurrent() -> NoReturn:
        raise RuntimeError("greenlet is being finalized")

    stack = a_stack("page")
    monkeypatch.setattr("minictx.ident.get_owner", getcurrent)
    assert stack.top is None  # below, the same in a Python that does shut down


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no timers")
def test_a_signal_handler_may_use_the_stack_that_it_interrupts() -> None:
    stack = LocalStack[str]()
    handled = 0

    def handler(number: int, frame: object) -> None:
        nonlocal handled
        handled += 1
        stack.push("handler")
        assert stack.pop() == "handler"

    before = signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.0003, 0.0003)
    try:
        while handled < 200:
            stack.push("main")
            assert stack.top == stack.pop() == "main"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert stack.__storage__ == {}


# An ident that was given to a new greenlet


@needs_greenlet
@pytest.mark.parametrize("kind", [Local, LocalStack])
def test_a_dying_thread_takes_nothing_from_a_greenlet_that_got_the_number_of_one_of_its(
    kind: Any,
) -> None:
    holder = kind()

    def store(who: str) -> None:
        if kind is Local:
            holder.user = who
        else:
            holder.push(who)

    finished: list[Any] = []  # the only reference to a greenlet of the thread
    idents: list[int] = []
    seen: list[Any] = []
    asked, answered = SimpleQueue[None](), SimpleQueue[None]()
    paused: list[None] = []
    watching: list[weakref.ref[Any]] = []

    def pause(_: object) -> None:
        """Hold up the thread, when Python has begun to tell that its life is over."""
        if not paused:
            paused.append(None)
            asked.put(None)
            answered.get()

    def begin() -> None:
        # Python calls such functions one by one. One of these two comes before the holder's.
        watching.append(weakref.ref(get_owners()[1], pause))
        finished.append(greenlet.greenlet(store))
        finished[0].switch("dead")
        idents.append(id(finished[0]))
        watching.append(weakref.ref(get_owners()[1], pause))

    def live() -> None:
        store("newcomer")
        greenlet.getcurrent().parent.switch()
        idents.append(get_ident())
        seen.extend(holder)

    dying = threading.Thread(target=begin)
    dying.start()
    asked.get()
    finished.clear()
    newcomers = [greenlet.greenlet(live)]
    while id(newcomers[-1]) != idents[0]:  # at once, as a rule
        newcomers.append(greenlet.greenlet(live))
        assert len(newcomers) < 10_000, "no number was given twice, so this test shows nothing"
    newcomers[-1].switch()
    answered.put(None)
    dying.join()
    newcomers[-1].switch()
    assert idents[0] == idents[1]
    assert seen == ([("user", "newcomer")] if kind is Local else ["newcomer"])


def test_what_a_value_stores_as_it_dies_with_its_thread_is_read_by_no_other() -> None:
    local = Local()
    seen: list[bool] = []

    class StoresAsItDies:
        def __del__(self) -> None:
            local.late = True

    def work() -> None:
        seen.append(hasattr(local, "late"))
        local.value = StoresAsItDies()

    for _ in range(50):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    assert seen == [False] * 50


# The end


AT_EXIT = """
import builtins, os
from minictx import Local, LocalStack, release_local

class Last:
    def __del__(self):
        found = [stack.top, list(stack), stack.pop(), bool(stack()), repr(stack())]
        found += [getattr(local, "user", None), list(local), repr(local("user"))]
        release_local(local)
        os.write(1, repr(found).encode())

local, stack = Local(), LocalStack()
local.user = "alice"
stack.push("page")
builtins.last = Last()
builtins.kept = Local, LocalStack, release_local, local, stack
"""


@needs_greenlet  # without it, a thread runs to the end, and has what it stored
def test_nothing_is_bound_for_what_runs_when_python_shuts_down() -> None:
    run = subprocess.run([sys.executable, "-c", AT_EXIT], capture_output=True, text=True)
    assert run.stderr == ""
    unbound = "<LocalProxy unbound>"
    if run.stdout.startswith("['page'"):  # an old greenlet still knows the main one
        found: list[Any] = ["page", ["page"], "page", False, unbound]
        assert run.stdout == repr([*found, "alice", [("user", "alice")], "'alice'"])
    else:
        assert run.stdout == repr([None, [], None, False, unbound, None, [], unbound])

from __future__ import annotations

import gc
import json
import subprocess
import sys
import threading
import types
import weakref
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import werkzeug.local

import minictx.trace.patch
from minictx import Local, LocalProxy, LocalStack, contextual, release_local
from minictx.trace import Trace, record
from minictx.trace.events import Events
from minictx.trace.places import Files, is_user_file
from minictx.trace.state import State

ROOT = Path(__file__).parent.parent.parent

PATCHED: list[type] = [Local, LocalStack, LocalProxy, threading.Thread]


def told(trace: Trace, *kinds: str) -> list[tuple[Any, ...]]:
    """Return the events of some kinds, without their time and place."""
    about = {"n", "t", "context", "file", "line", "function"}
    return [
        tuple(value for key, value in event.items() if key not in about)
        for event in trace.events
        if event["kind"] in kinds
    ]


@pytest.fixture(autouse=True)
def all_is_put_back() -> Iterator[None]:
    before = [dict(vars(cls)) for cls in PATCHED], sys.meta_path.copy()
    yield
    assert ([dict(vars(cls)) for cls in PATCHED], sys.meta_path.copy()) == before
    assert minictx.trace.patch.recorders == ()


# What is recorded


def test_what_is_done_to_a_local_is_recorded() -> None:
    local = Local()
    with record() as trace:
        local.user = "alice"
        assert local.user == "alice"
        assert not hasattr(local, "role")
        del local.user
        release_local(local)
    assert told(trace, "set", "get", "delete", "release") == [
        ("set", 1, "user", "'alice'"),
        ("get", 1, "user", "'alice'"),
        ("get", 1, "role", None),
        ("delete", 1, "user"),
        ("release", 1),
    ]


def test_what_is_done_to_a_stack_is_recorded() -> None:
    stack = LocalStack[str]()
    with record() as trace:
        stack.push("outer")
        stack.push("inner")
        assert stack.pop() == "inner"
        release_local(stack)
        assert stack.pop() is None
    assert told(trace, "set", "get", "push", "pop", "release") == [
        ("push", 1, "'outer'"),
        ("push", 1, "'inner'"),
        ("pop", 1, "'inner'"),
        ("release", 1),
        ("pop", 1, None),
    ]


def test_a_none_on_the_stack_is_not_an_empty_stack() -> None:
    stack = LocalStack[None]()
    with record() as trace:
        stack.push(None)
        stack.pop()
        stack.pop()
    assert told(trace, "pop") == [("pop", 1, "None"), ("pop", 1, None)]


def test_proxies_are_recorded_when_made_resolved_and_unbound() -> None:
    local, stack = Local(), LocalStack[str]()
    with record() as trace:
        user, top, one = local("user"), stack(), LocalProxy[Any](lambda: 1)
        assert not user
        local.user = "alice"
        assert user + "!" == "alice!"
        with pytest.raises(RuntimeError):
            len(top)
        assert one + 1 == 2
    # The source is numbered before the proxy's name is looked for, or after: only ids differ.
    names = {number: obj.label for number, obj in trace.objects.items()}
    assert [
        (kind, names[number], names.get(source), name)
        for kind, number, source, name in told(trace, "proxy")
    ] == [
        ("proxy", "user", "local", "user"),
        ("proxy", "top", "stack", None),
        ("proxy", "one", None, None),
    ]
    resolved = told(trace, "resolve", "unbound")
    assert [(kind, names[number]) for kind, number, _ in resolved] == [
        ("unbound", "user"),
        ("resolve", "user"),
        ("unbound", "top"),
        ("resolve", "one"),
    ]
    assert "'user'" in resolved[0][2]
    assert resolved[1][2] == "'alice'"


def test_an_error_that_is_no_answer_is_no_event() -> None:
    nobody: dict[str, int] = {}
    local = Local(lambda: nobody["nobody"])
    with record() as trace:
        for attempt in (lambda: local.user, lambda: setattr(local, "user", 1)):
            with pytest.raises(KeyError):
                attempt()
        with pytest.raises(AttributeError):
            del Local().user
    assert [event["kind"] for event in trace.events] == ["begin", "left"]


def test_an_event_says_where_in_the_users_code_it_was() -> None:
    local = Local()
    user = local("user")

    def work() -> None:
        local.user = "alice"
        str(user)

    with record() as trace:
        work()
    first = work.__code__.co_firstlineno
    assert [
        (event["kind"], event["file"], event["line"] - first, event["function"].split(".")[-1])
        for event in trace.events[1:-1]
    ] == [
        ("set", "tests/trace/test_recorder.py", 1, "work"),
        ("get", "tests/trace/test_recorder.py", 2, "work"),
        ("resolve", "tests/trace/test_recorder.py", 2, "work"),
    ]


def test_the_source_around_the_events_is_in_the_trace() -> None:
    local = Local()
    with record() as trace:
        local.user = "alice"  # this very line
    event = trace.events[1]
    source = next(source for source in trace.sources if source.file == event["file"])
    assert source.lines[event["line"] - source.first].endswith("# this very line")
    assert len(source.lines) < 20


def test_objects_have_the_names_of_their_variables() -> None:
    with record() as trace:
        local, second = Local(), Local()
        local.user = second.user = 1
        (lambda: Local())().user = 1
        again = local
        again.user = 2
    assert [(obj.type, obj.label) for obj in trace.objects.values()] == [
        ("Local", "local"),
        ("Local", "second"),
        ("Local", "Local 3"),
    ]


def test_two_objects_of_one_name_can_be_told_apart() -> None:
    def work() -> None:
        local = Local()
        local.user = 1

    with record() as trace:
        work()
        work()
    assert [obj.label for obj in trace.objects.values()] == ["local", "local (2)"]


def test_a_new_object_is_never_taken_for_a_dead_one() -> None:
    ids = set()
    with record() as trace:
        for _ in range(100):
            local = Local()
            local.user = 1
            proxy = LocalProxy[int](local, "user")
            ids |= {id(local), id(proxy)}
            del local, proxy
    assert len(ids) < 200, "no id was given twice, so this test showed nothing"
    assert len(trace.objects) == 200
    assert len(told(trace, "set", "proxy")) == 200


def test_what_is_left_behind_is_said_at_the_end() -> None:
    local, stack = Local(), LocalStack[str]()
    with record() as trace:
        local.user, local.role = "alice", "admin"
        del local.role
        stack.push("outer")
        stack.push("inner")
    assert trace.events[-1]["left"] == [
        {"object": 1, "context": 1, "name": "user", "value": "'alice'"},
        {"object": 2, "context": 1, "name": None, "value": "'outer'"},
        {"object": 2, "context": 1, "name": None, "value": "'inner'"},
    ]


def test_following_the_events_leads_to_what_is_left() -> None:
    local, stack = Local(), LocalStack[int]()
    with record() as trace:
        for number in range(20):
            setattr(local, f"name{number % 3}", number)
            stack.push(number)
            if number % 4 == 0:
                stack.pop()
                delattr(local, f"name{number % 3}")
    state = State().apply_all(trace.events)
    left = trace.events[-1]["left"]
    assert state.locals[1][1] == {x["name"]: x["value"] for x in left if x["object"] == 1}
    assert state.stacks[2][1] == [x["value"] for x in left if x["object"] == 2]


# Harmlessness


def test_what_a_repr_does_is_not_recorded() -> None:
    local, stack = Local(), LocalStack[Any]()
    user = local("user")

    class Value:
        def __repr__(self) -> str:
            local.seen = True
            stack.push(1)
            stack.pop()
            return f"<value of {user}>"

    with record() as outer, record() as inner:
        local.user = "alice"
        local.value = Value()
    for trace in (outer, inner):
        assert told(trace, "set", "get", "push", "pop", "resolve") == [
            ("set", 1, "user", "'alice'"),
            ("set", 1, "value", "<value of alice>"),
        ]


def test_a_proxy_that_is_stored_is_not_resolved() -> None:
    local = Local()
    resolved: list[int] = []
    proxy = LocalProxy[None](lambda: resolved.append(1))
    with record() as trace:
        local.user = proxy
        local.users = [proxy]
    assert resolved == []
    assert told(trace, "set") == [
        ("set", 1, "user", "<LocalProxy proxy>"),
        ("set", 1, "users", "[<LocalProxy proxy>]"),
    ]


def test_the_recorder_keeps_no_object_alive(no_gc: None) -> None:
    dead: list[str] = []

    class Value:
        def __del__(self) -> None:
            dead.append("value")

    class MyLocal(Local):
        def __del__(self) -> None:
            dead.append("local")

    class MyProxy(LocalProxy[Any]):
        __slots__ = ()

        def __del__(self) -> None:
            dead.append("proxy")

    with record():
        local = MyLocal()
        local.user = Value()
        proxy = MyProxy(local, "user")
        str(proxy)
        del proxy, local
        assert dead == ["proxy", "local", "value"]


def test_proxies_work_as_before_and_after_a_recording_began_or_ended() -> None:
    local = Local()
    local.user = "alice"
    before = local("user")
    get_before = before._get_current_object
    with record():
        during = local("user")
        get_during = during._get_current_object
        assert [before, during, get_before(), get_during()] == ["alice"] * 4
    local.user = "bob"
    assert [before, during, get_before(), get_during()] == ["bob"] * 4


def test_everything_is_put_back_after_an_exception() -> None:
    before = [dict(vars(cls)) for cls in PATCHED]
    with pytest.raises(ZeroDivisionError), record() as trace:
        _ = 1 / 0
    assert [dict(vars(cls)) for cls in PATCHED] == before
    assert trace.events[-1]["kind"] == "left"


def test_the_classes_are_patched_only_while_somebody_records() -> None:
    original = Local.__setattr__
    with record():
        assert Local.__setattr__ is not original
        with record():
            pass
        assert Local.__setattr__ is not original
    assert Local.__setattr__ is original


def test_recordings_nest_and_the_outer_one_goes_on() -> None:
    local = Local()
    with record() as outer:
        local.a = 1
        with record() as inner:
            local.b = 2
        local.c = 3
    assert [name for _, _, name, _ in told(outer, "set")] == ["a", "b", "c"]
    assert [name for _, _, name, _ in told(inner, "set")] == ["b"]


def test_recordings_may_end_in_any_order() -> None:
    local = Local()
    first, second = record(), record()
    one = first.__enter__()
    two = second.__enter__()
    local.a = 1
    first.__exit__(None, None, None)
    local.b = 2
    second.__exit__(None, None, None)
    local.c = 3
    assert [name for _, _, name, _ in told(one, "set")] == ["a"]
    assert [name for _, _, name, _ in told(two, "set")] == ["a", "b"]


def test_a_recording_may_begin_and_end_while_threads_run() -> None:
    local = Local()
    stop = threading.Event()
    errors: list[BaseException] = []

    def work() -> None:
        try:
            user = local("user")
            while not stop.is_set():
                local.user = "bob"
                assert user == "bob"
                release_local(local)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(50):
            with record() as trace:
                local.user = "alice"
            assert ("set", "user", "'alice'") in [
                (kind, name, value) for kind, _, name, value in told(trace, "set")
            ]
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert errors == []


# The list of events


def test_a_trace_can_be_read_while_it_grows() -> None:
    local = Local()
    with record() as trace:
        assert len(trace.events) == 1
        local.user = "alice"
        assert len(trace.events) == 2
        assert trace.events[-1]["value"] == "'alice'"
        assert [event["kind"] for event in trace.events[:5]] == ["begin", "set"]
        with pytest.raises(IndexError):
            trace.events[2]
        trace.write(StringIO())
    assert [event["n"] for event in trace.events] == [1, 2, 3]


def test_a_recorded_trace_can_be_saved_and_loaded(tmp_path: Path) -> None:
    local = Local()
    with record(title="mine") as trace:
        local.user = "\u20ac \ud800 </script>"
        threading.Thread(target=lambda: setattr(local, "user", 2)).start()
    trace.save(tmp_path / "trace.jsonl")
    loaded = Trace.load(tmp_path / "trace.jsonl")
    assert loaded == Trace(
        trace.title, trace.runners, trace.objects, trace.sources, list(trace.events)
    )


def test_the_limit_is_said_and_is_the_end() -> None:
    local = Local()
    with record(limit=5) as trace:
        for number in range(100):
            local.number = number
    assert [event["kind"] for event in trace.events] == ["begin", *["set"] * 4, "limit"]
    assert trace.events[-1]["limit"] == 5


def test_the_limit_holds_for_many_threads() -> None:
    local = Local()

    def work() -> None:
        for number in range(200):
            local.number = number

    with record(limit=500) as trace:
        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    kinds = [event["kind"] for event in trace.events if event["kind"] != "switch"]
    assert len(kinds) == 501
    assert kinds.index("limit") == 500


def test_what_a_thread_adds_after_the_limit_is_not_in_the_trace() -> None:
    # Two threads may look at the limit at the same moment, and both see room for one more.
    raw: list[tuple[Any, ...]] = [
        ("begin", 0.0, 1, None, -1),
        ("limit", 0.1, 1, None, -1, 1),
        ("set", 0.2, 2, None, -1, 1, "user", "1", None),
    ]
    events = Events(raw, Files())
    assert [event["kind"] for event in events] == ["begin", "limit"]
    assert len(events) == 2


def test_an_end_that_is_noticed_by_another_one_is_no_switch() -> None:
    raw: list[tuple[Any, ...]] = [
        ("begin", 0.0, 1, None, -1),
        ("begin", 0.1, 2, None, -1),
        ("get", 0.2, 1, None, -1, 1, "user", None, None),
        ("end", 0.3, 2, None, -1, []),
        ("get", 0.4, 1, None, -1, 1, "user", None, None),
    ]
    kinds = [(event["kind"], event["context"]) for event in Events(raw, Files())]
    assert kinds == [
        ("begin", 1),
        ("begin", 2),
        ("switch", 1),
        ("get", 1),
        ("end", 2),
        ("get", 1),
    ]


@pytest.mark.parametrize(
    ("filename", "is_users"),
    [
        ("shop.py", True),
        ("<stdin>", True),
        ("<doctest shop>", True),
        (str(ROOT / "minictx/demo.py"), True),
        (str(ROOT / "minictx/local.py"), False),
        (threading.__file__, False),
        (pytest.__file__, True),
        ("<frozen importlib._bootstrap>", False),
        ("<template>", False),
        ("templates/page.html", False),  # its lines are not those of the code
    ],
)
def test_what_is_the_users_own_code(filename: str, is_users: bool) -> None:
    assert is_user_file(filename) is is_users


def test_lines_are_recorded_where_it_is_asked_for() -> None:
    local = Local()

    def work() -> None:
        number = 1
        local.number = number

    with record(lines=True) as trace:
        work()
    first = work.__code__.co_firstlineno
    inside = [event for event in trace.events if event["function"].endswith("work")]
    assert [(event["kind"], event["line"] - first) for event in inside] == [
        ("line", 1),
        ("line", 2),
        ("set", 2),
    ]


def test_a_trace_function_that_was_there_is_put_back() -> None:
    before = sys.gettrace(), threading.gettrace()

    def trace_nothing(frame: types.FrameType, event: str, arg: object) -> None:
        return None

    sys.settrace(trace_nothing)
    try:
        with record(lines=True):
            assert sys.gettrace() is not trace_nothing
        assert sys.gettrace() is trace_nothing
        assert threading.gettrace() is before[1]
    finally:
        sys.settrace(before[0])
    assert sys._getframe().f_trace is None or before[0] is not None


def python(code: str) -> str:
    result = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=ROOT
    )
    return result.stdout


def test_importing_the_recorder_imports_no_framework() -> None:
    loaded = set(
        python("import sys, minictx.trace; print(*sys.modules)").split(),
    )
    assert loaded.isdisjoint(
        {"flask", "werkzeug", "rich", "click", "asyncio", "minictx.web", "minictx.stage"}
    )


def test_recording_imports_no_framework() -> None:
    code = (
        "import sys\nfrom minictx import Local\nfrom minictx.trace import record\n"
        "with record() as trace: Local().user = 1\n"
        "trace.save('/dev/null'); print(*sys.modules)"
    )
    assert set(python(code).split()).isdisjoint(
        {"flask", "werkzeug", "rich", "click", "asyncio", "minictx.web", "minictx.stage"}
    )


@pytest.mark.slow
def test_a_million_events_stay_below_400_megabytes() -> None:
    if sys.platform != "linux":
        pytest.skip("other systems measure memory in other units")
    code = (
        "import json, resource\nfrom minictx import Local\nfrom minictx.trace import record\n"
        "local = Local()\n"
        "with record(limit=2_000_000) as trace:\n"
        "    for number in range(1_000_000): local.user = f'user {number:060}'\n"
        "peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "print(json.dumps([len(trace.events), trace.events[-2]['value'], peak]))"
    )
    count, value, kilobytes = json.loads(python(code))
    assert count == 1_000_002
    assert value == f"'user {999_999:060}'"
    assert kilobytes * 1024 < 400e6


@pytest.mark.parametrize("make", [Local, LocalStack, lambda: LocalProxy(int)])
def test_a_recorder_that_is_gone_leaves_nothing_behind(make: Callable[[], Any]) -> None:
    def rounds(number: int) -> None:
        for _ in range(number):
            with record():
                make()
        gc.collect()

    rounds(5)
    before = sys.getallocatedblocks()
    rounds(50)
    assert sys.getallocatedblocks() - before < 200


def test_a_function_that_looks_at_its_locals_sees_them_unchanged() -> None:
    def work() -> dict[str, Any]:
        number = 1
        seen = locals()
        local = Local()
        local.user = number
        return seen

    with record():
        assert work()["number"] == 1


def test_what_another_one_patches_meanwhile_stays() -> None:
    original = threading.Thread.start
    with record():
        recording = threading.Thread.start

        def start(self: threading.Thread) -> None:
            recording(self)

        threading.Thread.start = start  # type: ignore[method-assign]
    assert threading.Thread.start is start
    threading.Thread.start = original  # type: ignore[method-assign]


def test_an_error_has_the_same_traceback_as_ever() -> None:
    local, stack = Local(), LocalStack[int]()
    proxies = local("user"), stack()

    def names(attempt: Callable[[], object]) -> list[str]:
        with pytest.raises((AttributeError, RuntimeError)) as error:
            attempt()
        return [entry.name for entry in error.traceback]

    attempts: list[Callable[[], object]] = [
        lambda: local.user,
        lambda: len(proxies[0]),
        lambda: len(proxies[1]),
    ]
    wanted = [names(attempt) for attempt in attempts]
    with record():
        assert [names(attempt) for attempt in attempts] == wanted


# Whose namespace it is, and what is in it


def test_the_object_says_who_shares_a_namespace() -> None:
    def get_ident() -> object:  # called as minictx's own is, and another function
        return threading.current_thread().name[0]

    local, stack = Local(get_ident), LocalStack[int](get_ident)

    def work() -> None:
        local.seen = threading.current_thread().name
        stack.push(1)

    with record() as trace:
        for name in ("a1", "b1", "a2"):
            thread = threading.Thread(target=work, name=name)
            thread.start()
            thread.join()
    owners = [
        (trace.runners[event["context"]].label, trace.runners[event["owner"]].label)
        for event in trace.events
        if "owner" in event
    ]
    assert owners == [("a2", "a1")] * 2
    state = State().apply_all(trace.events)
    assert sorted(map(len, state.stacks[2].values())) == [1, 2]
    left = [(trace.runners[x["context"]].label, x["value"]) for x in trace.events[-1]["left"]]
    assert left == [("a1", "'a2'"), ("a1", "1"), ("a1", "1"), ("b1", "'b1'"), ("b1", "1")]


def test_a_namespace_that_was_emptied_belongs_to_who_fills_it_next() -> None:
    local, stack = Local(lambda: "shared"), LocalStack[int](lambda: "shared")

    def work() -> None:
        local.user = 1
        stack.push(1)
        del local.user
        stack.pop()

    with record() as trace:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        work()
    assert not any("owner" in event for event in trace.events)
    assert trace.events[-1]["left"] == []


def test_an_ident_that_is_asked_for_uses_nothing_that_is_recorded() -> None:
    names, users = Local(), Local(lambda: names.current)
    names.current = "alice"
    with record() as trace:
        users.role = "admin"
    # The Local asks once; that the recorder asks as well is no event.
    assert [name for _, _, name, *_ in told(trace, "get", "set")] == ["current", "role"]


def test_the_recorder_keeps_no_ident_alive(no_gc: None) -> None:
    class Ident:
        pass

    current = [Ident()]
    local = Local(lambda: current[0])
    with record():
        local.user = 1
        watch = weakref.ref(current[0])
        del local
        current[0] = Ident()
        assert watch() is None


CHANGES: dict[str, Callable[[list[Any]], object]] = {
    "cleared": list.clear,
    "appended": lambda items: items.append(3),
    "popped": list.pop,
    "replaced": lambda items: items.__setitem__(-1, 3),
    "reversed": list.reverse,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("then", ["nothing", "push", "pop"])
@pytest.mark.parametrize("own", [False, True], ids=["by ident", "by a function"])
def test_a_change_of_the_list_that_push_returns_is_seen(
    change: Callable[[list[Any]], object], then: str, own: bool
) -> None:
    stack = LocalStack[int](lambda: "x") if own else LocalStack[int]()
    with record() as trace:
        stack.push(1)
        change(stack.push(2))
        if then == "push":
            stack.push(4)
        elif then == "pop":
            stack.pop()
    items = [repr(item) for item in stack]
    assert [entry["value"] for entry in trace.events[-1]["left"]] == items
    state = State().apply_all(trace.events)
    assert state.stacks[1].get(1, []) == items
    release_local(stack)


@pytest.mark.parametrize("module", [contextual, werkzeug.local], ids=lambda m: m.__name__)
def test_a_list_of_a_stack_over_contextvars_is_looked_at_as_well(module: Any) -> None:
    stack = module.LocalStack()
    with record() as trace:
        stack.push(1).clear()
    items = [item for item in [stack.pop()] if item is not None]
    assert [entry["value"] for entry in trace.events[-1]["left"]] == [repr(i) for i in items]


def test_a_thread_that_clears_the_list_leaves_nothing_behind() -> None:
    stack = LocalStack[int]()
    with record() as trace:
        thread = threading.Thread(target=lambda: stack.push(1).clear())
        thread.start()
        thread.join()
    assert told(trace, "end") == [("end", [])]


# Two threads at the same moment


@pytest.mark.slow
@pytest.mark.parametrize("make", [Local, lambda: Local(lambda: "shared")])
def test_two_threads_may_use_an_object_for_the_first_time_at_once(
    make: Callable[[], Any],
) -> None:
    """Between any two lines of the recorder, another thread does the same as this one."""
    folder = str(Path(minictx.trace.patch.__file__).parent)
    lines: set[tuple[str, int]] = set()
    errors: list[object] = []

    def other(local: Any, stack: Any) -> None:
        try:
            stack.pop()
            local.b = 2
            assert local.b == 2
            del local.b
        except BaseException as error:
            errors.append(error)

    def run_at(wanted: int) -> bool:
        local, stack, seen = make(), LocalStack[int](lambda: "shared"), 0

        def on_line(frame: types.FrameType, event: str, arg: object) -> Any:
            nonlocal seen
            if not frame.f_code.co_filename.startswith(folder):
                return None
            if event == "line":
                seen += 1
                if seen == wanted:
                    lines.add((frame.f_code.co_name, frame.f_lineno))
                    sys.settrace(None)
                    thread = threading.Thread(target=other, args=(local, stack))
                    thread.start()
                    thread.join()
            return on_line

        with record() as trace:
            sys.settrace(on_line)
            try:
                local.a = 1
                stack.push(1)
                stack.pop()
            finally:
                sys.settrace(None)
        assert [obj.label for obj in trace.objects.values()].count("local") == 1
        used = {event["object"] for event in trace.events if "object" in event}
        assert used <= set(trace.objects)
        assert len(used) == 2
        return seen >= wanted

    wanted = 1
    while run_at(wanted):
        wanted += 1
    assert errors == []
    assert {name for name, _ in lines} > {"_find", "number", "_append", "push", "pop"}

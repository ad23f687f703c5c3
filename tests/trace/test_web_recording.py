from __future__ import annotations

import importlib
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import blinker
import pytest

import minictx.web as web
from minictx.trace import Trace, record
from minictx.web.ctx import AppContext, RequestContext
from tests.trace.web_app import STORIES, make_app, story

ROOT = Path(__file__).parent.parent.parent

PATCHED: list[type] = [web.MiniFlask, AppContext, RequestContext, blinker.NamedSignal]


@pytest.fixture(autouse=True)
def all_is_put_back() -> Iterator[None]:
    before = [dict(vars(cls)) for cls in PATCHED], sys.meta_path.copy()
    yield
    assert ([dict(vars(cls)) for cls in PATCHED], sys.meta_path.copy()) == before


def get(path: str, app: Any = None) -> Trace:
    app = app or make_app(web)
    with record() as trace:
        app.test_client().get(path)
    return trace


@pytest.mark.parametrize("path", STORIES)
def test_the_life_of_a_request_is_recorded(path: str) -> None:
    assert story(get(path)) == STORIES[path]


def test_an_app_that_was_made_while_recording_is_recorded_the_same() -> None:
    with record() as trace:
        make_app(web).test_client().get("/")
    assert story(trace) == STORIES["/"]


def test_an_app_is_as_it_was_after_the_recording() -> None:
    app = make_app(web)
    with record():
        app.before_request(late := lambda: None)
        assert app.before_request_funcs[-1] is late
        assert app.view_functions["index"].__name__ == "index"
    assert app.before_request_funcs[-1] is late
    assert app.test_client().get("/").text == "hello"
    before = {name: str(value) for name, value in vars(app).items()}
    get("/key", app)
    assert {name: str(value) for name, value in vars(app).items()} == before


def test_two_recordings_of_one_request_are_the_same() -> None:
    app = make_app(web)
    with record() as outer, record() as inner:
        app.test_client().get("/")
    assert story(outer) == story(inner) == STORIES["/"]


def test_a_view_and_a_hook_are_found_where_they_are_written() -> None:
    trace = get("/")
    places = {
        event["name"]: (event["file"], event["function"].split(".")[-1])
        for event in trace.events
        if event["kind"] in ("view", "hook")
    }
    assert places["index"] == ("tests/trace/web_app.py", "index")
    assert places["before_request"] == ("tests/trace/web_app.py", "before")
    lines = (ROOT / "tests/trace/web_app.py").read_text().splitlines()
    event = next(event for event in trace.events if event["kind"] == "view")
    assert "def index" in "".join(lines[event["line"] - 1 : event["line"] + 1])


def test_the_stacks_are_recorded_between_the_phases_of_the_contexts() -> None:
    trace = get("/key")
    wanted = ("push", "pop", "context_push", "context_pop")
    words = [
        f"{event['kind']} {event.get('type') or trace.objects[event['object']].label}"
        for event in trace.events
        if event["kind"] in wanted
    ]
    assert words == [
        "context_push request",
        "context_push app",
        "push _app_ctx_stack",
        "context_push app",
        "push _request_ctx_stack",
        "context_push request",
        "context_pop request",
        "pop _request_ctx_stack",
        "context_pop app",
        "pop _app_ctx_stack",
        "context_pop app",
        "context_pop request",
    ]
    assert trace.events[-1]["left"] == []


def test_a_proxy_outside_of_any_context_says_so_with_its_name_and_line() -> None:
    with record() as trace, pytest.raises(RuntimeError):
        _ = web.current_app.name
    event = trace.events[1]
    assert event["kind"] == "unbound"
    assert trace.objects[event["object"]].label == "current_app"
    assert event["message"].startswith("Working outside of application context.\n")
    assert event["function"].startswith("test_a_proxy_outside")


def test_two_requests_at_once_have_a_lane_each() -> None:
    app = make_app(web)
    both = threading.Barrier(2)
    app.before_request(lambda: (both.wait(), None)[1])
    with record() as trace:
        threads = [
            threading.Thread(target=lambda: app.test_client().get("/"), name=name)
            for name in ("alice", "bob")
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for number, runner in trace.runners.items():
        if runner.label in ("alice", "bob"):
            events = [event for event in trace.events if event["context"] == number]
            words = [word for word in story(Trace("", events=events)) if "<lambda>" not in word]
            assert words == STORIES["/"]


def test_an_error_after_the_view_is_not_handled_and_comes_once() -> None:
    app = make_app(web)

    @app.after_request
    def fail(response: Any) -> Any:
        raise ValueError("late")

    errors = [event for event in get("/", app).events if event["kind"] == "error"]
    assert [(event["value"], event["handled"]) for event in errors] == [
        ("ValueError('late')", False)
    ]


def test_the_answer_404_is_an_error_that_was_handled() -> None:
    words = story(get("/nowhere"))
    assert [word for word in words if word.startswith("error")] == [
        "error <NotFound '404: Not Found'> handled"
    ]


def test_a_session_interface_of_ones_own_is_recorded() -> None:
    class Own(web.SecureCookieSessionInterface):
        pass

    class Shop(web.MiniFlask):
        session_interface = Own()

    own = Shop.session_interface
    with record() as trace:
        app = Shop("shop")
        app.secret_key = "x"
        assert app.session_interface is own
        app.test_client().get("/")
    assert [word.split()[:2] for word in story(trace) if "session" in word] == [
        ["session", "open"],
        ["session", "save"],
    ]
    assert Shop.session_interface is own


def test_web_is_recorded_when_it_is_imported_during_the_recording() -> None:
    code = (
        "import sys\nfrom minictx.trace import record\n"
        "with record() as trace:\n"
        "    assert 'minictx.web' not in sys.modules\n"
        "    import minictx.web as web\n"
        "    from tests.trace.web_app import make_app, story, STORIES\n"
        "    make_app(web).test_client().get('/')\n"
        "assert story(trace) == STORIES['/'], story(trace)\n"
        "proxies = [e['object'] for e in trace.events if e['kind'] == 'proxy']\n"
        "names = [trace.objects[number].label for number in proxies]\n"
        "assert names[:4] == ['request', 'session', 'current_app', 'g'], names\n"
        "import minictx.web.ctx\n"
        "from importlib.machinery import SourceFileLoader\n"
        "assert type(minictx.web.ctx.__loader__) is SourceFileLoader\n"
        "assert type(minictx.web.ctx.__spec__.loader) is SourceFileLoader\n"
        "print('good')"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT
    )
    assert (result.stdout, result.stderr) == ("good\n", "")


def test_a_module_is_imported_as_ever_while_recording() -> None:
    with record(), pytest.raises(ModuleNotFoundError, match="No module named 'nothing_here'"):
        importlib.import_module("nothing_here")


def test_an_error_of_a_view_has_the_same_traceback_as_ever() -> None:
    app = make_app(web)
    app.testing = True

    def names(path: str) -> list[str]:
        with pytest.raises(ZeroDivisionError) as error:
            app.test_client().get(path)
        return [entry.name for entry in error.traceback]

    wanted = names("/boom")
    with record():
        assert names("/boom") == wanted

"""Record a Flask app, and check what was recorded. Runs with nothing but Flask and greenlet.

python tests/trace/peers.py
"""

from __future__ import annotations

import contextlib
import sys
import threading
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent

sys.path.insert(0, str(ROOT))

from minictx.trace import record  # noqa: E402
from minictx.trace.state import State  # noqa: E402
from tests.trace.web_app import STORIES, make_app, story  # noqa: E402


def check_requests(flask: Any) -> None:
    """Check the order of everything in three requests."""
    for path, wanted in STORIES.items():
        app = make_app(flask)
        with record() as trace:
            app.test_client().get(path)
        assert story(trace) == wanted, (path, story(trace))


def check_stacks(flask: Any) -> None:
    """Check that the stacks of Flask until 2.1 are seen, and no Local inside of them."""
    if not has_stacks(flask):
        return
    with record() as trace:
        make_app(flask).test_client().get("/")
    kinds = [event["kind"] for event in trace.events]
    assert kinds.count("push") == kinds.count("pop") == 2
    assert "set" not in kinds
    assert "get" not in kinds
    assert {each.label for each in trace.objects.values() if each.type == "LocalStack"} == {
        "_app_ctx_stack",
        "_request_ctx_stack",
    }
    state = State().apply_all(trace.events)
    assert not any(state.stacks.values())
    assert trace.events[-1]["left"] == []


def has_stacks(flask: Any) -> bool:
    """Tell whether this Flask keeps its contexts in two LocalStacks."""
    from werkzeug.local import LocalStack

    return type(vars(flask.globals).get("_app_ctx_stack")) is LocalStack


def check_unbound(flask: Any) -> None:
    """Check that a thread that a view starts is seen to be outside of the context."""
    app = make_app(flask)

    def work() -> None:
        with contextlib.suppress(RuntimeError):
            _ = flask.request.path

    @app.route("/thread")
    def start() -> str:
        thread = threading.Thread(target=work, name="worker")
        thread.start()
        thread.join()
        return str(flask.request.path)

    with record() as trace:
        app.test_client().get("/thread")
    found = [
        (trace.runners[event["context"]].label, event["function"].split(".")[-1])
        for event in trace.events
        if event["kind"] in ("resolve", "unbound")
        and trace.objects[event["object"]].label == "request"
        and event["function"].endswith(("work", "start"))
    ]
    assert found == [("worker", "work"), (threading.current_thread().name, "start")], found
    event = next(event for event in trace.events if event["kind"] == "unbound")
    assert event["message"].startswith("Working outside of request context.")


def check_import() -> Any:
    """Check that a Flask that is imported during a recording is recorded, too."""
    assert "flask" not in sys.modules
    with record() as trace:
        import flask

        make_app(flask).test_client().get("/")
    assert story(trace) == STORIES["/"], story(trace)
    kinds = [event["kind"] for event in trace.events]
    assert "proxy" in kinds
    return flask


def check_put_back(flask: Any) -> None:
    """Check that all classes are as they were."""
    import werkzeug.local

    classes = [
        *(flask.Flask, flask.ctx.AppContext, flask.ctx.RequestContext),
        *(werkzeug.local.Local, werkzeug.local.LocalStack, werkzeug.local.LocalProxy),
        *(type(flask.appcontext_pushed),),
    ]
    before = [dict(vars(cls)) for cls in classes]
    with record():
        make_app(flask).test_client().get("/")
        assert [dict(vars(cls)) for cls in classes] != before
    assert [dict(vars(cls)) for cls in classes] == before


def main() -> None:
    """Check all of it."""
    flask = check_import()
    for check in (check_requests, check_stacks, check_unbound, check_put_back):
        check(flask)
    loaded = {"minictx.web", "rich"} & set(sys.modules)
    assert not loaded, loaded
    print(f"Flask {metadata.version('flask')}: recorded")


if __name__ == "__main__":
    main()

"""Whole requests; and how cost grows with the number of live contexts and the depth of a stack.

A context is live as long as its greenlet is. To have many, greenlets run to their end and are
kept: what they stored must stay, and they take little memory.
"""

from __future__ import annotations

import sys
import time
import tracemalloc
from collections.abc import Callable
from importlib.metadata import version
from statistics import median
from typing import Any

from greenlet import getcurrent, greenlet
from speed.operations import OPERATIONS, Kit, load
from speed.timing import compare, timer

__all__ = ["measure_growth", "measure_requests"]

# A whole request, the same on MiniFlask and on Flask


def frameworks() -> dict[str, Any]:
    """Return the modules that have the four names: {name in the tables: module}."""
    import flask

    import minictx.web

    return {"minictx": minictx.web, f"Flask {version('flask')}": flask}


def make_app(web: Any) -> Any:
    """Return the app, made with one of the frameworks."""
    app = (web.MiniFlask if hasattr(web, "MiniFlask") else web.Flask)(__name__)
    app.secret_key = "for measuring only"
    current_app, g, request, session = web.current_app, web.g, web.request, web.session

    @app.before_request
    def find_user() -> None:
        g.user = session.get("user", "nobody")

    @app.route("/hello/<name>", methods=["GET", "POST"])
    def hello(name: str) -> str:
        session["seen"] = request.path
        return f"{current_app.name}: {request.method} {name}, {g.user}, {session['seen']}"

    @app.after_request
    def add_header(response: Any) -> Any:
        response.headers["X-User"] = g.user
        return response

    return app


def environ_of(app: Any) -> dict[str, Any]:
    """Return the environ of a request whose browser has a session cookie already."""
    with app.test_client() as client:
        client.get("/hello/alice")
        cookie = client.get_cookie("session")
        with app.test_request_context(
            "/hello/alice", headers={"Cookie": f"session={cookie.value}"}
        ) as context:
            environ = dict(context.request.environ)
    return {key: value for key, value in environ.items() if not key.startswith("werkzeug.")}


def caller(app: Any) -> Callable[[], bytes]:
    """Return a function that does what a WSGI server does for one request."""
    environ = environ_of(app)

    def start_response(status: str, headers: list[tuple[str, str]], *_: Any) -> Any:
        assert status == "200 OK", status

    def call() -> bytes:
        body = app(environ.copy(), start_response)
        try:
            return b"".join(body)
        finally:
            if hasattr(body, "close"):
                body.close()

    return call


def measure_requests(rounds: int) -> dict[str, Any]:
    """Time a whole request, and ``request.method`` in a view, in both frameworks in turn."""
    whole, method = {}, {}
    contexts = []
    for name, web in frameworks().items():
        app = make_app(web)
        call = caller(app)
        assert call().endswith(b": GET alice, nobody, /hello/alice")
        whole[name] = timer("call()", {"call": call})
        contexts.append(app.test_request_context("/hello/alice"))
        contexts[-1].push()
        method[name] = timer("request.method", {"request": web.request})
    found = {"request.method": compare(method, rounds)}
    for context in reversed(contexts):
        context.pop()
    return {"request": compare(whole, rounds), **found}


# How cost grows

LIVE = (1, 1_000, 100_000)
DEPTHS = (1, 10, 100, 1_000, 10_000)
GROWS = ("get", "set", "top")

Found = dict[str, Any]


def make_live(number: int, work: Callable[[], object]) -> list[greenlet]:
    """Return ``number`` greenlets, each of which has done the work."""
    made = [greenlet(work) for _ in range(number)]
    for each in made:
        each.switch()
    return made


def with_live_contexts(kit: Kit, live: tuple[int, ...], rounds: int) -> Found:
    """Time get, set and top, each with so many contexts: {operation: {contexts: ...}}."""
    found = {}
    for operation in OPERATIONS:
        if operation.key not in GROWS:
            continue
        kept, timers = [], {}
        for number in live:
            statement, names = operation.of(kit) or ("", {})
            store = (
                (lambda local=names["local"]: setattr(local, "user", "bob"))
                if "local" in names
                else (lambda stack=names["stack"]: stack.push("bob"))
            )
            kept.append(make_live(number - 1, store))
            timers[str(number)] = timer(statement, names)
        found[operation.key] = _times(compare(timers, rounds))
    return found


def _times(compared: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    """Turn a ratio of the first one to another round: how many times the first one's cost."""
    return {
        name: {"ns": one["ns"], "times": 1 / one["ratio"]} for name, one in compared.items()
    }


def requests_with_live_contexts(live: tuple[int, ...], rounds: int) -> Found:
    """Time a whole request of MiniFlask while so many contexts are live."""
    import minictx.web
    from minictx.web.globals import _app_ctx_stack, _request_ctx_stack

    app = make_app(minictx.web)
    context = app.test_request_context("/")

    def store() -> None:
        _request_ctx_stack.push(context)
        _app_ctx_stack.push(context)

    watch = timer("call()", {"call": caller(app)})
    times: dict[int, list[float]] = {number: [] for number in live}
    watch.timeit(5)
    for _ in range(rounds):
        for number in live:
            kept = make_live(number - 1, store)
            times[number].append(watch.timeit(10) / 100 * 1e9)
            kept.clear()
    first = times[live[0]]
    return {
        str(number): {
            "ns": median(own),
            "times": median(its / one for its, one in zip(own, first, strict=True)),
        }
        for number, own in times.items()
    }


def at_depth(kit: Kit, depths: tuple[int, ...], rounds: int) -> Found:
    """Time push and pop on a stack that has so many items."""
    timers = {}
    for depth in depths:
        stack = kit.stack()  # type: ignore[misc]
        for item in range(depth):
            stack.push(item)
        timers[str(depth)] = timer("stack.push(1); stack.pop()", {"stack": stack})
    return _times(compare(timers, rounds))


def bytes_of_a_context(kit: Kit, number: int) -> dict[str, float]:
    """Return the memory that a live context takes, beside that of its greenlet."""

    def pause() -> None:
        getcurrent().parent.switch()

    def memory(work: Callable[[], object]) -> float:
        def run() -> None:
            work()
            pause()

        tracemalloc.start()
        made = make_live(number, run)
        taken, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        for each in made:
            each.switch()
        return taken / number

    local, stack = kit.local(), kit.stack()  # type: ignore[misc]
    empty = memory(lambda: None)
    return {
        "Local": memory(lambda: setattr(local, "user", "alice")) - empty,
        "LocalStack": memory(lambda: stack.push("alice") and None) - empty,
    }


def coming_and_going(kits: dict[str, Kit], number: int) -> Found:
    """Let contexts come and go, one after the other, and say what is left."""
    found: Found = {name: {"seconds": 0.0, "blocks": 0} for name in kits}
    locals_ = {name: kit.local() for name, kit in kits.items()}
    part = max(1, number // 20)

    def visit(local: Any) -> float:
        def work() -> None:
            local.user = "alice"

        start = time.process_time()
        for _ in range(part):
            greenlet(work).switch()
        return time.process_time() - start

    for local in locals_.values():
        visit(local)
    for _ in range(20):
        for name, local in locals_.items():
            before = sys.getallocatedblocks()
            found[name]["seconds"] += visit(local)
            found[name]["blocks"] += sys.getallocatedblocks() - before
    return found


def measure_growth(quick: bool) -> Found:
    """Measure all of it."""
    live, depths = (LIVE[:2], DEPTHS[:4]) if quick else (LIVE, DEPTHS)
    rounds = 5 if quick else 60
    kits = {
        name: kit
        for name, kit in load().items()
        if name == "minictx" or name.startswith("werkzeug")
    }
    return {
        "live": {name: with_live_contexts(kit, live, rounds) for name, kit in kits.items()},
        "request": requests_with_live_contexts(live, 2 if quick else 7),
        "depth": {name: at_depth(kit, depths, rounds) for name, kit in kits.items()},
        "bytes": {
            name: bytes_of_a_context(kit, 100 if quick else 2000) for name, kit in kits.items()
        },
        "coming": {
            "contexts": 2_000 if quick else 1_000_000,
            **coming_and_going(kits, 2_000 if quick else 1_000_000),
        },
    }

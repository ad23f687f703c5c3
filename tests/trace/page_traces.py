"""Traces for the tests of the page: all kinds of events, all kinds of contexts, and many."""

from __future__ import annotations

from typing import Any

from minictx.trace.trace import Source, Trace
from tests.trace.traces import Story

__all__ = ["crowd", "greenlets_and_tasks", "real_flask", "requests_and_a_lost_one"]

APP = """\
from minictx.web import MiniFlask, g, request

app = MiniFlask("demo")


@app.before_request
def load_user():
    g.user = request.args["name"]  # each request has its own


@app.route("/hello/<name>")
def hello(name):
    return f"Hello {g.user} at {request.path}!"


def late():
    print(request.path)  # no request is handled here
"""


def begin(title: str) -> Story:
    story = Story(title)
    story.trace.sources[0] = Source("app.py", 1, APP.splitlines())
    return story


def requests_and_a_lost_one() -> Trace:
    """Two requests that overlap, on two threads; and a thread that leaves something behind."""
    story = begin("two requests")
    main = story.runner("main")
    requests = story.object("_request_ctx_stack", "LocalStack")
    apps = story.object("_app_ctx_stack", "LocalStack")
    local = story.object("local", "Local")
    request = story.object("request", "LocalProxy")
    g = story.object("g", "LocalProxy")
    story.add(main, "proxy", object=request, source=requests, name="request")
    story.add(main, "proxy", object=g, source=apps, name="g")

    alice, bob = (story.runner(name, "thread", main) for name in ("alice", "bob"))
    names = {alice: "alice", bob: "bob"}
    hook: dict[str, Any] = {"name": "before_request", "function_name": "load_user"}
    session = "<SecureCookieSession {}>"

    def context(who: int) -> dict[str, Any]:
        return {"type": "request", "value": f"<RequestContext '/hello/{names[who]}' of demo>"}

    def value(who: int) -> str:
        return f"<Request 'http://localhost/hello/{names[who]}' [GET]>"

    def enter(who: int) -> None:
        story.add(who, "context_push", None, **context(who), phase="begin")
        story.add(who, "push", None, object=apps, value="<AppContext of demo>")
        story.add(who, "push", None, object=requests, value=context(who)["value"])
        story.add(who, "session", None, name="open", value=session)
        story.add(who, "context_push", None, **context(who), phase="end")
        story.add(who, "signal", None, name="request_started", value="{}")
        story.add(who, "hook", 7, **hook, phase="begin")
        story.add(who, "resolve", 8, object=request, value=value(who))
        story.add(who, "resolve", 8, object=g, value="<g of <AppContext of demo>: empty>")
        story.add(who, "set", 8, object=local, name="user", value=repr(names[who]))
        story.add(who, "hook", 7, **hook, phase="end")

    def view(who: int) -> None:
        story.add(who, "view", 12, name="hello", phase="begin")
        story.add(who, "get", 13, object=local, name="user", value=repr(names[who]))
        story.add(who, "resolve", 13, object=request, value=value(who))
        story.add(who, "view", 12, name="hello", phase="end")

    def leave(who: int) -> None:
        story.add(who, "session", None, name="save", value=session)
        story.add(who, "context_pop", None, **context(who), phase="begin")
        story.add(who, "pop", None, object=requests, value=context(who)["value"])
        story.add(who, "pop", None, object=apps, value="<AppContext of demo>")
        story.add(who, "context_pop", None, **context(who), phase="end")
        story.add(who, "delete", None, object=local, name="user")
        story.add(who, "end", None, left=[])

    enter(alice)
    enter(bob)
    view(alice)
    view(bob)
    leave(bob)
    leave(alice)

    late = story.runner("late", "thread", main)
    message = (
        "Working outside of request context.\n\n`request` belongs to one HTTP request, and"
        " none is being handled in this thread\n(or greenlet)."
    )
    story.add(late, "unbound", 17, object=request, message=message)
    error = "RuntimeError('Working outside of request context.')"
    story.add(late, "error", 17, value=error, handled=False)
    story.add(late, "set", 17, object=local, name="user", value="'nobody'")
    story.add(late, "push", 17, object=requests, value="<RequestContext '/lost' of demo>")
    left = [
        story.left(requests, late, "<RequestContext '/lost' of demo>"),
        story.left(local, late, "'nobody'", "user"),
    ]
    story.add(late, "end", None, left=left)
    story.add(main, "left", None, left=left)
    return story.trace


def greenlets_and_tasks() -> Trace:
    """Greenlets and a task take turns; one of them writes into the storage of another."""
    story = begin("turns")
    main = story.runner("main")
    one, two = (story.runner(name, "greenlet", main) for name in ("one", "two"))
    task = story.runner("Task-1", "task", main)
    local = story.object("local", "Local")
    story.add(one, "set", 8, object=local, name="x", value="1")
    story.add(two, "set", 8, object=local, name="x", value="2", owner=one)
    story.add(one, "get", 13, object=local, name="x", value="2")
    story.add(task, "get", 13, object=local, name="x", value=None)
    name = story.object("x", "LocalProxy")
    story.add(main, "proxy", object=name, source=local, name="x")
    story.add(task, "set", 8, object=local, name="x", value="3", owner=main)
    story.add(task, "resolve", 8, object=name, value="3")
    story.add(task, "end", None, left=[])
    story.add(one, "line", 13)
    story.add(one, "release", 13, object=local)
    story.add(main, "limit", None, limit=10)
    return story.trace


def real_flask() -> Trace:
    """A request of Flask 3, which has no LocalStack: only its contexts tell of themselves."""
    story = begin("flask 3")
    main = story.runner("main")
    request = story.object("request", "LocalProxy")
    value = "<Request 'http://localhost/' [GET]>"
    story.add(main, "proxy", object=request, source=None, name="request")
    request_ctx: dict[str, Any] = {"type": "request", "value": f"<RequestContext {value}>"}
    app_ctx: dict[str, Any] = {"type": "app", "value": "<AppContext of app>"}
    story.add(main, "context_push", None, **request_ctx, phase="begin")
    story.add(main, "context_push", None, **app_ctx, phase="begin")
    story.add(main, "context_push", None, **app_ctx, phase="end")
    story.add(main, "context_push", None, **request_ctx, phase="end")
    story.add(main, "resolve", 13, object=request, value=value)
    story.add(main, "context_pop", None, **request_ctx, phase="begin")
    story.add(main, "context_pop", None, **app_ctx, phase="begin")
    story.add(main, "context_pop", None, **app_ctx, phase="end")
    story.add(main, "context_pop", None, **request_ctx, phase="end")
    story.add(main, "left", None, left=[])
    return story.trace


def crowd(events: int, people: int = 40) -> Trace:
    """A long trace: many threads that push, read, forget to pop, and take turns."""
    story = begin("crowd")
    main = story.runner("main")
    stack = story.object("stack", "LocalStack")
    local = story.object("local", "Local")
    proxy = story.object("top", "LocalProxy")
    story.add(main, "proxy", object=proxy, source=stack, name=None)
    workers = [story.runner(f"worker {number}", "thread", main) for number in range(people)]
    turn = 0
    while len(story.events) < events:
        worker, line = workers[turn * 7 % people], turn % 17 + 1
        item = f"<Item {turn} of {story.trace.runners[worker].label}>"
        story.add(worker, "push", line, object=stack, value=item)
        story.add(worker, "set", line, object=local, name=f"name{turn % 5}", value=str(turn))
        story.add(worker, "resolve", line, object=proxy, value=item)
        if turn % 9:
            story.add(worker, "pop", line, object=stack, value=item)
        turn += 1
    del story.events[events:]
    return story.trace

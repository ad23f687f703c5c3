"""Traces written by hand, for the tests of what is made from a trace."""

from __future__ import annotations

from typing import Any, Literal

from minictx.trace.trace import Object, Runner, Source, Trace

APP = [
    'app = MiniFlask("shop")',
    "",
    '@app.route("/hello/<name>")',
    "def hello(name):",
    '    session["user"] = g.user = name',
    "    meet()",
    "    return request.path",
]

Kind = Literal["thread", "greenlet", "task"]


class Story:
    """Write a trace, event by event; whoever speaks next is switched to."""

    def __init__(self, title: str = "app.py") -> None:
        self.trace = Trace(
            title, sources=[Source("app.py", 1, APP)], events=[], python="3.11.7"
        )
        self.events: list[dict[str, Any]] = []
        self.trace.events = self.events
        self.running: int | None = None

    def runner(self, label: str, kind: Kind = "thread", parent: int | None = None) -> int:
        number = len(self.trace.runners) + 1
        self.trace.runners[number] = Runner(number, kind, label, parent)
        return number

    def object(self, label: str, kind: Literal["Local", "LocalStack", "LocalProxy"]) -> int:
        number = len(self.trace.objects) + 1
        self.trace.objects[number] = Object(number, kind, label)
        return number

    def add(self, who: int, kind: str, /, line: int | None = 1, **keys: Any) -> None:
        """Add an event of ``who``, and before it what it takes that ``who`` runs."""
        if self.running != who:
            begun = any(event["context"] == who for event in self.events)
            if self.running is not None:
                self._event(who, "switch", None, **{"from": self.running})
            self.running = who
            if not begun:
                self._event(who, "begin", None)
        self._event(who, kind, line, **keys)

    def _event(self, who: int, kind: str, line: int | None, **keys: Any) -> None:
        number = len(self.events) + 1
        where: dict[str, Any] = {"file": None, "line": None, "function": None}
        if line is not None:
            where = {"file": "app.py", "line": line, "function": "hello"}
        self.events.append(
            {"kind": kind, "n": number, "t": number / 1000, "context": who, **where, **keys}
        )

    def left(self, obj: int, who: int, value: str, name: str | None = None) -> dict[str, Any]:
        return {"object": obj, "context": who, "name": name, "value": value}


def two_requests(kind: Kind = "thread") -> Trace:
    """Return the trace of alice's and bob's requests, which overlap."""
    story = Story()
    main = story.runner("MainThread")
    alice, bob = (story.runner(name, kind, main) for name in ("alice", "bob"))
    stack = story.object("_request_ctx_stack", "LocalStack")
    request = story.object("request", "LocalProxy")
    story.add(main, "proxy", object=request, source=stack, name="request")
    context = {who: f"<RequestContext '/hello/{who}' of shop>" for who in ("alice", "bob")}

    def enter(who: int, label: str) -> None:
        ctx: dict[str, Any] = {"type": "request", "value": context[label]}
        story.add(who, "context_push", **ctx, phase="begin")
        story.add(who, "push", object=stack, value=context[label])
        story.add(who, "session", name="open", value="<SecureCookieSession {}>")
        story.add(who, "context_push", **ctx, phase="end")
        story.add(who, "signal", name="request_started", value="")
        hook: dict[str, Any] = {"name": "before_request", "function_name": "load_user"}
        story.add(who, "hook", **hook, phase="begin")
        story.add(who, "hook", **hook, phase="end")
        story.add(who, "view", 4, name="hello", phase="begin")
        url = f"<Request 'http://localhost/hello/{label}' [GET]>"
        for _ in range(3):
            story.add(who, "resolve", 5, object=request, value=url)

    def leave(who: int, label: str) -> None:
        ctx: dict[str, Any] = {"type": "request", "value": context[label]}
        story.add(who, "view", 4, name="hello", phase="end")
        story.add(who, "context_pop", **ctx, phase="begin")
        story.add(who, "pop", object=stack, value=context[label])
        story.add(who, "context_pop", **ctx, phase="end")
        story.add(who, "end", None, left=[])

    enter(alice, "alice")
    enter(bob, "bob")
    leave(alice, "alice")
    leave(bob, "bob")
    story.add(main, "unbound", object=request, message="Working outside of request context.\n")
    story.add(main, "left", None, left=[])
    return story.trace


def locals_of(kinds: tuple[Kind, ...] = ("greenlet", "task")) -> Trace:
    """Return the trace of contexts that use one Local in every way."""
    story = Story("locals.py")
    local = story.object("local", "Local")
    for kind in kinds:
        who = story.runner(f"{kind} worker", kind)
        story.add(who, "get", object=local, name="user", value=None)
        story.add(who, "set", object=local, name="user", value=repr(kind))
        story.add(who, "set", object=local, name="n", value="1")
        story.add(who, "get", object=local, name="user", value=repr(kind))
        story.add(who, "delete", object=local, name="user")
        story.add(who, "release", object=local)
    return story.trace


def inherited() -> Trace:
    """A task finds what its parent has stored, and both go on."""
    story = Story()
    parent = story.runner("parent", "task")
    child = story.runner("child", "task", parent)
    stack = story.object("stack", "LocalStack")
    local = story.object("local", "Local")
    story.add(parent, "push", object=stack, value="'shop'")
    story.add(parent, "push", object=stack, value="'cart'")
    story.add(parent, "set", object=local, name="user", value="'alice'")
    items = [story.left(stack, child, value) for value in ("'shop'", "'cart'")]
    story.add(child, "inherit", object=stack, held=items)
    story.add(child, "pop", object=stack, value="'cart'")
    names = [story.left(local, child, "'alice'", "user"), story.left(local, child, "1", "n")]
    story.add(child, "inherit", object=local, held=names)
    story.add(child, "set", object=local, name="user", value="'bob'")
    story.add(parent, "pop", object=stack, value="'cart'")
    return story.trace


def left_behind() -> Trace:
    """Return the trace of a thread that forgets to pop, and of a script that does."""
    story = Story()
    main = story.runner("MainThread")
    worker = story.runner("worker", "thread", main)
    stack = story.object("_app_ctx_stack", "LocalStack")
    local = story.object("local", "Local")
    story.add(main, "set", object=local, name="user", value="'carol'")
    story.add(worker, "push", object=stack, value="<AppContext of shop>")
    story.add(worker, "end", None, left=[story.left(stack, worker, "<AppContext of shop>")])
    story.add(main, "left", None, left=[story.left(local, main, "'carol'", "user")])
    return story.trace


def limited() -> Trace:
    """Return a trace that reached its limit, so that its contexts never end."""
    story = Story()
    main = story.runner("MainThread")
    stack = story.object("stack", "LocalStack")
    story.add(main, "push", object=stack, value="1")
    story.add(main, "view", name="hello", phase="begin")
    story.add(main, "limit", None, limit=4)
    return story.trace


def many(number: int, contexts: int = 1) -> Trace:
    """Return a long trace: pushes by turns, every value another one."""
    story = Story()
    stack = story.object("stack", "LocalStack")
    runners = [story.runner(f"worker-{index}") for index in range(contexts)]
    for index in range(number):
        story.add(runners[index % contexts], "push", object=stack, value=str(index))
    return story.trace


HOSTILE = "<img src=x onerror=alert(1)></script><script>alert('x')</script>\x1b[31m\n\u202eevil"


def hostile() -> Trace:
    """Return a trace whose every text tries to be more than text."""
    story = Story(HOSTILE)
    who = story.runner(HOSTILE)
    stack = story.object(HOSTILE, "LocalStack")
    proxy = story.object(HOSTILE + "2", "LocalProxy")
    story.trace.sources[0] = Source("app.py", 1, [HOSTILE])
    story.add(who, "push", object=stack, value=HOSTILE)
    story.add(who, "unbound", object=proxy, message=HOSTILE)
    story.add(who, "hook", name=HOSTILE, function_name=HOSTILE, phase="begin")
    story.add(who, "signal", name=HOSTILE, value=HOSTILE)
    story.add(who, "error", value=HOSTILE, handled=False)
    story.add(who, "left", None, left=[story.left(stack, who, HOSTILE)])
    return story.trace

"""Pushing, popping, teardown, and what hangs on the current context."""

from __future__ import annotations

import gc
import io
import threading
import weakref
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest
from werkzeug.exceptions import NotFound
from werkzeug.routing import BaseConverter

import minictx.web
from minictx.web import (
    MiniFlask,
    Response,
    SecureCookieSessionInterface,
    after_this_request,
    copy_current_request_context,
    g,
    get_flashed_messages,
    has_app_context,
    has_request_context,
    request,
    session,
    stream_with_context,
)
from minictx.web.globals import _app_ctx_stack, _request_ctx_stack
from minictx.web.sessions import SecureCookieSession
from tests.actors import GreenletActor, ThreadActor, actor_kinds, needs_greenlet
from tests.web.harness import new_app, open_body

KINDS = ["app context", "request context"]


def new_context(app: Any, kind: str) -> Any:
    return app.app_context() if kind == "app context" else app.test_request_context("/new")


def current() -> tuple[Any, Any]:
    return _app_ctx_stack.top, _request_ctx_stack.top


def teardowns_of(app: Any) -> list[str]:
    """Return a list that the app's teardown functions write to."""
    log: list[str] = []

    @app.teardown_request
    def request_ends(error: BaseException | None) -> None:
        log.append("request")

    @app.teardown_appcontext
    def app_context_ends(error: BaseException | None) -> None:
        log.append("app context")

    return log


# Pushing and popping


@pytest.mark.parametrize("kind", KINDS)
def test_a_context_pushed_twice_is_torn_down_at_the_second_pop(web: Any, kind: str) -> None:
    app = new_app(web)
    log = teardowns_of(app)
    context = new_context(app, kind)
    with context:
        with context:
            web.g.user = "alice"
        assert log == []
        assert web.g.user == "alice"
    assert log == (["app context"] if kind == "app context" else ["request", "app context"])
    assert not web.has_app_context()


@pytest.mark.parametrize("kind", KINDS)
def test_a_context_that_was_torn_down_can_be_pushed_again(web: Any, kind: str) -> None:
    app = new_app(web)
    log = teardowns_of(app)
    context = new_context(app, kind)
    for _ in range(2):
        with context:
            assert web.has_app_context()
    assert log.count("app context") == 2


@pytest.mark.parametrize("kind", KINDS)
def test_popping_twice_is_an_error_and_pops_nothing_else(app: MiniFlask, kind: str) -> None:
    log = teardowns_of(app)
    with app.test_request_context("/stays"):
        context = new_context(app, kind)
        context.push()
        context.pop()
        there, torn_down = current(), list(log)
        with pytest.raises(AssertionError, match=rf"Popped wrong {kind}\. \(<.*> instead"):
            context.pop()
        assert current() == there
        assert log == torn_down


@pytest.mark.parametrize("kind", KINDS)
def test_popping_what_was_never_pushed_is_an_error_and_pops_nothing(
    app: MiniFlask, kind: str
) -> None:
    log = teardowns_of(app)
    with pytest.raises(AssertionError, match=rf"Popped wrong {kind}\. \(None instead of"):
        new_context(app, kind).pop()
    with app.test_request_context("/stays"):
        there = current()
        with pytest.raises(AssertionError, match="in the reverse order: use `with`"):
            new_context(app, kind).pop()
        assert current() == there
        assert log == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("actor_kind", actor_kinds(), ids=lambda kind: kind.__name__)
def test_popping_in_another_thread_or_greenlet_is_an_error_and_changes_nothing(
    app: MiniFlask, kind: str, actor_kind: Any
) -> None:
    log = teardowns_of(app)
    context, theirs = new_context(app, kind), app.test_request_context("/theirs")
    actor = actor_kind()

    def pop() -> None:
        with pytest.raises(AssertionError, match=f"Popped wrong {kind}"):
            context.pop()

    with context:
        here = current()
        actor.do(pop)
        actor.do(theirs.push)
        there = actor.do(current)
        actor.do(pop)
        assert actor.do(current) == there
        actor.do(theirs.pop)
        assert current() == here
        assert log == ["request", "app context"], "only their own context was torn down"
        log.clear()
    assert log == (["app context"] if kind == "app context" else ["request", "app context"])
    assert current() == (None, None)
    actor.die()


def test_a_url_that_does_not_match_is_no_error_until_the_dispatch(web: Any) -> None:
    app = new_app(web)
    with app.test_request_context("/nowhere"):
        assert web.request.endpoint is None
        assert web.request.url_rule is None
        with pytest.raises(NotFound):
            app.dispatch_request()


def test_the_session_is_opened_by_the_first_push(app: MiniFlask) -> None:
    context = app.test_request_context()
    with pytest.raises(AssertionError, match="opened when the context is pushed"):
        _ = context.session
    with context:
        opened = context.session
        with context:
            assert context.session is opened


def test_the_contexts_say_in_their_repr_what_they_are_of(app: MiniFlask) -> None:
    assert "shop" in repr(app.app_context())
    assert "/page" in repr(app.test_request_context("/page"))


def test_has_context_tells_what_is_bound(web: Any) -> None:
    app = new_app(web)
    assert (web.has_app_context(), web.has_request_context()) == (False, False)
    with app.app_context():
        assert (web.has_app_context(), web.has_request_context()) == (True, False)
    with app.test_request_context():
        assert (web.has_app_context(), web.has_request_context()) == (True, True)


def test_uploaded_files_are_closed_when_the_request_ends(web: Any) -> None:
    app = new_app(web)
    files = []

    @app.post("/")
    def upload() -> str:
        files.append(web.request.files["file"])
        assert not files[0].closed
        return "fine"

    app.test_client().post("/", data={"file": (io.BytesIO(b"text"), "name.txt")})
    assert files[0].closed


def test_nothing_keeps_a_request_alive_when_it_is_over(web: Any) -> None:
    app = new_app(web)
    watches = []

    @app.route("/")
    def index() -> str:
        for proxy in (web.request, web.session, web.g):
            watches.append(weakref.ref(proxy._get_current_object()))
        return str(web.session.get("user"))

    open_body(app).close()  # fill caches
    gc.collect()
    gc.disable()
    try:
        watches.clear()
        open_body(app).close()
        assert [watch() for watch in watches] == [None] * 3
    finally:
        gc.enable()


# g


def test_g_is_a_namespace(web: Any) -> None:
    with new_app(web).app_context():
        web.g.user = "alice"
        assert web.g.user == "alice"
        assert "user" in web.g
        assert list(web.g) == ["user"]
        assert web.g.get("user") == web.g.get("role", "alice") == "alice"
        assert web.g.get("role") is None
        assert web.g.setdefault("user", "bob") == "alice"
        assert web.g.setdefault("role", "admin") == "admin"
        assert web.g.pop("user") == "alice"
        assert web.g.pop("user", "nobody") == "nobody"
        with pytest.raises(KeyError, match="user"):
            web.g.pop("user")
        del web.g.role
        assert list(web.g) == []


def test_a_missing_attribute_of_g_is_named_in_the_error(app: MiniFlask) -> None:
    with app.app_context():
        g.user = "alice"
        with pytest.raises(AttributeError, match=r"g\.usr was not set in this app context"):
            _ = g.usr
        assert getattr(g, "usr", None) is None
        assert "user" in repr(g)


def test_every_request_begins_with_an_empty_g(web: Any) -> None:
    app = new_app(web)

    @app.route("/")
    def index() -> list[str]:
        before = list(web.g)
        web.g.user = "alice"
        return before

    client = app.test_client()
    assert [client.get("/").json for _ in range(2)] == [[], []]


# Teardown that fails


def test_all_errors_of_both_levels_come_in_one_group(app: MiniFlask) -> None:
    calls = []

    def fail(error: Exception) -> Callable[[BaseException | None], None]:
        def teardown(_: BaseException | None) -> None:
            calls.append(str(error))
            raise error

        return teardown

    for number in (1, 2):
        app.teardown_request(fail(ValueError(f"request {number}")))
        app.teardown_appcontext(fail(KeyError(f"app {number}")))
    with pytest.raises(ExceptionGroup, match="tearing down the request context") as raised:
        app.test_client().get("/")
    errors = raised.value.exceptions
    assert [type(error) for error in errors] == [ValueError, ValueError, KeyError, KeyError]
    assert [str(error) for error in errors] == calls
    assert [error.args for error in errors] == [
        ("request 2",),
        ("request 1",),
        ("app 2",),
        ("app 1",),
    ]


def test_even_an_interrupt_in_a_teardown_function_stops_no_other(app: MiniFlask) -> None:
    log = teardowns_of(app)

    @app.teardown_request
    def interrupted(error: BaseException | None) -> None:
        raise KeyboardInterrupt

    with pytest.raises(BaseExceptionGroup) as raised:
        app.test_client().get("/")
    assert [type(error) for error in raised.value.exceptions] == [KeyboardInterrupt]
    assert log == ["request", "app context"]


@pytest.mark.parametrize(
    "name", ["request_tearing_down", "appcontext_tearing_down", "appcontext_popped"]
)
def test_an_error_in_the_receiver_of_a_teardown_signal_stops_nothing(
    app: MiniFlask, name: str
) -> None:
    log = teardowns_of(app)

    def fail(sender: MiniFlask, **details: Any) -> None:
        raise ValueError(name)

    with (
        getattr(minictx.web, name).connected_to(fail, app),
        pytest.raises(ExceptionGroup) as raised,
    ):
        app.test_client().get("/")
    assert [str(error) for error in raised.value.exceptions] == [name]
    assert log == ["request", "app context"]


def test_an_app_context_alone_reports_its_teardown_errors_too(app: MiniFlask) -> None:
    @app.teardown_appcontext
    def fail(error: BaseException | None) -> None:
        raise ValueError(f"after {error!r}")

    with (
        pytest.raises(ExceptionGroup, match="tearing down the app context") as raised,
        app.app_context(),
    ):
        raise LookupError
    assert str(raised.value.exceptions[0]) == "after LookupError()"
    assert isinstance(raised.value.__context__, LookupError)


def test_teardown_errors_are_not_lost_where_the_pop_itself_was_wrong(app: MiniFlask) -> None:
    @app.teardown_request
    def fail(error: BaseException | None) -> None:
        raise ValueError("in teardown")

    outer, inner = app.test_request_context("/outer"), app.test_request_context("/inner")
    outer.push()
    inner.push()
    with pytest.raises(BaseException) as raised:
        outer.pop()
    everything = [raised.value, raised.value.__context__, raised.value.__cause__]
    everything += getattr(raised.value, "exceptions", [])
    assert "in teardown" in map(str, everything)
    assert any("Popped wrong request context" in str(error) for error in everything)


def test_an_error_in_the_receiver_of_appcontext_pushed_leaves_nothing_behind(
    app: MiniFlask,
) -> None:
    def fail(sender: MiniFlask) -> None:
        raise ValueError("in the receiver")

    log, context = teardowns_of(app), app.app_context()
    with minictx.web.appcontext_pushed.connected_to(fail, app):
        with pytest.raises(ValueError, match="in the receiver"):
            context.push()
        assert current() == (None, None)
        for app.testing in (True, False):  # there is no request yet that 500 could answer
            with pytest.raises(ValueError, match="in the receiver"):
                app.test_client().get("/")
            assert current() == (None, None)
    assert log == []
    with context:
        pass
    assert log == ["app context"]


class Unreliable(SecureCookieSessionInterface):
    def open_session(self, app: Any, request: Any) -> Any:
        raise OSError("the store is not there")


class Selective(BaseConverter):
    def to_python(self, value: str) -> str:
        raise OSError("the database is not there")


@pytest.mark.parametrize("cause", ["session", "converter"])
@pytest.mark.parametrize("outer", ["nothing", "its app", "another app", "another request"])
def test_a_push_that_fails_leaves_nothing_behind(cause: str, outer: str) -> None:
    app = MiniFlask("shop")
    ended: list[BaseException | None] = []
    app.teardown_request(ended.append)
    app.teardown_appcontext(ended.append)
    app.url_map.converters["selective"] = Selective
    app.add_url_rule("/<selective:x>", "index", str)
    if cause == "session":
        app.session_interface = Unreliable()
    context = app.test_request_context("/new")
    around: Any = {
        "nothing": nullcontext(),
        "its app": app.app_context(),
        "another app": MiniFlask("other").test_request_context(),
        "another request": app.test_request_context("/"),
    }[outer]
    if outer == "another request":
        around._session = SecureCookieSession()  # it needs not be opened
    with around:
        before = [*_app_ctx_stack], [*_request_ctx_stack]
        with pytest.raises(OSError, match="is not there"), context:
            pytest.fail("the block was run")
        with pytest.raises(OSError, match="is not there"):
            context.push()
        assert ([*_app_ctx_stack], [*_request_ctx_stack]) == before
        # As with a request: what was begun is torn down, and told why.
        assert {type(error) for error in ended} == {OSError}


def test_a_copied_context_that_cannot_be_pushed_does_not_stay_in_its_thread() -> None:
    app = MiniFlask("shop")
    app.session_interface = Unreliable()
    context = app.test_request_context("/new")
    _request_ctx_stack.push(context)
    copied = copy_current_request_context(lambda: pytest.fail("the function was called"))
    _request_ctx_stack.pop()
    thread = ThreadActor()
    with pytest.raises(OSError, match="is not there"):
        thread.do(copied)
    assert thread.do(current) == (None, None)
    thread.die()


def test_a_request_whose_session_cannot_be_opened_is_answered_with_500(web: Any) -> None:
    app, log = new_app(web), []
    app.testing = False

    class Interface(web.sessions.SecureCookieSessionInterface):  # type: ignore[misc]
        def open_session(self, app: Any, request: Any) -> Any:
            raise OSError

    app.session_interface = Interface()
    app.teardown_request(lambda error: log.append(type(error)))
    app.register_error_handler(500, lambda error: (f"{web.request.path} failed", 500))
    response = app.test_client().get("/new")
    assert (response.status_code, response.text, log) == (500, "/new failed", [OSError])
    assert not web.has_request_context() and not web.has_app_context()


@pytest.mark.parametrize("name", ["request_started", "request_finished"])
def test_an_error_in_the_receiver_of_another_signal_is_answered_with_500(
    web: Any, name: str
) -> None:
    app = new_app(web)
    app.testing = False
    log = teardowns_of(app)

    def fail(sender: Any, **details: Any) -> None:
        raise ValueError(name)

    with getattr(web, name).connected_to(fail, app):
        assert app.test_client().get("/").status_code == 500
    assert log == ["request", "app context"]


# What needs a request


@pytest.mark.parametrize(
    "call",
    [
        lambda: after_this_request(lambda response: response),
        lambda: copy_current_request_context(print),
        lambda: stream_with_context(iter(["chunk"])),
        get_flashed_messages,
    ],
    ids=[
        "after_this_request",
        "copy_current_request_context",
        "stream_with_context",
        "get_flashed_messages",
    ],
)
def test_what_needs_a_request_says_so_with_its_name(
    app: MiniFlask, call: Callable[[], Any], request: pytest.FixtureRequest
) -> None:
    name = request.node.callspec.id
    with (
        app.app_context(),
        pytest.raises(RuntimeError, match=rf"^{name} needs .* app\.test_request_context\("),
    ):
        call()
    with app.test_request_context():  # the way that the message names
        call()


def test_after_this_request_is_for_this_one_only_and_may_replace_the_response(web: Any) -> None:
    app = new_app(web)

    @app.route("/<answer>")
    def index(answer: str) -> str:
        if answer == "replaced":
            web.after_this_request(lambda response: web.make_response("another", 202))
        return "from the view"

    client = app.test_client()
    assert (client.get("/replaced").text, client.get("/kept").text) == (
        "another",
        "from the view",
    )


# copy_current_request_context


@pytest.mark.parametrize(
    "kind", [k for k in actor_kinds() if k in (ThreadActor, GreenletActor)]
)
def test_a_copied_context_shares_the_request_and_session_but_not_g(web: Any, kind: Any) -> None:
    app = new_app(web)
    actor = kind()
    with app.test_request_context("/page"):
        web.session["user"] = web.g.user = "alice"
        here = web.request._get_current_object(), web.session._get_current_object()

        @web.copy_current_request_context
        def look(greeting: str, *, name: str) -> Any:
            there = web.request._get_current_object(), web.session._get_current_object()
            assert there == here
            assert there[0] is here[0]
            assert list(web.g) == []
            web.session["seen"] = True
            return f"{greeting} {name}"

        assert look.__name__ == "look"
        assert actor.do(lambda: look("hello", name="alice")) == "hello alice"
        assert web.session["seen"] is True
        assert web.g.user == "alice"
    actor.die()


def test_one_copied_function_runs_in_two_overlapping_threads(app: MiniFlask) -> None:
    both_in, one_out = threading.Barrier(2, timeout=30), threading.Event()
    log = teardowns_of(app)

    with app.test_request_context("/page"):

        @copy_current_request_context
        def work(number: int) -> tuple[str, int]:
            g.number = number
            both_in.wait()
            if number == 2:  # goes on while, and after, the other's context is torn down
                assert one_out.wait(30)
            return request.path, g.number

        first, second = ThreadActor(), ThreadActor()
        results: list[Any] = []
        waiter = threading.Thread(
            target=lambda: results.append(second.do(lambda: work(2))), daemon=True
        )
        waiter.start()
        assert first.do(lambda: work(1)) == ("/page", 1)
        assert log == ["request", "app context"]
        one_out.set()
        waiter.join()
        assert results == [("/page", 2)]
        assert log == ["request", "app context"] * 2
        for actor in (first, second):
            assert not actor.do(has_app_context)
            actor.die()
        assert request.path == "/page"


def test_a_copied_function_still_works_when_its_request_is_over(app: MiniFlask) -> None:
    with app.test_request_context("/page?user=alice"):
        late = copy_current_request_context(lambda: request.args["user"])
    assert late() == "alice"
    with app.test_request_context("/another"):
        assert late() == "alice"
        assert request.path == "/another"


def test_an_error_in_a_copied_function_comes_out_of_it(app: MiniFlask) -> None:
    errors: list[BaseException | None] = []
    app.teardown_request(errors.append)

    @copy_current_request_context_of(app)
    def fail() -> None:
        raise LookupError("in the function")

    errors.clear()
    with pytest.raises(LookupError, match="in the function"):
        fail()
    assert [str(error) for error in errors] == ["in the function"]


def copy_current_request_context_of(app: MiniFlask) -> Callable[[Any], Any]:
    def decorate(function: Any) -> Any:
        with app.test_request_context():
            return copy_current_request_context(function)

    return decorate


@needs_greenlet
def test_a_context_pushed_in_a_greenlet_is_not_seen_outside_of_it(app: MiniFlask) -> None:
    actor = GreenletActor()
    context = app.test_request_context("/there")
    actor.do(context.push)
    assert actor.do(lambda: request.path) == "/there"
    assert not has_request_context()
    actor.do(context.pop)
    actor.die()


def test_a_session_changed_in_a_copied_context_in_time_is_saved(app: MiniFlask) -> None:
    """It is the same session: what counts is that the response was not made yet."""

    @app.route("/")
    def index() -> Response:
        @copy_current_request_context
        def work() -> None:
            session["user"] = "alice"

        actor = ThreadActor()
        actor.do(work)
        actor.die()
        return Response("fine")

    @app.route("/user")
    def user() -> str:
        return str(session["user"])

    client = app.test_client()
    client.get("/")
    assert client.get("/user").text == "alice"

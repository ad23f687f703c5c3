"""Streamed bodies see their request at every chunk, and leave nothing behind."""

from __future__ import annotations

import gc
import itertools
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import minictx.web
from minictx.web import (
    MiniFlask,
    Response,
    current_app,
    g,
    has_app_context,
    has_request_context,
    request,
    session,
    stream_with_context,
)
from minictx.web.globals import _app_ctx_stack
from tests.actors import GreenletActor, ThreadActor, needs_greenlet
from tests.web.harness import new_app, open_body, serve


class App(MiniFlask):
    """Stream at /<name>, whatever ``body`` makes, and write down the teardowns."""

    def __init__(self, body: Callable[[], Iterator[str]]) -> None:
        super().__init__("shop")
        self.testing = True
        self.secret_key = "a secret"
        self.log: list[str] = []
        self.teardown_request(lambda error: self.log.append(f"request: {error!r}"))
        self.teardown_appcontext(lambda error: self.log.append(f"app context: {error!r}"))

        @self.route("/<name>")
        def stream(name: str) -> Response:
            g.name = name
            return Response(stream_with_context(body()))


DONE = ["request: None", "app context: None"]
CLOSED = ["request: GeneratorExit()", "app context: GeneratorExit()"]


def three_chunks() -> Iterator[str]:
    for number in range(3):
        yield f"{request.path} {g.name} {number};"


def nothing_is_bound() -> bool:
    return not has_app_context() and not has_request_context()


@pytest.fixture
def app() -> App:
    return App(three_chunks)


@pytest.fixture
def no_gc() -> Iterator[None]:
    """What a test sees torn down was so at once, not when a garbage collection came by."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def test_two_streams_that_are_read_in_turns_on_one_thread_see_their_own(app: App) -> None:
    bodies = [open_body(app, "/a"), open_body(app, "/b")]
    chunks: list[bytes] = []
    for rounds in zip(*map(iter, bodies), strict=True):
        chunks += rounds
        assert nothing_is_bound(), "between two chunks"
        assert app.log == []
    assert b"".join(chunks) == b"/a a 0;/b b 0;/a a 1;/b b 1;/a a 2;/b b 2;"
    for body in bodies:
        body.close()
    assert app.log == DONE * 2


@pytest.mark.parametrize("chunks", [0, 1, 3])
def test_a_stream_that_is_dropped_without_being_closed_is_torn_down_once(
    app: App, no_gc: None, chunks: int
) -> None:
    body = open_body(app, "/a")
    reader = iter(body)
    assert len(list(itertools.islice(reader, chunks))) == chunks
    assert app.log == []
    del body, reader
    assert app.log == CLOSED
    assert nothing_is_bound()
    assert app.test_client().get("/b").text.startswith("/b b 0;"), "g is a new one"


def test_a_stream_can_be_read_in_another_thread(app: App) -> None:
    actor = ThreadActor()
    body = open_body(app, "/a")
    reader = iter(body)
    assert actor.do(lambda: next(reader)) == b"/a a 0;"
    assert actor.do(nothing_is_bound)
    assert next(reader) == b"/a a 1;"
    assert actor.do(lambda: list(reader)) == [b"/a a 2;"]
    assert actor.do(nothing_is_bound)
    assert app.log == DONE
    actor.do(body.close)
    actor.die()
    assert app.log == DONE


@needs_greenlet
def test_streams_that_are_read_in_two_greenlets_see_their_own(app: App) -> None:
    first, second = GreenletActor(), GreenletActor()
    a, b = iter(first.do(lambda: open_body(app, "/a"))), iter(open_body(app, "/b"))
    assert first.do(lambda: next(a)) == b"/a a 0;"
    assert second.do(lambda: next(b)) == b"/b b 0;"
    assert second.do(lambda: next(a)) == b"/a a 1;"
    assert first.do(nothing_is_bound)
    assert first.do(lambda: list(b)) == [b"/b b 1;", b"/b b 2;"]
    assert second.do(lambda: list(a)) == [b"/a a 2;"]
    assert app.log == DONE * 2
    first.die()
    second.die()


def test_the_teardown_waits_for_the_last_of_two_streams_in_one_request() -> None:
    seen: list[str] = []

    def both() -> Iterator[str]:
        inner = stream_with_context(three_chunks())
        yield next(inner)
        seen.append(f"{len(list(inner))} more, {both_app.log}")
        abandoned = stream_with_context(three_chunks())
        next(abandoned)
        abandoned.close()
        yield f"{request.path} {both_app.log}"

    both_app = App(both)
    assert both_app.test_client().get("/a").text == "/a a 0;/a []"
    assert seen == ["2 more, []"]
    assert both_app.log == DONE


def test_a_stream_may_outlive_the_one_that_is_the_body() -> None:
    left = []

    def body() -> Iterator[str]:
        left.append(stream_with_context(three_chunks()))
        yield "body"

    app = App(body)
    assert app.test_client().get("/a").text == "body"
    assert app.log == []
    assert list(left[0]) == ["/a a 0;", "/a a 1;", "/a a 2;"]
    assert app.log == DONE


def test_a_stream_may_call_another_app_that_streams(app: App) -> None:
    def proxying() -> Iterator[str]:
        for chunk in iter(open_body(app, "/inner")):
            yield f"{current_app.import_name} {request.path} {chunk.decode()}"

    outer = App(proxying)
    outer.import_name = "outer"
    assert outer.test_client().get("/outer").text == (
        "outer /outer /inner inner 0;outer /outer /inner inner 1;outer /outer /inner inner 2;"
    )
    assert (outer.log, app.log) == (DONE, DONE)


def test_a_stream_inside_of_an_app_context_uses_that_one(app: App) -> None:
    with app.app_context():
        body = open_body(app, "/a")
        assert (g.name, has_request_context()) == ("a", False)
        g.name = "changed"
        assert b"".join(body) == b"/a changed 0;/a changed 1;/a changed 2;"
        body.close()
        assert app.log == DONE[:1]
        assert g.name == "changed"
    assert app.log == DONE


def test_a_stream_may_be_read_after_the_app_context_around_it_is_over(app: App) -> None:
    with app.app_context():
        body = open_body(app, "/a")
    assert b"".join(body) == b"/a a 0;/a a 1;/a a 2;"
    body.close()
    assert sorted(app.log) == sorted(DONE)
    assert nothing_is_bound()


@pytest.mark.parametrize("reads", ["in the block", "after it", "half in the block", "never"])
def test_a_client_in_a_with_block_keeps_the_contexts_of_a_stream(app: App, reads: str) -> None:
    client = app.test_client()
    with client:
        response = client.get("/a")
        reader = response.iter_encoded()
        if reads == "in the block":
            assert b"".join(reader) == b"/a a 0;/a a 1;/a a 2;"
        elif reads == "half in the block":
            assert next(reader) == b"/a a 0;"
        assert len([*_app_ctx_stack]) == 1  # what the stream pushed is popped again
        assert (request.path, g.name) == ("/a", "a")
    if reads == "after it":
        assert b"".join(reader) == b"/a a 0;/a a 1;/a a 2;"
    assert nothing_is_bound()
    response.close()
    kinds = [line.partition(":")[0] for line in app.log]
    assert sorted(kinds) == ["app context", "request"]


def test_a_head_request_closes_the_stream_unread(app: App) -> None:
    response = app.test_client().head("/a")
    assert (response.status_code, response.data) == (200, b"")
    response.close()
    assert app.log == CLOSED


def test_an_error_in_a_chunk_is_what_teardown_gets() -> None:
    def failing() -> Iterator[str]:
        yield "begin"
        raise LookupError(request.path)

    app = App(failing)
    body = open_body(app, "/a")
    with pytest.raises(LookupError, match="/a"):
        list(body)
    body.close()
    assert app.log == ["request: LookupError('/a')", "app context: LookupError('/a')"]


def test_the_request_is_bound_in_the_finally_of_an_abandoned_body(no_gc: None) -> None:
    seen = []

    def careful() -> Iterator[str]:
        try:
            yield "begin"
            yield "never read"
        finally:
            seen.append(f"{request.path} {g.name}")

    app = App(careful)
    body = open_body(app, "/a")
    assert next(iter(body)) == b"begin"
    body.close()
    assert seen == ["/a a"]
    assert app.log == CLOSED


def test_an_error_while_a_body_is_closed_does_not_prevent_the_teardown() -> None:
    def careless() -> Iterator[str]:
        try:
            yield "begin"
        finally:
            raise LookupError("while closing")

    app = App(careless)
    body = open_body(app, "/a")
    next(iter(body))
    with pytest.raises(LookupError, match="while closing"):
        body.close()
    assert [line.partition(":")[0] for line in app.log] == ["request", "app context"]


def test_an_error_in_a_teardown_function_reaches_the_reader(app: App) -> None:
    @app.teardown_request
    def fail(error: BaseException | None) -> None:
        raise LookupError("in teardown")

    body = open_body(app, "/a")
    with pytest.raises(ExceptionGroup) as raised:
        list(body)
    assert [str(error) for error in raised.value.exceptions] == ["in teardown"]
    assert app.log == DONE
    body.close()


@pytest.mark.parametrize("handled", [True, False])
def test_a_stream_that_no_response_came_to_use_does_not_put_off_the_teardown(
    app: App, no_gc: None, handled: bool
) -> None:
    @app.route("/view/that/raises")
    def view() -> Response:
        stream = stream_with_context(three_chunks())
        raise LookupError(f"before {stream} is used")

    if handled:
        app.register_error_handler(LookupError, lambda error: ("handled", 500))
    app.testing = False
    assert app.test_client().get("/view/that/raises").status_code == 500
    assert [line.partition(":")[0] for line in app.log] == ["request", "app context"]


def test_the_answer_to_an_unhandled_error_may_be_a_stream(app: App) -> None:
    """The teardown does not wait for it: it is known already what the request came to."""

    @app.route("/view/that/raises")
    def view() -> None:
        g.name = "alice"
        raise LookupError

    app.register_error_handler(500, lambda error: (stream_with_context(three_chunks()), 500))
    app.testing = False
    response = app.test_client().get("/view/that/raises")
    path = "/view/that/raises"
    assert response.text == f"{path} alice 0;{path} alice 1;{path} alice 2;"
    assert app.log == ["request: LookupError()", "app context: LookupError()"]


def test_a_context_that_was_left_above_a_streaming_request_is_reported(
    app: App, no_gc: None
) -> None:
    @app.route("/view/that/forgets")
    def view() -> Response:
        response = Response(stream_with_context(three_chunks()))
        app.test_request_context("/forgotten").push()
        return response

    with pytest.raises(AssertionError, match=r"Popped wrong request.*/forgotten"):
        app.test_client().get("/view/that/forgets")
    assert nothing_is_bound()
    gc.collect()  # the error held the response, and that the stream
    assert app.log == CLOSED


def test_a_function_can_be_decorated_and_keeps_its_name(web: Any) -> None:
    app = new_app(web)

    @app.route("/")
    def index() -> Any:
        @web.stream_with_context
        def body(greeting: str) -> Iterator[str]:
            yield f"{greeting} "
            yield web.request.args["name"]

        assert body.__name__ == "body"
        return body("hello")

    assert app.test_client().get("/?name=alice").text == "hello alice"


def test_any_iterable_can_be_streamed(app: App) -> None:
    class Body:
        def __iter__(self) -> Iterator[str]:
            yield from ("hello ", request.args["name"])

    app.add_url_rule("/list/", "list", lambda: Response(stream_with_context(["a", "b"])))
    app.add_url_rule("/body/", "body", lambda: Response(stream_with_context(Body())))
    client = app.test_client()
    assert client.get("/body/?name=alice").text == "hello alice"
    assert client.get("/list/").text == "ab"


def test_what_a_stream_writes_to_the_session_comes_too_late(web: Any) -> None:
    app = new_app(web)

    @app.route("/")
    def index() -> Any:
        web.session["before"] = True

        def body() -> Iterator[str]:
            web.session["late"] = True
            yield str(sorted(web.session))

        return app.response_class(web.stream_with_context(body()))

    @app.route("/session")
    def look() -> str:
        return str(sorted(web.session))

    client = app.test_client()
    assert client.get("/").text == "['before', 'late']"
    assert client.get("/session").text == "['before']"


def test_a_client_that_hangs_up_ends_an_endless_stream() -> None:
    def endless() -> Iterator[str]:
        while True:
            yield f"{request.path}\n" * 10_000

    app = App(endless)
    torn_down = threading.Event()
    with (
        minictx.web.appcontext_popped.connected_to(lambda sender: torn_down.set(), app),
        serve(app) as port,
        socket.create_connection(("127.0.0.1", port)) as connection,
    ):
        connection.sendall(b"GET /a HTTP/1.0\r\n\r\n")
        assert connection.recv(10) == b"HTTP/1.1 2"
        connection.close()
        assert torn_down.wait(30)
    assert app.log == CLOSED


def test_the_session_can_be_read_in_a_stream(app: App) -> None:
    def body() -> Iterator[str]:
        yield session["user"]

    app.add_url_rule("/user/", "user", lambda: Response(stream_with_context(body())))
    client = app.test_client()
    with client.session_transaction() as saved:
        saved["user"] = "alice"
    assert client.get("/user/").text == "alice"

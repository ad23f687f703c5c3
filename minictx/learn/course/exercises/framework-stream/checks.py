from contextlib import ExitStack, closing, suppress

import framework
import pytest
from contexts import _app_ctx_stack, _request_ctx_stack, current_app, g, request
from framework import App, session
from local import release_local
from werkzeug.test import Client, create_environ

from minictx.stage import run

WHAT = "stream_with_context(items)"


@pytest.fixture(autouse=True)
def nothing_is_left():
    yield
    release_local(_app_ctx_stack)
    release_local(_request_ctx_stack)


@pytest.fixture
def app():
    return App("shop")


def stream(items):
    """Call the student's stream_with_context, or say that there is none."""
    function = getattr(framework, "stream_with_context", None)
    assert function is not None, "framework.py has no function stream_with_context"
    streamed = function(items)
    assert streamed is not None, f"{WHAT} returned None: then what should the server read?"
    return streamed


def stream_at(app, path, body):
    """Answer requests for this path with a stream of what body() yields."""

    @app.route(path)
    def view():
        try:
            return stream(body())
        except Exception as error:  # the app would make a response of it
            app.error = error
            raise


@pytest.fixture
def begin():
    """A function that sends a request as a server does, and returns the body, not yet read."""
    bodies = ExitStack()

    def begin(app, path):
        app.error = None
        try:
            body = iter(app(create_environ(path), lambda status, headers: None))
        except AssertionError as error:
            raise AssertionError(
                f"a view called {WHAT}, and at the end of its request, another context than"
                " its own was on top: what is pushed before the body is read is in the way"
            ) from error
        bodies.callback(close, body)
        if isinstance(app.error, AssertionError):
            raise app.error
        assert app.error is None, f"a view called {WHAT}, and got {app.error!r}"
        return body

    with bodies:
        yield begin


def close(body):
    with suppress(Exception):  # the check is over
        body.close()


def read(body, which="first"):
    """Read the next part of a body."""
    try:
        return next(body).decode()
    except StopIteration:
        raise AssertionError(f"the body ended before its {which} part") from None
    except Exception as error:
        said = str(error).partition("\n")[0]
        if isinstance(error, NameError | TypeError):
            why = ""
        elif isinstance(error, RecursionError):
            why = (
                ": the new context holds a proxy, such as `request`, and the proxy looks into"
                " this same context: give it the object itself"
            )
        elif isinstance(error, AttributeError) and "session" in str(error):
            why = ": the new context has no session: give it that of the view"
        else:
            why = ": when is this part computed, and what is current then?"
        raise AssertionError(
            f"the server read the {which} part of the body, and got {type(error).__name__}:"
            f" {said!r}{why}"
        ) from error


def check_nothing_is_current(when):
    for stack, name in ((_request_ctx_stack, "a request"), (_app_ctx_stack, "an app")):
        assert stack.top is None, (
            f"{when} {name} is still current: this thread's next request begins on top of it"
        )


def test_each_part_sees_the_request(app, begin):
    def body():
        yield f"a {request.path}"
        yield f"b {request.path}"

    stream_at(app, "/cakes", body)
    parts = begin(app, "/cakes")
    found = [read(parts), read(parts, "second")]
    assert found == ["a /cakes", "b /cakes"], f"the body should be 'a', 'b', and is {found!r}"


def test_no_part_is_computed_before_it_is_read(app, begin):
    computed = []

    def body():
        for part in ("first", "second"):
            computed.append(part)
            yield part

    stream_at(app, "/cakes", body)
    parts = begin(app, "/cakes")
    assert not computed, (
        f"the view is done, nothing of the body was read yet, and {len(computed)} of 2 parts"
        " were computed: a long body would keep the client waiting, and fill the memory"
    )
    read(parts)
    assert computed == ["first"], "the first part was read, and the second was computed, too"


def test_a_list_can_be_streamed(app, begin):
    stream_at(app, "/cakes", lambda: ["tart", "pie"])
    parts = begin(app, "/cakes")
    found = [read(parts), read(parts, "second")]
    assert found == ["tart", "pie"], f"the items were ['tart', 'pie'], the body is {found!r}"
    try:
        rest = list(parts)
    except Exception as error:
        raise AssertionError(
            f"a list was streamed, and after its last item came {error!r}: does something ask"
            " for more than a list has?"
        ) from error
    assert not rest, f"the items were ['tart', 'pie'], and then came {rest!r}"


def test_the_session_is_there(app, begin):
    @app.before_request
    def log_in():
        session["user"] = "alice"

    def body():
        yield session.get("user", "nobody")

    stream_at(app, "/cakes", body)
    user = read(begin(app, "/cakes"))
    assert user == "alice", f"the session's user is alice, but for the body it is {user}"


def test_a_stream_has_one_g(app, begin):
    def body():
        g.cake = "tart"
        yield "first"
        yield g.get("cake") or "none"

    stream_at(app, "/cakes", body)
    parts = begin(app, "/cakes")
    read(parts)
    assert read(parts, "second") == "tart", (
        "the first part of a body stored g.cake, and the second part found none: is there"
        " one context for all parts? A database would be opened once for each of them"
    )


def test_nothing_is_left_at_the_end(app, begin):
    closed = []

    def body():
        g.connection = "the stream's connection"
        yield "first"

    @app.teardown_appcontext_funcs.append
    def close(error):
        closed.append(g.get("connection"))

    stream_at(app, "/cakes", body)
    for _ in begin(app, "/cakes"):
        pass
    check_nothing_is_current("a body was read to its end, and now")
    assert "the stream's connection" in closed, (
        "a body stored g.connection, and was read to its end: no teardown function saw it"
    )


def test_nothing_is_left_by_a_body_that_fails(app, begin):
    def body():
        yield "first"
        raise ValueError("no more cake")

    stream_at(app, "/cakes", body)
    parts = begin(app, "/cakes")
    read(parts)
    got = None
    try:
        next(parts)
    except Exception as error:
        got = error
    check_nothing_is_current("a body failed in its second part, and now")
    assert isinstance(got, ValueError), (
        f"a body raised ValueError in its second part, and its reader got {got!r}"
    )


def test_nothing_is_left_by_a_stream_that_is_abandoned(app, begin):
    ended = []

    def body():
        try:
            yield "first"
            yield "second"
        finally:
            ended.append(request.path if request else "no request")

    stream_at(app, "/cakes", body)
    parts = begin(app, "/cakes")
    read(parts)
    try:
        parts.close()
    except Exception as error:
        raise AssertionError(f"the client went away, and close() raised {error!r}") from error
    check_nothing_is_current("the client went away, close() was called, and now")
    assert ended == ["/cakes"], (
        "the client went away after the first part. The body has a `finally`, and there was no"
        " longer a request: the items must be closed first, and then comes the pop"
    )


def test_nothing_is_left_by_a_stream_that_is_never_read(app, begin):
    stream_at(app, "/cakes", lambda: iter(["tart"]))
    parts = begin(app, "/cakes")
    check_nothing_is_current("a view has returned its stream, which is never read, and now")
    parts.close()
    Client(app).head("/cakes")  # the answer to HEAD has no body
    check_nothing_is_current("after a HEAD request, where no body is sent,")


def test_a_view_may_read_its_stream_itself(app, begin):
    current = []

    @app.route("/cakes")
    def view():
        text = "".join(stream(iter([request.path])))
        current.extend([bool(request), bool(current_app)])
        return text

    try:
        begin(app, "/cakes")
    except AssertionError:
        if not current or all(current):
            raise
    assert all(current), (
        "a view read its own stream to the end, and after that"
        f" {'no app' if current[0] else 'no request'} was current in the view: was one context"
        " pushed twice? Each push needs its own context"
    )
    for stack, name in ((_request_ctx_stack, "request"), (_app_ctx_stack, "app")):
        assert stack.top is None, (
            "a view read its own stream to the end, and when the view had returned, there was"
            f" still {'an' if name == 'app' else 'a'} {name} on the stack: was one context"
            " pushed twice? It knows only what its last push put on"
        )


def test_two_threads_stream_two_bodies(app, begin):
    def body():
        yield f"a {request.path}"
        yield f"b {request.path}"

    def browser(path):
        stream_at(app, path, body)

        def actor():
            with closing(begin(app, path)) as parts:
                yield "request"
                yield read(parts)
                yield read(parts, "second")

        return actor

    order = "T1 T2 T1 T2 T1 T2 T1 T2"
    yielded = run(order, T1=browser("/t1"), T2=browser("/t2")).yielded
    assert yielded["T1"] == ["request", "a /t1", "b /t1"], (
        f"T1 sent a request for /t1, and T2 for /t2, at step 2 of {order!r}. What T1 read of"
        f" its body at step 3 and step 5 was {yielded['T1'][1:]!r}"
    )
    assert yielded["T2"] == ["request", "a /t2", "b /t2"], (
        f"in {order!r}, what T2 read at step 4 and step 6 was {yielded['T2'][1:]!r}"
    )


def test_outside_of_a_request_it_says_so():
    try:
        stream(["tart"])
    except RuntimeError as error:
        assert "stream_with_context" in str(error), (
            f"outside of a request, {WHAT} raises RuntimeError({str(error)!r}): say which"
            " function needs a request"
        )
    except AssertionError:
        raise
    except Exception as error:
        raise AssertionError(
            f"outside of a request, {WHAT} raises {error!r}: there is no context to take"
        ) from error
    else:
        pytest.fail(
            f"outside of a request, {WHAT} says nothing: the error would come when the items"
            " are read, far from the mistake"
        )

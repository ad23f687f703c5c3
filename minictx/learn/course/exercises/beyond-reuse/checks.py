from itertools import islice

import pytest
from beyond_reuse import release_after
from local import Local

from minictx.stage import run


class OutOfTime(BaseException):
    """What a server may raise in a view that takes too long. It is not an Exception."""


class Body:
    """A body that notes what it finds in the local when it is closed."""

    def __init__(self, local, error=None):
        self.local = local
        self.error = error
        self.found = []

    def __iter__(self):
        return iter(["hello"])

    def close(self):
        self.found.append(getattr(self.local, "user", None))
        if self.error:
            raise self.error


@pytest.fixture
def local():
    return Local()


def wrap(app, local):
    wrapped = release_after(app, local)
    assert callable(wrapped), (
        f"release_after(app, local) returned {wrapped!r}: it should return an app, which the"
        " server can call"
    )
    return wrapped


def login(local, body):
    """Return an app that stores a user, and returns the body."""

    def app(environ, start_response):
        local.user = "alice"
        return body

    return app


def who(local):
    """Return an app that stores nothing. Its body tells which user is there."""

    def app(environ, start_response):
        return [getattr(local, "user", None)]

    return app


def stream(local, error=None):
    """Return a body of two parts. Each is computed when the server asks for it."""
    yield f"hello {getattr(local, 'user', None)}"
    if error:
        raise error
    yield f"goodbye {getattr(local, 'user', None)}"


def parts_of(body):
    try:
        return iter(body)
    except TypeError:
        pytest.fail(
            f"the app returned {body!r}, and the server cannot get its parts: a body is a list,"
            " a generator, or an object with __iter__"
        )


def close(body):
    if hasattr(body, "close"):
        body.close()


def serve(app, parts=None, environ=None, start_response=None):
    """Do what a server does for one request, and return the parts that it has sent.

    parts is how many it sends before the client goes away.
    """
    body = app(environ, start_response)
    try:
        return list(islice(parts_of(body), parts))
    finally:
        close(body)


def test_the_data_is_there_while_the_body_is_sent(local):
    sent = serve(wrap(login(local, stream(local)), local))
    assert sent[0] != "hello None", (
        "an app stored a user and returned a generator as its body; when the server asked for"
        " the first part, the user was gone: what has an app done by the time it returns?"
    )
    assert sent == ["hello alice", "goodbye alice"], (
        "an app stored the user alice and returned a generator as its body, and the server"
        f" sent {sent!r}"
    )


def test_each_part_is_sent_as_soon_as_it_is_there(local):
    log = []

    def body():
        for number in (1, 2):
            log.append(f"part {number} computed")
            yield f"part {number}"

    response = wrap(login(local, body()), local)(None, None)
    for part in parts_of(response):
        log.append(f"{part} sent")
    close(response)
    assert log == ["part 1 computed", "part 1 sent", "part 2 computed", "part 2 sent"], (
        f"a body of two parts, and this is what happened: {', '.join(log)}. A body may be"
        " endless: do not ask for parts before the server does"
    )


def test_a_body_need_not_have_a_close(local):
    try:
        sent = serve(wrap(login(local, ["welcome"]), local))
    except AttributeError as error:
        pytest.fail(f"the body of an app was a list, and closing it failed: {error}")
    assert sent == ["welcome"], f"an app returned ['welcome'], and the server sent {sent!r}"
    assert not dict(local), (
        f"a request was over, with all parts sent and the body closed, and {dict(local)!r} was"
        " still on this thread: the thread may now wait for a long time"
    )


def test_the_next_request_on_this_thread_finds_nothing(local):
    def t1():
        yield serve(wrap(login(local, ["welcome"]), local))
        yield serve(wrap(who(local), local))

    order = "T1 T1 T1"
    found = run(order, T1=t1).yielded["T1"][1]
    assert found == [None], (
        "T1 served alice at step 1, and another request at step 2, and there it found the user"
        f" {found[0]!r}"
    )


def test_the_app_is_called_even_if_no_part_is_sent(local):
    called = []

    def app(environ, start_response):
        called.append(app)
        return ["welcome"]

    serve(wrap(app, local), parts=0)
    assert called, (
        "the server closed the body before it asked for a part, and the app was never called:"
        " in a generator function nothing runs before the first part"
    )


def left_by(local, app, parts=None, error=()):
    """Serve a request, and return what it left behind on this thread."""
    try:
        serve(wrap(app, local), parts)
    except error:
        pass
    else:
        assert not error, (
            "an app or its body raised an error, and the server heard nothing of it: raise it"
            " again"
        )
    return dict(local)


@pytest.mark.parametrize("error", [ValueError, OutOfTime])
def test_nothing_stays_when_the_app_raises(local, error):
    def app(environ, start_response):
        local.user = "alice"
        raise error

    left = left_by(local, app, error=error)
    if error is ValueError:
        assert not left, (
            f"an app stored a user and raised an error, and {left!r} stayed on this thread:"
            " then there is no body to be closed"
        )
    assert not left, (
        f"an app raised an error that is a BaseException but not an Exception, and {left!r}"
        " stayed: this is how servers stop a view that takes too long"
    )


def test_nothing_stays_when_the_body_raises(local):
    left = left_by(local, login(local, stream(local, ValueError())), error=ValueError)
    assert not left, (
        f"a body raised an error after its first part; the server closed it, and {left!r}"
        " stayed on this thread"
    )


def test_nothing_stays_when_the_client_goes_away(local):
    left = left_by(local, login(local, stream(local)), parts=1)
    assert not left, (
        "the client went away after the first part of two; the server closed the body, and"
        f" {left!r} stayed on this thread: the end of a body is not always reached"
    )


def test_nothing_stays_when_no_part_is_sent(local):
    left = left_by(local, login(local, stream(local)), parts=0)
    assert not left, (
        "the server closed a body before it asked for the first part (as for a HEAD request),"
        f" and {left!r} stayed on this thread: a generator that has not begun has no `finally`"
        " that could run"
    )


def test_the_body_inside_is_closed_while_the_data_is_there(local):
    body = Body(local)
    try:
        left = left_by(local, login(local, body))
    except AttributeError as error:
        pytest.fail(f"when the server closed a body, there was an AttributeError: {error}")
    assert body.found, (
        "the app's body has its own close(), and it was not called: the server only sees yours"
    )
    assert len(body.found) == 1, f"the app's body was closed {len(body.found)} times"
    assert body.found == ["alice"], (
        "when the app's body was closed, the user was gone already: its close() may need it,"
        " for example to write a log"
    )
    assert not left, f"a body was closed, and {left!r} stayed on this thread"


def test_nothing_stays_when_the_close_inside_raises(local):
    body = Body(local, ValueError("cannot close"))
    left = left_by(local, login(local, body), error=ValueError)
    assert not left, (
        f"the close() of the app's body raised an error, and {left!r} stayed on this thread"
    )


def test_an_attribute_error_of_the_close_inside_is_heard(local):
    body = Body(local, AttributeError("cannot close"))
    try:
        serve(wrap(login(local, body), local))
    except AttributeError:
        return
    pytest.fail(
        "the close() of the app's body raised an AttributeError, and the server did not hear"
        " of it: a body without a close() is another matter; check for that alone"
    )


def test_another_thread_keeps_its_own(local):
    def t1():
        response = wrap(login(local, stream(local)), local)(None, None)
        parts = parts_of(response)
        yield next(parts)
        yield next(parts)
        close(response)

    def t2():
        serve(wrap(login(local, ["welcome"]), local))
        yield

    order = "T1 T2 T1 T1 T2"
    sent = run(order, T1=t1, T2=t2).yielded["T1"]
    assert sent[1] == "goodbye alice", (
        f"T2 served a whole request at step 2 of {order!r}, and at step 3 T1, in the middle of"
        f" its own, sent {sent[1]!r}: release for the running thread only"
    )


def test_the_app_gets_what_the_server_gave(local):
    got = []

    def app(environ, start_response):
        got.append((environ, start_response))
        return []

    given = ({"PATH_INFO": "/"}, print)
    serve(wrap(app, local), None, *given)
    assert len(got) == 1, f"for one request, the app was called {len(got)} times"
    assert got == [given], "the app was called with other arguments than the server gave"

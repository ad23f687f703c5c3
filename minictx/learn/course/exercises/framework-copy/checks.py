from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import framework
import pytest
from contexts import _app_ctx_stack, _request_ctx_stack, current_app, g, request
from framework import App, session
from local import release_local
from werkzeug.test import Client

from minictx.stage import run

NAME = "copy_current_request_context"


@pytest.fixture(autouse=True)
def nothing_is_left():
    yield
    release_local(_app_ctx_stack)
    release_local(_request_ctx_stack)


@pytest.fixture
def app():
    return App("shop")


def copy_current_request_context(function):
    """Call the student's function, or say that there is none."""
    wrap = getattr(framework, NAME, None)
    assert wrap is not None, f"framework.py has no function {NAME}"
    wrapper = wrap(function)
    assert callable(wrapper), (
        f"{NAME}(function) returned {wrapper!r}: it should return a function, to be called in"
        " another thread"
    )
    return wrapper


def visit(app, path, view):
    """Send a request for this path, and return what its view returns."""
    results = []

    @app.route(path)
    def wrapper():
        try:
            results.append(view())
        except Exception as error:  # the app would make a response of it
            results.append(error)
        return "done"

    try:
        Client(app).get(path)
    except AssertionError as error:
        if not isinstance(results[0], Exception):
            raise AssertionError(
                "a thread ran the function, and was done. After that, when the request of the"
                " view ends, another app context is on top than the one to take off: was one"
                " context pushed on the stacks of two threads?"
            ) from error
    if isinstance(results[0], AssertionError):
        raise results[0]
    assert not isinstance(results[0], Exception), f"a view got {results[0]!r}"
    return results[0]


def in_a_thread(function, *args, **kwargs):
    """Call a function in a new thread, and return what it returns."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(function, *args, **kwargs).result()


def call(function, *args, **kwargs):
    """Call what was wrapped in a new thread, and say what an error means."""
    try:
        return in_a_thread(function, *args, **kwargs)
    except Exception as error:
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
            why = ": what is on this thread's stack, and what has put it there?"
        raise AssertionError(
            f"a thread called what {NAME} had returned, and got {first_line(error)}{why}"
        ) from error


def first_line(error):
    said = str(error).partition("\n")[0]
    return f"{type(error).__name__}: {said!r}"


def test_another_thread_sees_the_request(app):
    def view():
        return call(copy_current_request_context(lambda: f"{current_app.name} {request.path}"))

    seen = visit(app, "/cakes", view)
    assert seen is not None, "the function returned what it saw, and the caller got None"
    assert seen == "shop /cakes", (
        f"a view of the app shop, in a request for /cakes: the thread saw {seen!r}"
    )


def test_the_function_runs_when_it_is_called(app):
    calls = []

    def view():
        wrapper = copy_current_request_context(lambda: calls.append(request.path))
        before = len(calls)
        call(wrapper)
        return before

    before = visit(app, "/cakes", view)
    assert not before, "the function was wrapped, and it ran: it should run when it is called"
    assert calls == ["/cakes"], f"it was called once, and ran {len(calls)} times"


def test_the_request_is_that_of_the_wrapping(app):
    kept = {}

    def keep():
        path = request.path
        kept[path] = copy_current_request_context(lambda: request.path)

    def browser():
        visit(app, "/first", keep)
        yield
        visit(app, "/second", keep)

    def worker():
        yield kept["/first"]()
        yield kept["/first"]()
        return kept["/second"]()

    order = "V T V T T"
    seen = run(order, V=browser, T=worker)
    assert seen.yielded["T"][0] == "/first", (
        f"in {order!r}, V wrapped a function in a request for /first, at step 1. T called it at"
        f" step 2, and it saw {seen.yielded['T'][0]!r}"
    )
    assert seen.yielded["T"][1] == "/first", (
        f"in {order!r}, V wrapped a function in a request for /first, at step 1, and another in"
        " one for /second, at step 3. T called the first one at step 4, and it saw"
        f" {seen.yielded['T'][1]!r}"
    )
    assert seen.returned["T"] == "/second", (
        f"T called what was wrapped in /second, at step 5 of {order!r}, and it saw"
        f" {seen.returned['T']!r}"
    )


def test_arguments_are_handed_on(app):
    def view():
        wrapper = copy_current_request_context(lambda *args, **kwargs: (args, kwargs))
        try:
            return in_a_thread(wrapper, "tart", size=3)
        except TypeError:
            return "TypeError"

    got = visit(app, "/cakes", view)
    assert got != "TypeError", (
        f"the function takes any arguments, but what {NAME} made of it does not: it cannot be"
        " called with ('tart', size=3)"
    )
    assert got == (("tart",), {"size": 3}), (
        f"it was called with ('tart', size=3), and the function got {got!r}"
    )


def test_the_name_stays(app):
    def send_mail():
        """Send a mail."""

    wrapper = visit(app, "/cakes", lambda: copy_current_request_context(send_mail))
    assert wrapper.__name__ == "send_mail", (
        "the function was called send_mail, and what came back is called"
        f" {wrapper.__name__!r}: functools has a decorator that copies name and docstring"
    )


def test_the_session_is_the_same(app):
    def view():
        def work():
            session["seen"] = session.get("user", "nobody")

        session["user"] = "alice"
        call(copy_current_request_context(work))
        return session.get("seen")

    seen = visit(app, "/cakes", view)
    assert seen is not None, (
        "the thread stored something in the session, and the view does not find it there: are"
        " there two sessions?"
    )
    assert seen == "alice", f"the session's user is alice, and for the thread it was {seen}"


def test_g_is_another_one(app):
    closed = []

    @app.teardown_appcontext_funcs.append
    def close(error):
        closed.append(g.get("connection"))

    def work():
        found = g.get("connection")
        g.connection = "the thread's"
        return found

    def view():
        g.connection = "the view's"
        found = call(copy_current_request_context(work))
        return found, g.connection, list(closed)

    found, kept, torn_down = visit(app, "/cakes", view)
    assert found is None, (
        f"the thread found {found!r} connection in g: the view closes it, perhaps while the"
        " thread uses it. The thread needs its own g, so its own app context"
    )
    assert kept == "the view's", f"the thread set g.connection, and now the view has {kept!r}"
    assert torn_down == ["the thread's"], (
        "the thread stored g.connection, and is done; no teardown function saw it: who closes"
        " it?"
    )


def test_nothing_is_left_in_the_thread(app):
    def fails():
        raise ValueError("no cake")

    def view():
        works = copy_current_request_context(lambda: None)
        with ThreadPoolExecutor(1) as pool:  # its only thread runs all of it
            pool.submit(works).result()
            after_success = pool.submit(bool, request).result()
            with suppress(ValueError):
                pool.submit(copy_current_request_context(fails)).result()
            return after_success, pool.submit(bool, request).result()

    after_success, after_error = visit(app, "/cakes", view)
    assert not after_success, (
        "a thread of a pool called the function, and was done; the next function that it runs"
        " still finds a request"
    )
    assert not after_error, (
        "a thread of a pool called a function that raised an error; the next one that it runs"
        " still finds a request"
    )


def test_an_error_comes_through(app):
    def fails():
        raise ValueError("no cake")

    def view():
        wrapper = copy_current_request_context(fails)
        with suppress(ValueError):
            return f"returned {in_a_thread(wrapper)!r}"
        return "ValueError"

    outcome = visit(app, "/cakes", view)
    assert outcome == "ValueError", f"the function raised ValueError, and its caller {outcome}"


def test_two_calls_may_overlap(app):
    def view():
        def work(inner):
            seen = [request.path]
            if inner:  # T2 runs while this one, T1, waits for it
                seen += in_a_thread(wrapper, False)
            return [*seen, request.path]

        wrapper = copy_current_request_context(work)
        return in_a_thread(wrapper, True)

    try:
        seen = visit(app, "/cakes", view)
    except AssertionError as error:
        raise AssertionError(
            "T1 called what was wrapped, and before it was done, T2 called the same. Then one"
            " of them popped another app context than it had pushed: how many contexts are"
            " there for two calls?"
        ) from error
    assert seen == ["/cakes"] * 4, f"T1 and T2 called the same at once, and saw {seen!r}"


def test_the_view_may_call_it_itself(app):
    current = []

    def view():
        seen = copy_current_request_context(lambda: request.path)()
        current.extend([bool(request), bool(current_app)])
        return seen

    try:
        visit(app, "/cakes", view)
    except AssertionError:
        if not current or all(current):
            raise
    assert all(current), (
        "a view called the function itself, and after that"
        f" {'no app' if current[0] else 'no request'} was current in the view: a call takes"
        " off what it has put on, and no more"
    )


def test_outside_of_a_request_it_says_so():
    try:
        copy_current_request_context(lambda: None)
    except RuntimeError as error:
        assert NAME in str(error), (
            f"outside of a request, {NAME}(function) raises RuntimeError({str(error)!r}): say"
            " which function needs a request"
        )
    except AssertionError:
        raise
    except Exception as error:
        raise AssertionError(
            f"outside of a request, {NAME}(function) raises {error!r}: there is no context to"
            " copy"
        ) from error
    else:
        pytest.fail(
            f"outside of a request, {NAME}(function) says nothing: the error would come later,"
            " in another thread, far from the mistake"
        )

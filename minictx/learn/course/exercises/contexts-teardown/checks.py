from types import SimpleNamespace

import contexts
import pytest
from contexts import AppContext, RequestContext, current_app, g, request
from local import release_local

from minictx.stage import run


@pytest.fixture(autouse=True)
def nothing_is_left_on_the_stacks():
    yield
    release_local(contexts._request_ctx_stack)
    release_local(contexts._app_ctx_stack)


class TeardownError(Exception):
    """What a teardown function raises in these checks."""


class App:
    """An app whose teardown functions, called a, b and c, note what happens to them.

    Those in `broken`, such as "request b", raise.
    """

    def __init__(self, name="shop", broken=()):
        self.name = name
        self.called = []  # "request c", "request b", ...
        self.errors = []  # what each of them was called with
        self.raised = []
        self.seen = []  # what was current then
        self.broken = broken
        self.teardown_request_funcs = [self.make("request", each) for each in "abc"]
        self.teardown_appcontext_funcs = [self.make("app", each) for each in "abc"]

    def make(self, kind, letter):
        def teardown(error):
            self.called.append(f"{kind} {letter}")
            self.errors.append(error)
            self.seen.append(current())
            if f"{kind} {letter}" in self.broken:
                self.raised.append(TeardownError(f"{kind} {letter}"))
                raise self.raised[-1]

        return teardown


REQUEST = ["request c", "request b", "request a"]
APP = ["app c", "app b", "app a"]


def current():
    """Return the name of the current app, and the path of the current request."""
    return tuple(
        "unbound" if repr(proxy) == "<LocalProxy unbound>" else getattr(proxy, name)
        for proxy, name in ((current_app, "name"), (request, "path"))
    )


def request_to(app, path="/cart"):
    return RequestContext(app, SimpleNamespace(path=path))


def run_block(ctx, error=None):
    """Run a `with` block that an error may end, and return what comes out."""
    try:
        with ctx:
            if error is not None:
                raise error
    except Exception as outcome:
        return outcome
    return None


def run_quietly(ctx, what):
    """Run a `with` block in which nothing goes wrong."""
    outcome = run_block(ctx)
    if outcome is not None:
        pytest.fail(
            f"{what}, whose block ended without an error, raised at its pop"
            f" {type(outcome).__name__}: {outcome}"
        )


def is_in(error, outcome):
    """Tell whether an error is what came out, or is linked to it, or in a group in it."""
    look, seen = [outcome], []
    while look:
        each = look.pop()
        if each is not None and each not in seen:
            seen.append(each)
            look += [each.__cause__, each.__context__, *getattr(each, "exceptions", ())]
    return error in seen


def listed(called):
    return ", ".join(called) or "none"


def test_the_pop_of_an_app_context_calls_the_teardown_functions():
    app = App()
    run_quietly(AppContext(app), "an app context")
    assert sorted(app.called) == sorted(APP), (
        "an app has three functions in teardown_appcontext_funcs, a, b and c, and its context"
        f" was popped. Called were: {listed(app.called)}"
    )
    assert app.called == APP, (
        "a, b and c are in the list, in this order, and were called in the order"
        f" {listed(app.called)}: c may need what a closes"
    )


def test_the_pop_of_a_request_calls_first_its_own_then_those_of_the_app():
    app = App()
    run_quietly(request_to(app), "a request")
    of_request = [each for each in app.called if each in REQUEST]
    assert of_request == REQUEST, (
        "an app has a, b and c in teardown_request_funcs, in this order, and a request was"
        f" popped. Of these were called: {listed(of_request)}"
    )
    assert app.called == [*REQUEST, *APP], (
        "a request brought its app context with it, and was popped. Called were:"
        f" {listed(app.called)}. What was pushed last?"
    )


def test_the_app_is_torn_down_when_its_own_context_is_popped():
    app = App()
    with AppContext(app):
        run_quietly(request_to(app), "a request inside an app context")
        called = list(app.called)
    assert called == REQUEST, (
        "a request was popped inside an app context of its app, which was pushed before it and"
        f" is not popped yet. Called were: {listed(called)}"
    )
    assert app.called == [*REQUEST, *APP], (
        "a request, and then the app context around it, was popped. Called were:"
        f" {listed(app.called)}"
    )


def test_each_pop_calls_them_all_again():
    app = App()
    run_quietly(request_to(app), "a request")
    first, app.called = app.called, []
    run_quietly(request_to(app), "a second request")
    assert app.called == first, (
        f"the pop of a request called {listed(first)}; that of the next one called"
        f" {listed(app.called)}: what happened to the app's lists?"
    )


def test_without_an_error_they_are_told_none():
    app = App()
    run_quietly(request_to(app), "a request")
    assert app.errors == [None] * 6, (
        f"the block of a request ended without an error; the teardown functions were told"
        f" {app.errors}"
    )


@pytest.mark.parametrize("kind", ["an app context", "a request"])
def test_the_error_that_ends_the_block_is_told_and_goes_on(kind):
    app, error = App(), ValueError("in the block")
    outcome = run_block(AppContext(app) if kind == "an app context" else request_to(app), error)
    for called, told in zip(app.called, app.errors, strict=True):
        assert told is error, (
            f"a ValueError ended the block of {kind}, and the teardown function {called!r} was"
            f" told {told!r}"
        )
    assert outcome is error, (
        f"a ValueError ended the block of {kind}, and what came out of the block is"
        f" {outcome!r}: teardown functions do not change that"
    )


def test_a_pop_that_is_told_an_error_hands_it_on_and_raises_nothing():
    app, error = App(), ValueError("answered already")
    ctx = request_to(app)
    ctx.push()
    try:
        ctx.pop(error)
    except Exception as raised:
        pytest.fail(
            f"ctx.pop(error) raised {raised!r}: the error was only to be told to the teardown"
            " functions, and they all went well"
        )
    assert app.errors == [error] * 6, (
        f"ctx.pop(error) was called, and the teardown functions were told {app.errors}"
    )


def test_their_context_is_still_current():
    app = App()
    run_quietly(request_to(app), "a request")
    for called, (name, path) in zip(app.called, app.seen, strict=True):
        assert name == "shop", (
            f"while the teardown function {called!r} ran, current_app was {name}: so it could"
            " not clean up what belongs to its app"
        )
        expected = "/cart" if called in REQUEST else "unbound"
        assert path == expected, (
            f"while the teardown function {called!r} ran, request was {path}: the request is"
            " current for its own functions, and taken off before those of the app"
        )


@pytest.mark.parametrize("letter", "cba")
def test_if_one_raises_the_others_are_called_all_the_same(letter):
    app, error = App(broken=[f"app {letter}"]), ValueError("in the block")
    run_block(AppContext(app), error)
    assert app.called == APP, (
        f"an app context was popped, and {app.broken[0]!r} raised. Called were:"
        f" {listed(app.called)}. What the others should close stays open for ever"
    )
    for called, told in zip(app.called, app.errors, strict=True):
        assert told is error, (
            f"a ValueError ended the block, then {app.broken[0]!r} raised TeardownError, and"
            f" {called!r} was told {told!r}: each is told what ended the block"
        )


@pytest.mark.parametrize("letter", "cba")
@pytest.mark.parametrize("kind", ["request", "app"])
def test_if_one_raises_the_contexts_are_popped(kind, letter):
    app = App(broken=[f"{kind} {letter}"])
    AppContext(App("blog")).push()
    run_block(request_to(app))
    after = current()
    assert after == ("blog", "unbound"), (
        f"a request of a shop, pushed where a blog was current, was popped, and {kind}"
        f" {letter!r} raised. Now current_app is {after[0]}, and request is {after[1]}: the"
        " code that runs next would take them for its own"
    )


@pytest.mark.parametrize("letter", "cba")
def test_if_one_of_the_request_raises_those_of_the_app_are_called_too(letter):
    app, error = App(broken=[f"request {letter}"]), ValueError("in the block")
    run_block(request_to(app), error)
    assert app.called == [*REQUEST, *APP], (
        f"a request was popped, with the app context that it had brought, and"
        f" {app.broken[0]!r} raised. Called were: {listed(app.called)}"
    )
    assert app.errors == [error] * 6, (
        f"a ValueError ended the block of a request, then {app.broken[0]!r} raised"
        f" TeardownError, and the teardown functions were told {app.errors}"
    )


@pytest.mark.parametrize("letter", "cba")
@pytest.mark.parametrize("kind", ["request", "app"])
@pytest.mark.parametrize("ended", ["without an error", "with a ValueError"])
def test_what_one_raises_is_not_lost(kind, letter, ended):
    app = App(broken=[f"{kind} {letter}"])
    error = ValueError("in the block") if ended == "with a ValueError" else None
    outcome = run_block(request_to(app), error)
    assert app.raised, (
        f"the pop of a request did not call the teardown function {kind} {letter!r}"
    )
    assert is_in(app.raised[0], outcome), (
        f"the block of a request ended {ended}, the teardown function {app.broken[0]!r} raised"
        f" TeardownError, and out of the block came {outcome!r}: the TeardownError is lost"
    )


@pytest.mark.parametrize(
    "broken",
    [["app c", "app a"], ["request c", "request a"], APP, ["request b", "app b"]],
)
def test_if_several_raise_none_is_lost(broken):
    app = App(broken=broken)
    outcome = run_block(request_to(app), ValueError("in the block"))
    heard = [str(error) for error in app.raised if is_in(error, outcome)]
    lost = [each for each in broken if each not in heard]
    assert not lost, (
        "a ValueError ended the block of a request, and these teardown functions raised:"
        f" {listed(broken)}. What came out is {outcome!r}; in it, or linked to it by"
        f" `__context__` or `__cause__`, are the errors of: {listed(heard)}. Who will ever hear"
        f" of {listed(lost)}?"
    )


def test_if_all_raise_all_is_done():
    app = App(broken=[*REQUEST, *APP])
    outcome = run_block(request_to(app))
    after = current()
    assert app.called == [*REQUEST, *APP], (
        f"all teardown functions of a request raised. Called were: {listed(app.called)}"
    )
    assert any(is_in(error, outcome) for error in app.raised), (
        f"all teardown functions of a request raised, and out of the block came {outcome!r}"
    )
    assert after == ("unbound", "unbound"), (
        f"all teardown functions of a request raised; now current_app is {after[0]}, and"
        f" request is {after[1]}"
    )


def test_each_thread_cleans_up_what_is_in_its_own_g():
    closed = []
    app = App()
    app.teardown_appcontext_funcs = [lambda error: closed.append(g.get("connection"))]

    def thread(number):
        def actor():
            with request_to(app):
                g.connection = f"the connection of {number}"
                yield

        return actor

    order = "T1 T2 T1 T2"
    run(order, T1=thread("T1"), T2=thread("T2"))
    assert closed == ["the connection of T1", "the connection of T2"], (
        f"in {order!r}, T1 and T2 each stored a connection in g, then popped, and a teardown"
        f" function closed what it found in g: {closed}"
    )

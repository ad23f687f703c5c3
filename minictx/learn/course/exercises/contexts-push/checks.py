from contextlib import suppress
from types import SimpleNamespace

import pytest
from contexts import AppContext, _app_ctx_stack, current_app
from local import release_local
from proxy import LocalProxy

from minictx.stage import run

UNBOUND = "<LocalProxy unbound>"


@pytest.fixture(autouse=True)
def nothing_is_left_on_the_stack():
    yield
    release_local(_app_ctx_stack)


def make_app(name):
    return SimpleNamespace(name=name, teardown_request_funcs=[], teardown_appcontext_funcs=[])


def current():
    """Return the name of the current app, or "unbound"."""
    try:
        return "unbound" if repr(current_app) == UNBOUND else current_app.name
    except (AttributeError, TypeError) as error:
        told = f"raised {type(error).__name__}: {error}"
        if _app_ctx_stack.top is None:
            pytest.fail(
                f"outside of every block, with an empty stack, current_app {told}: an unbound"
                " proxy should raise a RuntimeError. Give it the stack and the name, as in"
                " proxy-stack"
            )
        pytest.fail(
            f"in the block of an app context, current_app.name {told}: what does the proxy"
            " find on top of the stack, and what must it read from that?"
        )


def test_the_name_is_a_proxy():
    assert type(current_app) is LocalProxy, (
        "a module that has imported current_app keeps what it was at that moment,"
        f" {current_app!r}: only a LocalProxy can stand for another app later"
    )


def test_the_context_is_on_the_stack():
    ctx = AppContext(make_app("shop"))
    ctx.push()
    top = _app_ctx_stack.top
    ctx.pop()
    assert top is not None, (
        "after ctx.push(), nothing is on _app_ctx_stack: where would current_app find it?"
    )
    assert top is ctx, (
        f"after ctx.push(), a {type(top).__name__} is on top of _app_ctx_stack: it must be the"
        " context, which will have more in it than the app"
    )


def test_an_app_is_current_from_push_to_pop():
    shop = make_app("shop")
    before = current()
    with AppContext(shop):
        inside = current()
    after = current()
    assert before == "unbound", (
        f"before anything was pushed, current_app is {before}: nothing made that current"
    )
    assert inside == "shop", f"in `with AppContext(shop):`, current_app is {inside}"
    assert after == "unbound", (
        f"after the block of `with AppContext(shop):`, current_app is still {after}: the code"
        " that runs next would take it for its own"
    )


def test_after_the_inner_context_the_outer_is_current_again():
    with AppContext(make_app("shop")):
        with AppContext(make_app("blog")):
            inside = current()
        after = current()
    assert inside == "blog", (
        f"the context of a blog was pushed in that of a shop, and current_app is {inside}"
    )
    assert after == "shop", (
        "the context of a blog was pushed in that of a shop, and popped: now current_app is"
        f" {after}, and the shop's block is not over"
    )


def test_a_context_is_popped_after_an_error_too():
    with suppress(ZeroDivisionError), AppContext(make_app("shop")):
        raise ZeroDivisionError
    after = current()
    assert after == "unbound", (
        "an error ended the block of `with AppContext(shop):`, and current_app is still"
        f" {after}"
    )


def test_each_thread_has_its_own_app():
    def thread(name):
        def actor():
            with AppContext(make_app(name)):
                yield
                return current()

        return actor

    order = "T1 T2 T1 T2"
    found = run(order, T1=thread("shop"), T2=thread("blog")).returned
    assert found == {"T1": "shop", "T2": "blog"}, (
        f"T1 pushed the context of a shop at step 1 of {order!r}, T2 that of a blog at step 2;"
        f" at step 3, T1 found {found['T1']}, and at step 4, T2 found {found['T2']}"
    )


def test_a_thread_that_is_started_in_the_block_has_no_app():
    def t1():
        return current()
        yield

    with AppContext(make_app("shop")):
        found = run("T1", T1=t1).returned["T1"]
    assert found == "unbound", (
        "in the block of `with AppContext(shop):`, a thread was started that pushed nothing;"
        f" it found {found}: whose stack did it look at?"
    )

from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from contexts import (
    AppContext,
    RequestContext,
    _app_ctx_stack,
    _request_ctx_stack,
    current_app,
    request,
)
from local import release_local

from minictx.stage import run

UNBOUND = "<LocalProxy unbound>"


@pytest.fixture(autouse=True)
def nothing_is_left_on_the_stacks():
    yield
    release_local(_request_ctx_stack)
    release_local(_app_ctx_stack)


def make_app(name):
    return SimpleNamespace(name=name, teardown_request_funcs=[], teardown_appcontext_funcs=[])


def make_request(app, path):
    return RequestContext(app, SimpleNamespace(path=path))


MAKE = {"request": lambda app: make_request(app, "/cart"), "app": AppContext}


@contextmanager
def pushed(ctx):
    """Push a context and pop it after the block; tell the errors of that in words."""
    try:
        with ctx:
            yield
    except AssertionError as error:
        pytest.fail(
            f"a {type(ctx).__name__} was pushed, and popped when it was on top, and that raised"
            f" AssertionError: {error}"
        )
    except AttributeError as error:
        pytest.fail(
            f"`with {type(ctx).__name__}(...):` raised AttributeError: {error}: is something"
            " used there that may be None?"
        )


def current():
    """Return the path of the request, or "unbound", and the name of the app, likewise."""
    return (
        "unbound" if repr(request) == UNBOUND else request.path,
        "unbound" if repr(current_app) == UNBOUND else current_app.name,
    )


def told_by_wrong_pop(ctx, story):
    """Pop a context that is not on top, and return what the AssertionError says."""
    try:
        ctx.pop()
    except AssertionError as error:
        return str(error)
    except Exception as error:
        pytest.fail(
            f"{story}: that must be an AssertionError, and was {type(error).__name__}: {error}"
        )
    pytest.fail(f"{story}, and no error said so: is what comes off what was to be popped?")


def is_named(ctx, told):
    return str(ctx) in told or repr(ctx) in told


def check_that_both_are_named(told, story, popped, top):
    """Look for both contexts in what the AssertionError says."""
    says = f"{story}: the AssertionError says {told!r}"
    none_is_named = not is_named(popped, told) and not is_named(top, told)
    assert not (none_is_named and ("shop" in told or "blog" in told)), (
        f"{says}. That names the apps, not the contexts: put the contexts themselves in"
    )
    assert is_named(popped, told), f"{says}; which context was to be popped?"
    assert is_named(top, told), f"{says}; which context was on top?"


def test_a_request_in_the_context_of_another_app_has_its_own():
    with pushed(AppContext(make_app("blog"))):
        with pushed(make_request(make_app("shop"), "/cart")):
            inside = current()
        after = current()
    assert inside == ("/cart", "shop"), (
        "the app context of a blog was pushed, and in it a request of a shop: request.path is"
        f" {inside[0]}, and current_app is {inside[1]}"
    )
    assert after == ("unbound", "blog"), (
        "the app context of a blog was pushed, and in it a request of a shop, which was then"
        f" popped: now request is {after[0]}, and current_app is {after[1]}"
    )


def test_a_request_in_that_of_another_app_has_its_own():
    with pushed(make_request(make_app("blog"), "/news")):
        with pushed(make_request(make_app("shop"), "/cart")):
            inside = current()
        after = current()
    assert inside == ("/cart", "shop"), (
        "in a request of a blog, one of a shop was pushed: request.path is"
        f" {inside[0]}, and current_app is {inside[1]}"
    )
    assert after == ("/news", "blog"), (
        "in a request of a blog, one of a shop was pushed, and popped: request.path is"
        f" {after[0]}, and current_app is {after[1]}"
    )


def test_what_is_not_on_top_is_not_current():
    shop = make_app("shop")
    below, top = AppContext(shop), AppContext(make_app("blog"))
    with pushed(below), pushed(top), pushed(make_request(shop, "/cart")):
        _, name = current()
    assert name == "shop", (
        "the app context of a shop was pushed, then that of a blog, then a request of the shop:"
        f" current_app is {name}. Whose context is current when the request begins?"
    )


@pytest.mark.parametrize("kind", MAKE)
def test_a_request_in_a_context_of_the_same_app_goes_on_with_it(kind):
    shop = make_app("shop")
    with pushed(MAKE[kind](shop)), pushed(make_request(shop, "/buy")):
        count = len(list(_app_ctx_stack))
    assert count == 1, (
        f"in the {kind} context of a shop, a request of the same shop was pushed: {count} app"
        " contexts are on the stack. Whose app does the one on top belong to? (current_app"
        " cannot tell it: it is a proxy, and `is` compares the proxy itself, not its app)"
    )


def test_two_apps_may_have_the_same_name():
    one, another = make_app("shop"), make_app("shop")
    with pushed(AppContext(one)), pushed(make_request(another, "/cart")):
        found = current_app._get_current_object()
    assert found is another, (
        "two apps look alike, name and all, as when each test makes its own app. The context"
        " of one was pushed, and in it a request of the other: current_app is not the app of"
        " the request. When are two apps the same?"
    )


@pytest.mark.parametrize("kind", MAKE)
def test_the_outer_context_cannot_be_popped_before_the_inner(kind):
    shop, blog = make_app("shop"), make_app("blog")
    outer, inner = MAKE[kind](shop), MAKE[kind](blog)
    AppContext(shop).push()  # so the outer request brings none
    outer.push()
    inner.push()
    story = f"two {kind} contexts were pushed, and the outer one was popped first"
    told = told_by_wrong_pop(outer, story)
    check_that_both_are_named(told, story, outer, inner)


def test_two_contexts_of_one_app_are_two():
    shop = make_app("shop")
    outer, inner = AppContext(shop), AppContext(shop)
    outer.push()
    inner.push()
    told_by_wrong_pop(outer, "two contexts of one app were pushed, the outer was popped first")


def test_a_request_cannot_be_popped_before_what_was_pushed_in_it():
    shop = make_app("shop")
    ctx = make_request(shop, "/cart")
    ctx.push()
    brought, left = _app_ctx_stack.top, AppContext(shop)
    left.push()
    story = "an app context was pushed in a request, and the request was popped first"
    told = told_by_wrong_pop(ctx, story)
    check_that_both_are_named(told, story, brought, left)


def test_a_context_cannot_be_popped_by_another_thread():
    ctx = AppContext(make_app("shop"))
    order = "T1 T2 T1"
    story = f"T1 pushed a context at step 1 of {order!r}, and T2 popped it at step 2"

    def t1():
        ctx.push()
        yield
        return current()

    def t2():
        return told_by_wrong_pop(ctx, story)
        yield

    returned = run(order, T1=t1, T2=t2).returned
    assert is_named(ctx, returned["T2"]), (
        f"{story}: the AssertionError says {returned['T2']!r}; which context was to be popped?"
    )
    _, name = returned["T1"]
    assert name == "shop", f"{story}: at step 3, current_app in T1 is {name}"

from contextlib import contextmanager, suppress
from types import SimpleNamespace

import contexts
import pytest
from contexts import AppContext, _app_ctx_stack
from local import release_local
from proxy import LocalProxy
from stack import LocalStack

from minictx.stage import run

UNBOUND = "<LocalProxy unbound>"


@pytest.fixture(autouse=True)
def nothing_is_left_on_the_stacks():
    for name in ("_request_ctx_stack", "request", "RequestContext"):
        assert hasattr(contexts, name), f"contexts.py has no {name}: write it, under this name"
    assert isinstance(contexts._request_ctx_stack, LocalStack), (
        "_request_ctx_stack is not a LocalStack: see how _app_ctx_stack is made"
    )
    yield
    release_local(contexts._request_ctx_stack)
    release_local(_app_ctx_stack)


def make_app(name):
    return SimpleNamespace(name=name, teardown_request_funcs=[], teardown_appcontext_funcs=[])


@contextmanager
def handling(app, path):
    """Push the context of a request and pop it after the block; tell its errors in words."""
    try:
        with contexts.RequestContext(app, SimpleNamespace(path=path)) as ctx:
            yield ctx
    except (AttributeError, TypeError) as error:
        pytest.fail(
            f"`with RequestContext(app, request):` raised {type(error).__name__}: {error}:"
            " what is missing, here or in every case?"
        )


def current():
    """Return the path of the request, or "unbound", and the name of the app, likewise."""
    return _attribute("request", "path"), _attribute("current_app", "name")


def _attribute(proxy, name):
    obj = getattr(contexts, proxy)
    try:
        return "unbound" if repr(obj) == UNBOUND else getattr(obj, name)
    except (AttributeError, TypeError) as error:
        told = f"raised {type(error).__name__}: {error}"
        if proxy == "request" and contexts._request_ctx_stack.top is None:
            pytest.fail(
                f"outside of every request, {proxy} {told}: which stack does it look at? If"
                " that is empty, a proxy should raise a RuntimeError: give it the stack and"
                " the name, as for current_app"
            )
        pytest.fail(
            f"{proxy}.{name} {told}: which stack does {proxy} look at, and what must it read"
            " from the top item?"
        )


def test_the_name_is_a_proxy():
    request = contexts.request
    assert type(request) is LocalProxy, (
        f"a module that has imported request keeps what it was at that moment, {request!r}: it"
        " must be a proxy, as current_app is"
    )


def test_a_request_is_current_from_push_to_pop():
    shop = make_app("shop")
    with handling(shop, "/cart"):
        path, _ = current()
        found = _request_on_top()
    after, _ = current()
    assert path == "/cart", f"in a request of '/cart', request.path is {path}"
    assert found == "RequestContext", (
        f"in a request, a {found} is on top of _request_ctx_stack: it must be the context"
    )
    assert after == "unbound", (
        f"a request of '/cart' was pushed and popped, and request.path is still {after}"
    )


def _request_on_top():
    return type(contexts._request_ctx_stack.top).__name__


def test_a_context_keeps_its_app_and_its_request():
    values = {"app": make_app("shop"), "request": SimpleNamespace(path="/cart")}
    ctx = contexts.RequestContext(*values.values())
    for name, value in values.items():
        assert getattr(ctx, name, None) is value, (
            f"ctx = RequestContext(app, request), and ctx.{name} is not that {name}: code that"
            " has the context will look for it there"
        )


def test_making_a_context_pushes_nothing():
    contexts.RequestContext(make_app("shop"), SimpleNamespace(path="/cart"))
    found = current()
    assert found == ("unbound", "unbound"), (
        "a RequestContext was created but not pushed, and already something is current:"
        f" request is {found[0]}, and current_app is {found[1]}"
    )


def test_a_request_brings_its_app_and_takes_it_away():
    with handling(make_app("shop"), "/cart"):
        _, inside = current()
    _, after = current()
    assert inside == "shop", (
        f"in a request of the shop, current_app is {inside}: no app context was pushed before,"
        " so who must push one?"
    )
    assert after == "unbound", (
        f"a request of the shop was pushed and popped, and current_app is still {after}: the"
        " app context came with the request, and should go with it"
    )


def test_an_app_can_be_current_without_a_request():
    with AppContext(make_app("shop")):
        path, _ = current()
    assert path == "unbound", f"in an app context, without a request, request is {path}"


def test_an_app_context_does_not_hide_the_request():
    shop = make_app("shop")
    with handling(shop, "/cart"), AppContext(shop):
        path, _ = current()
    assert path == "/cart", (
        "an app context was pushed in a request of '/cart', which is not over, and now"
        f" request.path is {path}"
    )


def test_after_the_inner_request_the_outer_is_current_again():
    shop = make_app("shop")
    with handling(shop, "/cart"):
        with handling(shop, "/buy"):
            inside = current()
        after = current()
    assert inside == ("/buy", "shop"), (
        f"a request of '/buy' was pushed in one of '/cart', both of the shop: request.path is"
        f" {inside[0]}, and current_app is {inside[1]}"
    )
    assert after == ("/cart", "shop"), (
        "a request of '/buy' was pushed in one of '/cart', and popped: now request.path is"
        f" {after[0]}, and current_app is {after[1]}. The outer request continues: what of it"
        " was taken away?"
    )


def test_an_app_context_that_is_there_is_used():
    shop = make_app("shop")
    outer = AppContext(shop)
    with outer:
        with handling(shop, "/cart"):
            contexts_there = list(_app_ctx_stack)
        _, after = current()
    assert contexts_there == [outer], (
        f"a script pushed an app context, and in it a request: {len(contexts_there)} app"
        " contexts are on the stack then. The request should use the one that is there"
    )
    assert after == "shop", (
        "a script pushed an app context, and in it a request, which was popped: now"
        f" current_app is {after}. Which of the two has pushed that app context?"
    )


def test_a_context_that_is_pushed_again_begins_anew():
    shop = make_app("shop")
    with handling(shop, "/cart") as ctx:
        pass
    story = (
        "a RequestContext was pushed, with the app context that it needed, and popped. Then the"
        " same one was pushed and popped in an app context that a script had pushed"
    )
    AppContext(shop).push()
    try:
        with ctx:
            pass
    except (AttributeError, AssertionError) as error:
        pytest.fail(
            f"{story}: that raised {type(error).__name__}: {error}. What did the context"
            " remember from its first push?"
        )
    _, after = current()
    assert after == "shop", (
        f"{story}: now current_app is {after}. What did the context remember from its first"
        " push?"
    )


def test_what_was_pushed_last_is_popped_first(monkeypatch):
    done = []

    def watched(name):
        method = getattr(LocalStack, name)

        def watch(stack, *items):
            done.append(f"{name} the {'app' if stack is _app_ctx_stack else 'request'} context")
            return method(stack, *items)

        return watch

    for name in ("push", "pop"):
        monkeypatch.setattr(LocalStack, name, watched(name))
    with handling(make_app("shop"), "/cart"):
        pass
    assert done[:2] == ["push the app context", "push the request context"], (
        f"for one request, this was done: {', '.join(done)}. Whenever a request is current,"
        " its app should be current, too. What comes first, then?"
    )
    assert done[2:] == ["pop the request context", "pop the app context"], (
        f"for one request, this was done: {', '.join(done)}. What was pushed last must be"
        " popped first: no request without its app"
    )


def test_a_request_is_popped_after_an_error_too():
    with suppress(ZeroDivisionError), handling(make_app("shop"), "/cart"):
        raise ZeroDivisionError
    path, name = current()
    assert (path, name) == ("unbound", "unbound"), (
        f"an error ended a request, which was popped: request is {path}, current_app is {name}"
    )


def test_each_thread_has_its_own_request_and_app():
    def thread(name, path):
        def actor():
            with handling(make_app(name), path):
                yield
                return current()

        return actor

    order = "T1 T2 T1 T2"
    found = run(order, T1=thread("shop", "/cart"), T2=thread("blog", "/news")).returned
    for actor, expected in {"T1": ("/cart", "shop"), "T2": ("/news", "blog")}.items():
        path, name = found[actor]
        assert (path, name) == expected, (
            f"T1 handles '/cart' of the shop, T2 '/news' of the blog, in {order!r}:"
            f" in {actor}, request.path is {path}, and current_app is {name}"
        )

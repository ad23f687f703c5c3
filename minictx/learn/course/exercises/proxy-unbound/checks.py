from contextvars import Context, ContextVar
from types import SimpleNamespace

import pytest
from local import Local
from proxy import LocalProxy
from stack import LocalStack

from minictx.stage import run

MESSAGE = "no request here: push one"


def make(source, name=None, **options):
    try:
        return LocalProxy(source, name, **options)
    except TypeError as error:
        pytest.fail(
            f"LocalProxy(source, name, unbound_message=...) raised TypeError: {error}: which"
            " arguments does __init__ take?"
        )


def find(proxy, what):
    """Return what a proxy finds; it must find something."""
    try:
        return proxy._get_current_object()
    except Exception as error:
        pytest.fail(
            f"{what} raised {type(error).__name__}: {error}: there is something to find"
        )


def message_of(proxy, what):
    """Return the message of a proxy that finds nothing."""
    try:
        found = proxy._get_current_object()
    except RuntimeError as error:
        return str(error)
    except Exception as error:
        pytest.fail(
            f"{what} raised {type(error).__name__}: {error}: a RuntimeError with the"
            " unbound_message would say what to do"
        )
    pytest.fail(
        f"{what} returned {found!r}: using that raises an error about {type(found).__name__},"
        " and not about what is missing"
    )


SOURCES = {
    "a Local": (Local, "user"),
    "a LocalStack": (LocalStack, None),
    "a LocalStack and a name": (LocalStack, "request"),
    "a ContextVar": (lambda: ContextVar("var"), None),
    "a ContextVar and a name": (lambda: ContextVar("var"), "request"),
}


@pytest.mark.parametrize("kind", SOURCES)
def test_where_nothing_is_current_the_error_says_what_to_do(kind):
    source, name = SOURCES[kind]
    proxy = make(source(), name, unbound_message=MESSAGE)
    told = message_of(proxy, f"a proxy to {kind}, with nothing current,")
    assert told == MESSAGE, (
        f"a proxy to {kind}, with nothing current, raised RuntimeError: {told!r}; its"
        f" unbound_message is {MESSAGE!r}"
    )


def test_there_is_a_message_for_those_who_gave_none():
    told = message_of(make(Local(), "user"), "a proxy without unbound_message")
    assert told not in ("", "None"), (
        f"a proxy without unbound_message raised RuntimeError: {told!r}: give it a default"
    )


def test_what_is_on_top_is_found():
    stack = LocalStack()
    request = make(stack, "request", unbound_message=MESSAGE)
    stack.push(SimpleNamespace(request="GET /"))
    found = find(request, "a proxy to the `request` of a LocalStack's top")
    assert found == "GET /", f"stack.top.request is 'GET /', and the proxy found {found!r}"
    stack.push(0)
    found = find(make(stack), "a proxy to a LocalStack, after push(0),")
    assert found == 0, f"stack.top is 0, and a proxy to the stack found {found!r}"


def test_the_value_of_a_context_var_is_found():
    var = ContextVar("var")

    def in_a_context_of_its_own():
        var.set(SimpleNamespace(request="GET /"))
        request = make(var, "request", unbound_message=MESSAGE)
        return find(request, "a proxy to the `request` of a ContextVar's value")

    found = Context().run(in_a_context_of_its_own)
    assert found == "GET /", f"var.get().request is 'GET /', and the proxy found {found!r}"


def test_a_name_with_a_function_is_an_attribute_of_what_it_returns():
    request = make(lambda: SimpleNamespace(path="/shop"), "path")
    found = find(request, "LocalProxy(function, 'path')")
    assert found == "/shop", f"function().path is '/shop', and the proxy found {found!r}"


def test_a_missing_attribute_of_what_is_current_is_no_unbound_proxy():
    stack = LocalStack()
    stack.push("a context without a request")
    try:
        found = make(stack, "request", unbound_message=MESSAGE)._get_current_object()
    except AttributeError:
        return
    except RuntimeError:
        found = "the unbound_message"
    assert found is None and found is not None, (
        f"something is on the stack, which has no `request`, and the answer was {found}: it is"
        " an AttributeError, and the unbound_message would mislead"
    )


def test_an_error_of_a_function_is_not_hidden():
    def broken():
        return {}["a mistake in the function"]

    try:
        make(broken, unbound_message=MESSAGE)._get_current_object()
    except KeyError:
        return
    except RuntimeError:
        pytest.fail(
            "a function with a mistake in it raised KeyError, and the proxy turned that into"
            " the unbound_message: it hides the mistake"
        )


def test_an_unbound_proxy_can_be_looked_at():
    user = make(Local(), "user")
    shown = []
    for function in (repr, bool, dir):
        try:
            shown.append(function(user))
        except RuntimeError:
            pytest.fail(
                f"{function.__name__}() of an unbound proxy raised RuntimeError: debuggers and"
                f" `if user:` need an answer"
            )
    assert shown[0] == "<LocalProxy unbound>", f"repr() of an unbound proxy is {shown[0]!r}"
    assert shown[1] is False, "bool() of an unbound proxy is True"
    assert shown[2] == [], f"dir() of an unbound proxy is {shown[2]!r}"


def test_all_else_raises():
    user = make(Local(), "user", unbound_message=MESSAGE)
    for function in (str, len, hash):
        try:
            got = function(user)
        except RuntimeError:
            continue
        pytest.fail(f"{function.__name__}() of an unbound proxy is {got!r}: there is nothing")


def test_a_proxy_is_bound_in_one_thread_and_unbound_in_another():
    local = Local()
    user = make(local, "user")

    def t1():
        local.user = "alice"
        yield
        return repr(user)

    def t2():
        return repr(user)
        yield

    order = "T1 T2 T1"
    shown = run(order, T1=t1, T2=t2).returned
    assert shown["T2"] == "<LocalProxy unbound>", (
        f"T1 stored a user at step 1 of {order!r}; at step 2, T2 saw {shown['T2']!r}"
    )
    assert shown["T1"] == "'alice'", (
        f"T1 stored 'alice' at step 1 of {order!r}, and at step 3 repr(user) is {shown['T1']!r}"
    )

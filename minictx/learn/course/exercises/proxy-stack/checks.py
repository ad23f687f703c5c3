from types import SimpleNamespace

import pytest
from proxy import LocalProxy
from stack import LocalStack

from minictx.stage import run


def call(stack, *name, **options):
    try:
        return stack(*name, **options)
    except (TypeError, AttributeError, RuntimeError) as error:
        written = ", ".join([*map(repr, name), *(f"{key}=..." for key in options)])
        pytest.fail(f"stack({written}) raised {type(error).__name__}: {error}")


def told_by(proxy):
    """Return what an unbound proxy says."""
    try:
        return f"nothing, and gave {str(proxy)!r}"
    except RuntimeError as error:
        return repr(str(error))


def context(path):
    return SimpleNamespace(request=path)


def test_a_stack_makes_a_proxy_to_its_top():
    stack = LocalStack()
    top = call(stack)
    stack.push("outer")
    assert type(top) is LocalProxy, f"stack() is {top!r}: it must be a LocalProxy"
    found = str(top) if repr(top) != "<LocalProxy unbound>" else "unbound"
    assert found == "outer", f"top = stack(), push('outer'), and top is {found}"


def test_the_name_follows_what_is_on_top():
    stack = LocalStack()
    top = call(stack)
    seen = []
    stack.push("outer")
    seen.append(str(top))
    stack.push("inner")
    seen.append(str(top))
    stack.pop()
    seen.append(str(top))
    assert seen == ["outer", "inner", "outer"], (
        "top = stack(); after push('outer'), push('inner') and pop(), str(top) was"
        f" {', '.join(seen)}"
    )


def test_a_name_stands_for_an_attribute_of_the_top():
    stack = LocalStack()
    request = call(stack, "request")
    stack.push(context("/outer"))
    seen = [str(request)]
    stack.push(context("/inner"))
    seen.append(str(request))
    assert "namespace" not in seen[0], (
        "stack('request') stands for the top item, not for its attribute `request`"
    )
    assert seen == ["/outer", "/inner"], (
        f"request = stack('request'); with two contexts pushed, it was {', '.join(seen)}"
    )


def test_an_unbound_proxy_has_the_message_that_was_given():
    stack = LocalStack()
    told = told_by(call(stack, unbound_message="push one"))
    assert told == "'push one'", (
        f"stack(unbound_message='push one'), and with nothing on the stack it said {told}"
    )
    told = told_by(call(stack, "request", unbound_message="push one"))
    assert told == "'push one'", (
        "stack('request', unbound_message='push one'), and with nothing on the stack it said"
        f" {told}"
    )


def test_an_item_that_is_false_is_current():
    stack = LocalStack()
    top = call(stack)
    stack.push(0)
    told = told_by(top)
    assert told == "nothing, and gave '0'", f"stack.top is 0, and the proxy stack() said {told}"


def test_a_call_pushes_and_pops_nothing():
    stack = LocalStack()
    stack.push("outer")
    call(stack)
    items = list(stack)
    assert items == ["outer"], (
        f"'outer' was pushed, stack() was called, and now it is {items!r}"
    )


def test_each_thread_finds_its_own():
    stack = LocalStack()
    request = call(stack, "request")

    def thread(path):
        def actor():
            stack.push(context(path))
            yield
            return str(request)

        return actor

    order = "T1 T2 T1 T2"
    found = run(order, T1=thread("/shop"), T2=thread("/blog")).returned
    assert found == {"T1": "/shop", "T2": "/blog"}, (
        f"T1 pushed the request '/shop', T2 '/blog', and in {order!r}, request was"
        f" {found['T1']!r} in T1, and {found['T2']!r} in T2"
    )

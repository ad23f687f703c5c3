from types import SimpleNamespace

import pytest
from contexts import AppContext, RequestContext, _app_ctx_stack, _request_ctx_stack
from framework_signals import order, ordered, write_orders
from local import release_local
from proxy import LocalProxy

from minictx.stage import run


class App:
    """What the contexts need of an app."""

    def __init__(self, name):
        self.name = name
        self.teardown_request_funcs = []
        self.teardown_appcontext_funcs = []

    def __repr__(self):
        return f"<the app {self.name}>"


@pytest.fixture(autouse=True)
def nothing_is_left():
    yield
    ordered._clear_state()  # blinker has it for tests: nobody is connected any more
    release_local(_app_ctx_stack)
    release_local(_request_ctx_stack)


def listen(app, lines):
    """Call write_orders with no app current."""
    try:
        write_orders(app, lines)
    except RuntimeError as error:
        raise AssertionError(
            "write_orders(app, lines) was called with no app current, and raised RuntimeError:"
            " it is given the app, so it need not look for it"
        ) from error


def test_the_sender_is_the_app():
    shop, sent = App("shop"), []

    def receiver(sender, **details):
        sent.append((sender, details))

    ordered.connect(receiver)  # to all senders
    with AppContext(shop):
        try:
            order("tart")
        except Exception as error:
            raise AssertionError(
                f"order('tart') was called in the app shop, and raises {error!r}"
            ) from error
    assert sent, "order('tart') was called in the app shop, and no signal was sent"
    assert len(sent) == 1, f"order('tart') was called once, and sent {len(sent)} signals"
    sender, details = sent[0]
    assert type(sender) is not LocalProxy, (
        "order('tart') was called in the app shop, and the sender of the signal is a proxy: a"
        " receiver connected to shop itself hears nothing. Is a proxy the same object as the"
        " app that it stands for? (There are two faults; this one is checked first.)"
    )
    assert sender is shop, (
        "order('tart') was called in the app shop, and the sender of the signal is not this"
        f" very object, but {sender!r}, of the class {type(sender).__name__}: a receiver"
        " connected to shop itself hears nothing"
    )
    assert details == {"cake": "tart"}, (
        f"order('tart') sent its signal with {details!r}: the receivers expect cake='tart'"
    )


def test_the_receiver_stays_connected():
    shop = App("shop")
    listen(shop, [])
    assert ordered.receivers, (
        "write_orders(shop, lines) has returned, and no receiver is left: what refers to the"
        " function `write` now?"
    )


def test_a_line_is_written_for_each_order():
    shop, lines = App("shop"), []
    listen(shop, lines)
    with AppContext(shop):
        order("tart")
        order("pie")
    assert lines, (
        "write_orders(shop, lines) was called, then order('tart') in the app shop. A receiver"
        " is connected, but no line was written: to which sender is it connected?"
    )
    assert lines == ["shop: tart, at no request", "shop: pie, at no request"], (
        f"after order('tart') and order('pie') in the app shop, lines is {lines!r}"
    )


def test_a_receiver_sees_the_request_of_the_order():
    shop, lines = App("shop"), []
    listen(shop, lines)
    with RequestContext(shop, SimpleNamespace(path="/cakes")):
        order("tart")
    assert lines == ["shop: tart, at /cakes"], (
        f"after order('tart') in a request for /cakes, lines is {lines!r}"
    )


def test_a_second_list_leaves_the_first_connected():
    shop, first, second = App("shop"), [], []
    listen(shop, first)
    listen(shop, second)
    with AppContext(shop):
        order("tart")
    assert len(second) == 1, (
        "write_orders(shop, first), then write_orders(shop, second), then one order: in"
        f" `second` there are {len(second)} lines"
    )
    assert first, (
        "write_orders(shop, first), then write_orders(shop, second), then one order: it is"
        " written to `second` only. What still refers to the first receiver?"
    )
    assert len(first) == 1, (
        "write_orders(shop, first), then write_orders(shop, second), then one order: it is"
        f" written to `first` {len(first)} times"
    )


def test_each_app_has_its_own_orders():
    lines = {"shop": [], "bakery": []}

    def customer(name):
        app = App(name)
        listen(app, lines[name])

        def actor():
            with RequestContext(app, SimpleNamespace(path="/cakes")):
                yield
                order("tart")

        return actor

    sequence = "T1 T2 T1 T2"
    run(sequence, T1=customer("shop"), T2=customer("bakery"))
    assert lines == {
        "shop": ["shop: tart, at /cakes"],
        "bakery": ["bakery: tart, at /cakes"],
    }, (
        f"T1 ordered from the shop at step 3 of {sequence!r}, T2 from the bakery at step 4."
        f" Now the shop's list is {lines['shop']!r}, the bakery's {lines['bakery']!r}: all"
        " threads and all apps send one and the same signal"
    )

import operator

import pytest
from local import Local
from proxy import LocalProxy

from minictx.stage import run


def noting(sign):
    def method(self, other):
        self.done.append((sign, other))
        return self

    return method


class Noting:
    """Notes what is done to it in place."""

    def __init__(self):
        self.done = []

    __iadd__, __isub__, __imul__ = noting("+="), noting("-="), noting("*=")
    __itruediv__, __imod__, __ior__ = noting("/="), noting("%="), noting("|=")


SIGNS = {
    "+=": operator.iadd,
    "-=": operator.isub,
    "*=": operator.imul,
    "/=": operator.itruediv,
    "%=": operator.imod,
    "|=": operator.ior,
}


def test_the_name_is_still_a_proxy():
    cart = proxy = LocalProxy(lambda: ["tea"])
    cart += ["cake"]
    assert cart is not None, (
        "after cart += ['cake'], cart is None: Python assigns what __iadd__ returns"
    )
    assert type(cart) is LocalProxy, (
        f"after cart += ['cake'], cart is a {type(cart).__name__} and no longer a proxy: all"
        " threads would share this one's cart. Python assigns what __iadd__ returns"
    )
    assert cart is proxy, "after cart += ['cake'], cart is another proxy: it must be the same"


def test_the_object_is_changed():
    items = ["tea"]
    cart = LocalProxy(lambda: items)
    cart += ["cake"]
    assert items != ["tea"], (
        "after cart += ['cake'], the list behind cart has no cake: `items + [...]` makes a new"
        " list, and `items += [...]` changes the old one"
    )
    assert items == ["tea", "cake"], f"after cart += ['cake'], the list behind it is {items!r}"


@pytest.mark.parametrize("sign", SIGNS)
def test_each_operator_does_its_own(sign):
    target = Noting()
    proxy = LocalProxy(lambda: target)
    try:
        left = SIGNS[sign](proxy, 2)
    except TypeError as error:
        pytest.fail(f"p {sign} 2 raised TypeError: {error}: this operator is missing")
    assert target.done == [(sign, 2)], (
        f"p {sign} 2 did this to the object: {target.done}: it should be the same operator,"
        " once"
    )
    assert left is proxy, f"after p {sign} 2, p is no longer the same proxy"


def test_a_number_cannot_be_changed():
    count = LocalProxy(lambda: 7)
    count += 1
    assert type(count) is LocalProxy, (
        "count stands for 7, and after count += 1 it is not a proxy"
    )
    assert count == 7, (
        f"count stands for a function's 7; after count += 1 it is {count!r}: an int never"
        " changes, and the function still returns the same one"
    )


@pytest.mark.parametrize("sign", SIGNS)
def test_a_number_is_left_alone_by_each_operator(sign):
    count = LocalProxy(lambda: 7)
    left = SIGNS[sign](count, 2)
    assert left is count, (
        f"count stands for 7, and after count {sign} 2 it is no longer the proxy"
    )


def test_each_thread_has_its_own_cart():
    local = Local()
    carts = {"cart": LocalProxy(local, "cart")}

    def thread(item):
        def actor():
            local.cart = []
            yield
            carts["cart"] += [item]
            yield
            return list(carts["cart"])

        return actor

    order = "T1 T2 T1 T2 T1 T2"
    found = run(order, T1=thread("tea"), T2=thread("cake")).returned
    assert found == {"T1": ["tea"], "T2": ["cake"]}, (
        f"T1 did cart += ['tea'], T2 cart += ['cake'], and at the end of {order!r} T1 has"
        f" {found['T1']!r}, T2 {found['T2']!r}"
    )

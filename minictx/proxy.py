"""LocalProxy: an object that stands for whatever is current at the moment of use.

``from flask import request`` is executed once, long before there is a request. What it
imports can therefore not be the request: it is a proxy. Each time something is done to it,
it finds the current object, and does that to the object.
"""

from __future__ import annotations

import copy
import math
import operator as op
from collections.abc import Callable
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Generic, NoReturn, Protocol, TypeVar

__all__ = ["LocalProxy"]

T = TypeVar("T")

Method = Callable[..., Any]


class Source(Protocol):
    """What a `Local` and a `LocalStack` have, so that a proxy can stand for what is in them."""

    def __resolver__(self, name: str | None, unbound_message: str | None) -> Callable[[], Any]:
        """Return a function that finds the current object, or raises RuntimeError."""


def _resolver(source: Any, name: str | None, unbound_message: str | None) -> Callable[[], Any]:
    # Not hasattr(source, ...): a Local may have an attribute of any name, a proxy forwards.
    if hasattr(type(source), "__resolver__"):
        resolver: Callable[[], Any] = source.__resolver__(name, unbound_message)
        return resolver
    if isinstance(source, ContextVar):
        find = _contextvar_resolver(source, unbound_message)
    elif callable(source):
        find = source
    else:
        raise TypeError(
            f"cannot proxy {source!r}: pass a Local, a LocalStack, a ContextVar or a"
            " function that returns the object"
        )
    if name is None:
        return find
    get = op.attrgetter(name)
    return lambda: get(find())


def _contextvar_resolver(var: ContextVar[T], unbound_message: str | None) -> Callable[[], T]:
    message = unbound_message or (
        f"the ContextVar {var.name!r} has no value in this context: set() it here first"
    )

    def resolve() -> T:
        try:
            return var.get()
        except LookupError:
            raise RuntimeError(message) from None

    return resolve


# An expression like `proxy + 1` looks for __add__ on the type of the proxy, and never asks
# __getattr__. So LocalProxy needs each such method, and all of them do the same: get the
# current object, and call the function that does to an object what the method is for.


def _unary(function: Callable[[Any], Any]) -> Method:
    def method(self: LocalProxy[Any]) -> Any:
        return function(self._get_current_object())

    return method


def _binary(function: Callable[[Any, Any], Any]) -> Method:
    def method(self: LocalProxy[Any], other: Any) -> Any:
        return function(self._get_current_object(), other)

    return method


def _reflected(function: Callable[[Any, Any], Any]) -> Method:
    def method(self: LocalProxy[Any], other: Any) -> Any:
        return function(other, self._get_current_object())

    return method


def _in_place(function: Callable[[Any, Any], Any]) -> Method:
    def method(self: LocalProxy[Any], other: Any) -> Any:
        function(self._get_current_object(), other)
        return self  # `p += x` assigns what this returns to p, and p must stay a proxy

    return method


def _operator(
    function: Callable[[Any, Any], Any], in_place: Callable[[Any, Any], Any]
) -> tuple[Method, Method, Method]:
    return _binary(function), _reflected(function), _in_place(in_place)


def _call(function: Callable[..., Any]) -> Method:
    def method(self: LocalProxy[Any], /, *args: Any, **kwargs: Any) -> Any:
        return function(self._get_current_object(), *args, **kwargs)

    return method


def _apply(self: LocalProxy[Any], /, *args: Any, **kwargs: Any) -> Any:
    return self._get_current_object()(*args, **kwargs)


def _unless_unbound(
    function: Callable[[Any], Any], unbound: Callable[[LocalProxy[Any]], Any]
) -> Method:
    def method(self: LocalProxy[Any]) -> Any:
        try:
            obj = self._get_current_object()
        except RuntimeError:
            return unbound(self)
        return function(obj)

    return method


class _Attribute:
    """An attribute of the current object, where the proxy's class has one of that name too.

    So ``isinstance(user, str)``, which looks at ``user.__class__``, sees the object's class.
    """

    def __init__(self, unbound: Callable[[LocalProxy[Any]], Any], of_class: Any = None) -> None:
        self._unbound, self._of_class = unbound, of_class

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name
        self._get = _unless_unbound(op.attrgetter(name), self._unbound)

    def __get__(self, proxy: LocalProxy[Any] | None, owner: type) -> Any:
        if proxy is not None:
            return self._get(proxy)
        if self._of_class is None:
            raise AttributeError(f"type object {owner.__name__!r} has no {self._name!r}")
        return self._of_class


class LocalProxy(Generic[T]):
    """A proxy for the object that is current, wherever that is found.

    >>> from minictx import Local, LocalProxy, LocalStack
    >>> local, stack = Local(), LocalStack()
    >>> user = LocalProxy(local, "user")
    >>> local.user = "alice"
    >>> user.upper(), user + "!", len(user), isinstance(user, str)
    ('ALICE', 'alice!', 5, True)
    >>> local.user = "bob"
    >>> user
    'bob'

    ``source`` is a `Local` (then ``name`` is needed), a `LocalStack` (its top item), a
    ContextVar (its value) or a function (what it returns). With ``name``, the proxy stands
    for that attribute of what was found.

    >>> top = LocalProxy(stack)
    >>> top
    <LocalProxy unbound>
    >>> len(top)
    Traceback (most recent call last):
    RuntimeError: the stack of this greenlet or thread is empty: push something here first

    A proxy of a str or an int cannot change it: ``proxy += x`` leaves the object as it was.
    And code written in C, as in json, may look at the type, and see a LocalProxy.

    The error's text can be chosen with ``unbound_message``. To hand the object itself to
    someone else, such as another thread, call ``proxy._get_current_object()``. A type
    checker cannot see what will be found: annotate it, ``user: LocalProxy[User] = ...``.
    """

    __slots__ = ("__wrapped", "_get_current_object")

    __wrapped: object
    _get_current_object: Callable[[], T]

    def __init__(
        self,
        source: Source | ContextVar[Any] | Callable[[], Any],
        name: str | None = None,
        *,
        unbound_message: str | None = None,
    ) -> None:
        # Not `self.x = ...`: __setattr__ would forward it to an object that is not there.
        object.__setattr__(self, "_LocalProxy__wrapped", source)
        object.__setattr__(
            self, "_get_current_object", _resolver(source, name, unbound_message)
        )

    def __class_getitem__(cls, item: object) -> type[LocalProxy[Any]]:
        # LocalProxy[int] is for type checkers. typing's own answer would set an attribute on
        # each proxy that it makes, which is forwarded to an object that may not be there.
        return cls

    # fmt: off
    # What Python shows of an object, with an answer even where there is none.
    __doc__     = _Attribute(lambda proxy: type(proxy).__doc__, __doc__)
    __class__   = _Attribute(type)
    __wrapped__ = _Attribute(lambda proxy: proxy.__wrapped)
    __repr__    = _unless_unbound(repr, lambda proxy: f"<{type(proxy).__name__} unbound>")
    __bool__    = _unless_unbound(op.truth, lambda proxy: False)
    __dir__     = _unless_unbound(dir, lambda proxy: [])

    # Attributes and calls.
    if TYPE_CHECKING:
        def __getattr__(self, name: str) -> Any: ...
    __getattr__       = _binary(getattr)
    __setattr__       = _call(setattr)
    __delattr__       = _binary(delattr)
    __call__          = _apply
    __instancecheck__ = _binary(lambda obj, other: isinstance(other, obj))
    __subclasscheck__ = _binary(lambda obj, other: issubclass(other, obj))

    # Conversions.
    __str__     = _unary(str)
    __bytes__   = _unary(bytes)
    __format__  = _binary(format)
    __hash__    = _unary(hash)
    __complex__ = _unary(complex)
    __int__     = _unary(int)
    __float__   = _unary(float)
    __index__   = _unary(op.index)
    __round__   = _call(round)
    __trunc__   = _unary(math.trunc)
    __floor__   = _unary(math.floor)
    __ceil__    = _unary(math.ceil)

    # Containers and iterators.
    __len__         = _unary(len)
    __length_hint__ = _unary(op.length_hint)
    __getitem__     = _binary(op.getitem)
    __setitem__     = _call(op.setitem)
    __delitem__     = _binary(op.delitem)
    __contains__    = _binary(op.contains)
    __iter__        = _unary(iter)
    __next__        = _unary(next)
    __reversed__    = _unary(reversed)

    # Comparisons: each is the reflected form of another, as for any object.
    __lt__ = _binary(op.lt)
    __le__ = _binary(op.le)
    __eq__ = _binary(op.eq)
    __ne__ = _binary(op.ne)
    __gt__ = _binary(op.gt)
    __ge__ = _binary(op.ge)

    # Operators: proxy + x, x + proxy, proxy += x.
    __neg__    = _unary(op.neg)
    __pos__    = _unary(op.pos)
    __abs__    = _unary(abs)
    __invert__ = _unary(op.invert)
    __add__,      __radd__,      __iadd__      = _operator(op.add, op.iadd)
    __sub__,      __rsub__,      __isub__      = _operator(op.sub, op.isub)
    __mul__,      __rmul__,      __imul__      = _operator(op.mul, op.imul)
    __matmul__,   __rmatmul__,   __imatmul__   = _operator(op.matmul, op.imatmul)
    __truediv__,  __rtruediv__,  __itruediv__  = _operator(op.truediv, op.itruediv)
    __floordiv__, __rfloordiv__, __ifloordiv__ = _operator(op.floordiv, op.ifloordiv)
    __mod__,      __rmod__,      __imod__      = _operator(op.mod, op.imod)
    __lshift__,   __rlshift__,   __ilshift__   = _operator(op.lshift, op.ilshift)
    __rshift__,   __rrshift__,   __irshift__   = _operator(op.rshift, op.irshift)
    __and__,      __rand__,      __iand__      = _operator(op.and_, op.iand)
    __xor__,      __rxor__,      __ixor__      = _operator(op.xor, op.ixor)
    __or__,       __ror__,       __ior__       = _operator(op.or_, op.ior)
    __divmod__,   __rdivmod__                  = _binary(divmod), _reflected(divmod)
    __rpow__,     __ipow__                     = _reflected(pow), _in_place(op.ipow)
    __pow__                                    = _call(pow)  # pow(proxy, 2, 10) has three

    # with, await, async with, async for; copies.
    __enter__    = _unary(lambda obj: obj.__enter__())
    __exit__     = _call(lambda obj, *error: obj.__exit__(*error))
    __await__    = _unary(lambda obj: obj.__await__())
    __aiter__    = _unary(lambda obj: obj.__aiter__())
    __anext__    = _unary(lambda obj: obj.__anext__())
    __aenter__   = _unary(lambda obj: obj.__aenter__())
    __aexit__    = _call(lambda obj, *error: obj.__aexit__(*error))
    __copy__     = _unary(copy.copy)
    __deepcopy__ = _binary(copy.deepcopy)
    # fmt: on

    # Not forwarded:
    # - __new__, __init__, __del__, __slots__: they make and unmake the proxy itself.
    # - __getattribute__, __missing__, __dict__, __weakref__, __class_getitem__: the object's
    #   own is reached through __getattr__ and __getitem__ above.
    # - __get__, __set__, __delete__, __set_name__: a proxy in a class body is not a descriptor,
    #   even where its object is one.
    # - __init_subclass__, __prepare__, __mro_entries__: a class cannot inherit from what is
    #   current.
    # - __reduce_ex__ and the rest of pickle: another process has another current object.

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError(
            "cannot pickle a LocalProxy: it stands for what is current here, and now;"
            " pickle proxy._get_current_object()"
        )

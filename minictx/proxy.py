"""LocalProxy: an object that stands for what is current at the moment of use.

``from flask import request`` runs once, long before there is a request. So what it imports
cannot be the request: it is a proxy. Each time something is done to the proxy, it finds the
current object, and does that to the object.
"""

from __future__ import annotations

import copy
import math
import operator as op
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from typing import Any, Generic, NoReturn, Protocol, TypeVar

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
        return source.__resolver__(name, unbound_message)  # type: ignore[no-any-return]
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
# __getattribute__. So LocalProxy needs each such method, and all of them do the same: get the
# current object, and call the function that does to an object what the method is for.


def _unary(function: Callable[[Any], Any]) -> Method:
    def method(self: LocalProxy[Any]) -> Any:
        return function(_finder(self)())

    return method


def _binary(function: Callable[[Any, Any], Any]) -> Method:
    def method(self: LocalProxy[Any], other: Any) -> Any:
        return function(_finder(self)(), other)

    return method


def _reflected(function: Callable[..., Any]) -> Method:
    def method(self: LocalProxy[Any], other: Any, *modulo: Any) -> Any:
        # Only pow has a third argument: since Python 3.14, pow(2, proxy, 7) comes here.
        return function(other, _finder(self)(), *modulo)

    return method


def _in_place(function: Callable[[Any, Any], Any]) -> Method:
    def method(self: LocalProxy[Any], other: Any) -> Any:
        function(_finder(self)(), other)
        return self  # `p += x` assigns what this returns to p, and p must stay a proxy

    return method


def _operator(
    function: Callable[[Any, Any], Any], in_place: Callable[[Any, Any], Any]
) -> tuple[Method, Method, Method]:
    return _binary(function), _reflected(function), _in_place(in_place)


def _call(function: Callable[..., Any]) -> Method:
    def method(self: LocalProxy[Any], /, *args: Any, **kwargs: Any) -> Any:
        return function(_finder(self)(), *args, **kwargs)

    return method


def _apply(self: LocalProxy[Any], /, *args: Any, **kwargs: Any) -> Any:
    return _finder(self)()(*args, **kwargs)


def _unless_unbound(
    function: Callable[[Any], Any],
    unbound: Callable[[LocalProxy[Any]], Any],
    error: type[Exception] = RuntimeError,
) -> Method:
    def method(self: LocalProxy[Any]) -> Any:
        try:
            obj = _finder(self)()
        except error:
            return unbound(self)
        return function(obj)

    return method


class _Block:
    """A method of ``with`` or ``async with``: the one that the current object has.

    Python looks up both, the way in and the way out, before it enters the block. So it
    leaves the object that it entered, even if another is current by then. And it does not
    enter an object that it could not leave.
    """

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, proxy: LocalProxy[Any] | None, owner: type) -> Any:
        if proxy is None:  # asked of the class, as contextlib.ExitStack does
            return lambda proxy, *error: self.__get__(proxy, owner)(*error)
        return getattr(_finder(proxy)(), self._name)


class LocalProxy(Generic[T]):
    """A proxy for the object that is current.

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

    A str or an int cannot be changed through a proxy: ``proxy += x`` leaves the object as it
    was. And code that is written in C, such as json, may look at the type and see a LocalProxy.

    ``unbound_message`` is the text of that error. To hand the object itself to other code, such
    as another thread, call ``proxy._get_current_object()``. A type checker cannot see what will
    be found: annotate it, ``user: LocalProxy[User] = ...``.
    """

    __slots__ = ("__wrapped", "_get_current_object")

    _get_current_object: Callable[[], T]

    def __init__(
        self,
        source: Source | ContextVar[Any] | Callable[[], Any],
        name: str | None = None,
        *,
        unbound_message: str | None = None,
    ) -> None:
        # Not `self.x = ...`: __setattr__ would forward it to an object that is not there.
        find = _resolver(source, name, unbound_message)
        object.__setattr__(self, "_get_current_object", find)
        object.__setattr__(self, "_LocalProxy__wrapped", source)

    def __class_getitem__(cls, item: object) -> type[LocalProxy[Any]]:
        # LocalProxy[int] is for type checkers. typing's own answer would set an attribute on
        # each proxy that it makes, which is forwarded to an object that may not be there.
        return cls

    def __getattribute__(self, name: str) -> Any:
        """Read an attribute of the current object, even one that the proxy's class has too.

        So ``isinstance(user, str)``, which looks at ``user.__class__``, sees the object's. And
        ``hasattr(user, "__await__")`` tells whether the object has it.
        """
        if name in _OWN:
            return object.__getattribute__(self, name)
        if type(self) is not LocalProxy and not name.startswith("__"):
            with suppress(AttributeError):  # what a subclass adds
                return object.__getattribute__(self, name)
        try:
            obj = _finder(self)()
        except RuntimeError:
            if name not in _SHOWN:
                raise
            return _SHOWN[name](self)
        return getattr(obj, name)

    # fmt: off
    # These have an answer even while the proxy is unbound. What a log or a debugger shows has
    # one even if looking for the object fails.
    __bool__ = _unless_unbound(op.truth, lambda self: False)
    __repr__ = _unless_unbound(repr, lambda self: f"<{type(self).__name__} unbound>", Exception)
    __dir__  = _unless_unbound(dir, lambda self: [], Exception)

    # Attributes and calls.
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

    # with, async with, await, async for; copies.
    __enter__    = _Block()
    __exit__     = _Block()
    __aenter__   = _Block()
    __aexit__    = _Block()
    __await__    = _unary(lambda obj: obj.__await__())
    __aiter__    = _unary(lambda obj: obj.__aiter__())
    __anext__    = _unary(lambda obj: obj.__anext__())
    __copy__     = _unary(copy.copy)
    __deepcopy__ = _binary(copy.deepcopy)
    # fmt: on

    # Not forwarded:
    # - __new__, __init__, __del__, __slots__: they make and unmake the proxy itself.
    # - __missing__, __dict__, __weakref__, __class_getitem__: the object's own is reached
    #   through __getattribute__ and __getitem__.
    # - __get__, __set__, __delete__, __set_name__: a proxy in a class body is not a descriptor,
    #   even where its object is one.
    # - __init_subclass__, __prepare__, __mro_entries__: a class cannot inherit from what is
    #   current.
    # - __fspath__, __buffer__: every proxy would be taken for a path, or for bytes, by code
    #   that looks at the type. Pass str(proxy) or bytes(proxy).
    # - __reduce_ex__ and the rest of pickle: another process has another current object.
    # - contextlib.ExitStack gets its way out from the class, and leaves the object that is
    #   current then. Enter proxy._get_current_object() there.

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError(
            "cannot pickle a LocalProxy: it stands for what is current here, and now;"
            " pickle proxy._get_current_object()"
        )


# `_finder(proxy)` is `proxy._get_current_object`, read from its slot without the detour through
# __getattribute__, which every operation on every proxy would pay for.
_finder: Callable[[Any], Callable[[], Any]] = vars(LocalProxy)["_get_current_object"].__get__

# What each proxy has of its own. (copy.deepcopy asks the instance, not the class.)
_OWN = frozenset({"_get_current_object", "__deepcopy__", "__reduce_ex__"})


# What tools that show an object read, and what they find while the proxy is unbound.
_SHOWN: dict[str, Callable[[LocalProxy[Any]], Any]] = {
    "__class__": type,
    "__doc__": lambda proxy: type(proxy).__doc__,
    "__module__": lambda proxy: type(proxy).__module__,
    "__wrapped__": lambda proxy: object.__getattribute__(proxy, "_LocalProxy__wrapped"),
}

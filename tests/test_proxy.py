"""LocalProxy beside the plain object, and beside werkzeug's where that is installed."""

from __future__ import annotations

import asyncio
import copy
import inspect
import math
import operator as op
import os
import pickle
import pydoc
import typing
from collections import defaultdict
from collections.abc import Callable, Coroutine, Generator, Iterator
from contextlib import ExitStack
from contextvars import ContextVar, copy_context
from decimal import Decimal
from functools import partial, wraps
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Generic, NamedTuple, TypeVar

import pytest

import minictx
from minictx import Local, LocalProxy, LocalStack, release_local
from tests.actors import actor_kinds

try:
    import werkzeug.local as werkzeug
except ImportError:
    werkzeug = None  # type: ignore[assignment]

needs_werkzeug = pytest.mark.skipif(werkzeug is None, reason="werkzeug is not installed")

# Many tests below run on either library: both have a Local, a LocalStack and a LocalProxy.
each_library = pytest.mark.parametrize(
    "library",
    [minictx, pytest.param(werkzeug, marks=needs_werkzeug)],
    ids=["minictx", "werkzeug"],
)


# What is forwarded


T = TypeVar("T")


class OfEveryClass(Generic[T]):
    """What the class statement itself puts into a class like LocalProxy."""

    __slots__ = ("_slot",)
    _slot: T

    def __init__(self) -> None: ...


# The class has one method to read all attributes; werkzeug's has a name for each of these.
READ = {"__getattr__", "__class__", "__doc__", "__wrapped__"}
NOT_FORWARDED = {
    "_LocalProxy__wrapped",
    "_get_current_object",
    "__getattribute__",
    "__class_getitem__",
    "__reduce_ex__",
    *vars(OfEveryClass),
}
FORWARDED = set(vars(LocalProxy)) - NOT_FORWARDED | READ
WITH_FALLBACK = {"__doc__", "__class__", "__wrapped__", "__repr__", "__bool__", "__dir__"}

# name: (x + y, x += y), where the first is tried as y + x, too
OPERATORS: dict[str, tuple[Callable[[Any, Any], Any], Callable[[Any, Any], Any] | None]] = {
    "add": (op.add, op.iadd),
    "sub": (op.sub, op.isub),
    "mul": (op.mul, op.imul),
    "matmul": (op.matmul, op.imatmul),
    "truediv": (op.truediv, op.itruediv),
    "floordiv": (op.floordiv, op.ifloordiv),
    "mod": (op.mod, op.imod),
    "divmod": (divmod, None),
    "pow": (op.pow, op.ipow),
    "lshift": (op.lshift, op.ilshift),
    "rshift": (op.rshift, op.irshift),
    "and": (op.and_, op.iand),
    "xor": (op.xor, op.ixor),
    "or": (op.or_, op.ior),
}
IN_PLACE = {f"__i{name}__": in_place for name, (_, in_place) in OPERATORS.items() if in_place}
UNARY: dict[str, Callable[[Any], Any]] = {
    "__neg__": op.neg,
    "__pos__": op.pos,
    "__abs__": abs,
    "__invert__": op.invert,
    "__round__": round,
    "__trunc__": math.trunc,
    "__floor__": math.floor,
    "__ceil__": math.ceil,
}
# name: (x < y, y > x), both of which ask x for __lt__
COMPARISONS: dict[str, tuple[Callable[[Any, Any], Any], Callable[[Any, Any], Any]]] = {
    "__lt__": (op.lt, op.gt),
    "__le__": (op.le, op.ge),
    "__eq__": (op.eq, op.eq),
    "__ne__": (op.ne, op.ne),
    "__gt__": (op.gt, op.lt),
    "__ge__": (op.ge, op.le),
}


class Recorder:
    """Accept every operator, and note which method got what."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []


def _recording(name: str) -> Callable[..., Any]:
    def method(self: Recorder, *args: Any) -> Any:
        self.calls.append((name, *args))
        return self if name in IN_PLACE else (name, *args)

    return method


for _name in (
    *(f"__{kind}{name}__" for name in OPERATORS for kind in ("", "r", "i")),
    *UNARY,
    *COMPARISONS,
    *("__getitem__", "__setitem__", "__delitem__", "__call__"),
):
    setattr(Recorder, _name, _recording(_name))


class Refusing:
    """Raise in every method that Python might take for "there is nothing here"."""

    def _refuse(self, *args: object) -> Any:
        raise RuntimeError("the object itself says no")

    __repr__ = __bool__ = __dir__ = __len__ = __iter__ = __eq__ = __hash__ = _refuse


class Countdown:
    """Iterate 3, 2, 1 and hint at it."""

    def __init__(self) -> None:
        self.left = 3

    def __iter__(self) -> Countdown:
        return self

    def __next__(self) -> int:
        if not self.left:
            raise StopIteration
        self.left -= 1
        return self.left + 1

    def __length_hint__(self) -> int:
        return self.left


class AsyncCountdown(Countdown):
    """Iterate 3, 2, 1 in an ``async for``."""

    def __aiter__(self) -> AsyncCountdown:
        return self

    async def __anext__(self) -> int:
        await Soon()
        try:
            return next(self)
        except StopIteration:
            raise StopAsyncIteration from None


class Soon:
    """Have a result as soon as the event loop comes round."""

    def __await__(self) -> Generator[Any, None, str]:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[str] = loop.create_future()
        loop.call_soon(future.set_result, "now")
        return (yield from future)


class Gate:
    """Note how a ``with`` was entered and left, and swallow a ValueError."""

    def __init__(self) -> None:
        self.log: list[Any] = []

    def __enter__(self) -> str:
        self.log.append("enter")
        return "entered"

    def __exit__(self, kind: type | None, error: BaseException | None, trace: object) -> bool:
        self.log.append((kind, str(error), trace is not None))
        return kind is ValueError

    async def __aenter__(self) -> str:
        await Soon()
        return self.__enter__()

    async def __aexit__(
        self, kind: type | None, error: BaseException | None, trace: object
    ) -> bool:
        await Soon()
        return self.__exit__(kind, error, trace)


class Page:
    """Have a docstring, an attribute and a bytes form."""

    title = "home"

    def __bytes__(self) -> bytes:
        return b"<h1>home</h1>"


@wraps(len)
def wrapper(*args: Any, **kwargs: Any) -> Any:
    return args, kwargs


class Row(NamedTuple):
    """One operation that goes through the method ``name`` of the proxy."""

    name: str
    make: Callable[[], Any]
    operate: Callable[[Any], Any]


def is_proxy(obj: object) -> bool:
    return hasattr(type(obj), "_get_current_object")


def unproxied(obj: Any) -> Any:
    return obj._get_current_object() if is_proxy(obj) else obj


def _of(function: Callable[[Any, Any], Any], other: Any) -> Callable[[Any], Any]:
    return lambda x: function(x, other)


def _reflected(function: Callable[[Any, Any], Any], other: Any) -> Callable[[Any], Any]:
    return lambda x: function(other, x)


def _with_itself(function: Callable[[Any, Any], Any]) -> Callable[[Any], Any]:
    return lambda x: function(x, x)


def _in_place(function: Callable[[Any, Any], Any], other: Any) -> Callable[[Any], Any]:
    # Here only what happens to the object counts; that a proxy stays one has its own test.
    return lambda x: unproxied(function(x, other))


def _in_a_loop(
    function: Callable[[Any], Coroutine[Any, Any, Any]],
) -> Callable[[Any], Any]:
    return lambda x: asyncio.run(function(x))


def _enter(x: Any) -> Any:
    with x as entered:
        return entered


def _exit_with(error: type[Exception]) -> Callable[[Any], str]:
    def operate(x: Any) -> str:
        with x:
            raise error("inside")
        return "swallowed"

    return operate


async def _async_enter(x: Any) -> Any:
    async with x as entered:
        return entered


def _async_exit_with(error: type[Exception]) -> Callable[[Any], Any]:
    async def operate(x: Any) -> str:
        async with x:
            raise error("inside")
        return "swallowed"

    return _in_a_loop(operate)


async def _await(x: Any) -> Any:
    return await x


async def _async_for(x: Any) -> list[Any]:
    return [item async for item in x]


async def _anext(x: Any) -> Any:
    return await anext(x), await anext(x)


async def _anext_until_it_ends(x: Any) -> Any:
    while True:
        await anext(x)


def _operator_rows() -> Iterator[Row]:
    for name, (function, in_place) in OPERATORS.items():
        # An int has no @, so there the errors are compared.
        for make in (Recorder, lambda: 7):
            yield Row(f"__{name}__", make, _of(function, 2))
            yield Row(f"__r{name}__", make, _reflected(function, 2))
        yield Row(f"__{name}__", lambda: 7, _with_itself(function))
        yield Row(f"__{name}__", lambda: 7, _of(function, "text"))
        yield Row(f"__r{name}__", lambda: 7, _reflected(function, []))
        if in_place is not None:
            yield Row(f"__i{name}__", Recorder, _in_place(in_place, 2))
            yield Row(f"__i{name}__", lambda: 7, _in_place(in_place, None))
    for name, unary in UNARY.items():
        yield Row(name, Recorder, unary)
        yield Row(name, lambda: 7, unary)
        yield Row(name, lambda: Decimal("-2.5"), unary)
        yield Row(name, lambda: "text", unary)
    for name, (function, mirrored) in COMPARISONS.items():
        for other in (6, 7, 8):
            yield Row(name, lambda: 7, _of(function, other))
            yield Row(name, lambda: 7, _reflected(mirrored, other))
        yield Row(name, lambda: 7, _of(function, "text"))
        yield Row(name, lambda: [1], _with_itself(function))
        yield Row(name, Recorder, _of(function, 2))
        yield Row(name, Recorder, _reflected(mirrored, 2))


ROWS = [
    *_operator_rows(),
    # Operators of other types than numbers.
    Row("__add__", lambda: [1], _of(op.add, [2])),
    Row("__radd__", lambda: [1], _reflected(op.add, [2])),
    Row("__mul__", lambda: [1], lambda x: x * 3),
    Row("__rmul__", lambda: [1], lambda x: 3 * x),
    Row("__mod__", lambda: "%s!", lambda x: x % "hello"),
    Row("__ror__", lambda: {2}, lambda x: {1} | x),
    Row("__or__", lambda: int, lambda x: x | None),
    Row("__pow__", lambda: 7, lambda x: pow(x, 2, 10)),
    Row("__pow__", lambda: 7, lambda x: pow(x, 2, None)),
    Row("__pow__", Recorder, lambda x: pow(x, 2, 10)),
    Row("__iadd__", lambda: [1], _in_place(op.iadd, (2,))),
    Row("__iadd__", lambda: [1], _in_place(op.iadd, 2)),
    Row("__imul__", lambda: [1], _in_place(op.imul, 2)),
    Row("__isub__", lambda: {1, 2}, _in_place(op.isub, {2, 3})),
    Row("__iand__", lambda: {1, 2}, _in_place(op.iand, {2, 3})),
    Row("__ixor__", lambda: {1, 2}, _in_place(op.ixor, {2, 3})),
    Row("__ior__", lambda: {1: 1}, _in_place(op.ior, {2: 2})),
    # Conversions.
    Row("__repr__", lambda: "text", repr),
    Row("__repr__", lambda: [], repr),
    Row("__repr__", Refusing, repr),
    Row("__str__", lambda: "text", str),
    Row("__str__", lambda: KeyError("user"), str),
    Row("__bytes__", Page, bytes),
    Row("__bytes__", lambda: [104, 105], bytes),
    Row("__bytes__", lambda: "text", bytes),
    Row("__format__", lambda: 3.14159, lambda x: f"{x:>7.2f}"),
    Row("__format__", lambda: "text", format),
    Row("__format__", lambda: [], lambda x: format(x, "x")),
    Row("__hash__", lambda: ("user", 1), hash),
    Row("__hash__", lambda: "user", lambda x: {"user": 1}[x]),
    Row("__hash__", list, hash),
    Row("__hash__", Refusing, hash),
    Row("__bool__", lambda: 1, bool),
    Row("__bool__", lambda: [], bool),
    Row("__bool__", lambda: [], op.not_),
    Row("__bool__", Refusing, bool),
    Row("__complex__", lambda: 2.5, complex),
    Row("__complex__", lambda: "1+2j", complex),
    Row("__complex__", list, complex),
    Row("__int__", lambda: 3.9, int),
    Row("__int__", lambda: "12", int),
    Row("__int__", lambda: "text", int),
    Row("__float__", lambda: 3, float),
    Row("__float__", lambda: "2.5", float),
    Row("__float__", lambda: 2.25, math.sqrt),
    Row("__float__", lambda: "text", float),
    Row("__index__", lambda: 2, op.index),
    Row("__index__", lambda: 2, lambda x: "abc"[x]),
    Row("__index__", lambda: 2.0, op.index),
    Row("__round__", lambda: 3.14159, lambda x: round(x, 2)),
    Row("__round__", lambda: 1234, lambda x: round(x, ndigits=-2)),
    # Containers and iterators.
    Row("__len__", lambda: [1, 2], len),
    Row("__len__", lambda: 7, len),
    Row("__len__", Refusing, len),
    Row("__length_hint__", Countdown, op.length_hint),
    Row("__getitem__", lambda: [1, 2, 3], lambda x: (x[0], x[-1], x[1:])),
    Row("__getitem__", lambda: {"a": 1}, lambda x: x["b"]),
    Row("__getitem__", lambda: defaultdict(list), lambda x: x["missing"]),
    Row("__getitem__", lambda: list, lambda x: x[int]),
    Row("__getitem__", lambda: 7, lambda x: x[0]),
    Row("__getitem__", Recorder, lambda x: x[1:2, ...]),
    Row("__setitem__", lambda: [1, 2], lambda x: op.setitem(x, 0, 5)),
    Row("__setitem__", lambda: {}, lambda x: op.setitem(x, "a", 1)),
    Row("__setitem__", lambda: (1,), lambda x: op.setitem(x, 0, 5)),
    Row("__setitem__", Recorder, lambda x: op.setitem(x, 0, 5)),
    Row("__delitem__", lambda: [1, 2], lambda x: op.delitem(x, 0)),
    Row("__delitem__", lambda: {}, lambda x: op.delitem(x, "a")),
    Row("__delitem__", Recorder, lambda x: op.delitem(x, 0)),
    Row("__contains__", lambda: "abc", lambda x: ("b" in x, "d" in x, "d" not in x)),
    Row("__contains__", Countdown, lambda x: 2 in x),
    Row("__contains__", lambda: 7, lambda x: 2 in x),
    Row("__iter__", lambda: [1, 2], lambda x: (type(iter(x)), [*x])),
    Row("__iter__", Countdown, list),
    Row("__iter__", Page, list),
    Row("__iter__", Refusing, list),
    Row("__next__", Countdown, lambda x: (next(x), next(x))),
    Row("__next__", lambda: iter([]), next),
    Row("__next__", lambda: iter([]), lambda x: next(x, "none")),
    Row("__next__", list, next),
    Row("__reversed__", lambda: [1, 2], lambda x: (type(reversed(x)), list(reversed(x)))),
    Row("__reversed__", lambda: {1}, reversed),
    # Attributes and calls.
    Row("__doc__", Page, lambda x: x.__doc__),
    Row("__doc__", lambda: wrapper, lambda x: x.__doc__),
    Row("__class__", Page, lambda x: x.__class__),
    Row("__class__", lambda: [], lambda x: (isinstance(x, list), isinstance(x, str))),
    Row("__wrapped__", lambda: wrapper, lambda x: x.__wrapped__),
    Row("__wrapped__", list, lambda x: x.__wrapped__),
    Row("__dir__", lambda: SimpleNamespace(user="bob"), dir),
    Row("__dir__", Refusing, dir),
    Row("__getattr__", Page, lambda x: x.title),
    Row("__getattr__", Page, lambda x: x.missing),
    Row("__getattr__", Page, lambda x: getattr(x, "missing", "none")),
    Row("__getattr__", lambda: SimpleNamespace(user="bob"), vars),
    Row("__getattr__", lambda: "text", lambda x: x.upper()),
    Row("__setattr__", Page, lambda x: setattr(x, "title", "about")),
    Row("__setattr__", lambda: 7, lambda x: setattr(x, "title", "about")),
    Row("__delattr__", lambda: SimpleNamespace(user="bob"), lambda x: delattr(x, "user")),
    Row("__delattr__", Page, lambda x: delattr(x, "title")),
    Row("__call__", lambda: dict, lambda x: x(obj=1)),
    Row("__call__", lambda: wrapper, lambda x: x()),
    Row("__call__", lambda: wrapper, lambda x: x(1, *[2], name=3, **{"other": 4})),
    Row("__call__", lambda: dict, lambda x: x(a=1)),
    Row("__call__", Recorder, lambda x: x(1)),
    Row("__call__", lambda: 7, lambda x: x()),
    Row("__instancecheck__", lambda: int, lambda x: (isinstance(7, x), isinstance("", x))),
    Row("__instancecheck__", lambda: (int, str), lambda x: isinstance("", x)),
    Row("__instancecheck__", lambda: 7, lambda x: isinstance(7, x)),
    Row("__subclasscheck__", lambda: int, lambda x: (issubclass(bool, x), issubclass(str, x))),
    Row("__subclasscheck__", lambda: int, lambda x: issubclass(7, x)),  # type: ignore[arg-type]
    # with, await, async with, async for.
    Row("__enter__", Gate, _enter),
    Row("__exit__", Gate, _enter),
    Row("__exit__", Gate, _exit_with(ValueError)),
    Row("__exit__", Gate, _exit_with(KeyError)),
    Row("__await__", Soon, _in_a_loop(_await)),
    Row("__aiter__", AsyncCountdown, _in_a_loop(_async_for)),
    Row("__anext__", AsyncCountdown, _in_a_loop(_anext)),
    Row("__anext__", AsyncCountdown, _in_a_loop(_anext_until_it_ends)),
    Row("__aenter__", Gate, _in_a_loop(_async_enter)),
    Row("__aexit__", Gate, _in_a_loop(_async_enter)),
    Row("__aexit__", Gate, _async_exit_with(ValueError)),
    Row("__aexit__", Gate, _async_exit_with(KeyError)),
    # Copies.
    Row(
        "__copy__",
        lambda: [[1]],
        lambda x: ((c := copy.copy(x)), c is unproxied(x), c[0] is x[0]),
    ),
    Row("__copy__", lambda: wrapper, copy.copy),
    Row("__deepcopy__", lambda: [[1]], lambda x: ((c := copy.deepcopy(x)), c[0] is x[0])),
    Row("__deepcopy__", lambda: [1], lambda x: op.is_(*copy.deepcopy([x, unproxied(x)]))),
]
every_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)


def of_a_local(library: Any, value: Any) -> Any:
    local = library.Local()
    local.current = value
    return library.LocalProxy(local, "current")


def of_a_stack(library: Any, value: Any) -> Any:
    stack = library.LocalStack()
    stack.push(value)
    return library.LocalProxy(stack)


def of_an_attribute_of_the_top(library: Any, value: Any) -> Any:
    stack = library.LocalStack()
    stack.push(SimpleNamespace(current=value))
    return stack("current")


def of_a_context_var(library: Any, value: Any) -> Any:
    var: ContextVar[Any] = ContextVar("current")
    var.set(value)
    return library.LocalProxy(var)


def of_a_function(library: Any, value: Any) -> Any:
    return library.LocalProxy(lambda: value)


def of_a_partial(library: Any, value: Any) -> Any:
    return library.LocalProxy(partial(getattr, SimpleNamespace(current=value), "current"))


SOURCES: list[Callable[[Any, Any], Any]] = [
    of_a_local,
    of_a_stack,
    of_an_attribute_of_the_top,
    of_a_context_var,
    of_a_function,
    of_a_partial,
]


def outcome(operate: Callable[[Any], Any], subject: Any, value: Any) -> Any:
    """Return what the operation on ``subject`` gave, and what ``value`` is like after it."""
    try:
        result = operate(subject)
    except Exception as error:
        result = str(error)
        kind: type = type(error)
    else:
        kind = type(result)
        assert not is_proxy(result)
        if result is value:
            result = "the object itself"  # each run has its own, and they may differ
    return kind, result, state_of(value)


def outcomes(row: Row, library: Any) -> dict[str, Any]:
    results = {}
    for source in SOURCES:
        value = row.make()
        results[source.__name__] = outcome(row.operate, source(library, value), value)
    return results


def state_of(value: Any) -> Any:
    if hasattr(value, "__dict__"):
        # As it is now: CPython 3.13.0 may empty the list of an object that is collected later.
        names = vars(value).items()
        return {name: list(item) if type(item) is list else item for name, item in names}
    return list(value) if isinstance(value, Iterator) else value


@needs_werkzeug
def test_the_forwarded_names_are_those_of_werkzeug() -> None:
    names = vars(werkzeug.LocalProxy).items()
    assert {n for n, value in names if isinstance(value, werkzeug._ProxyLookup)} == FORWARDED


def test_every_forwarded_name_has_a_row() -> None:
    assert {row.name for row in ROWS} == FORWARDED


class ReachedError(Exception):
    """Say that a row went through the method that it names."""


def _tripwire(*args: object, **kwargs: object) -> Any:
    raise ReachedError


@every_row
def test_a_row_goes_through_the_method_that_it_names(row: Row) -> None:
    name = "__getattribute__" if row.name in READ else row.name
    tripped = type("Tripped", (LocalProxy,), {name: _tripwire, "__slots__": ()})
    with pytest.raises(ReachedError):
        row.operate(tripped(row.make))


@every_row
def test_an_operation_on_a_proxy_does_what_it_does_to_the_object(row: Row) -> None:
    obj = row.make()
    expected = outcome(row.operate, obj, obj)
    assert outcomes(row, minictx) == {source.__name__: expected for source in SOURCES}


# Where a proxy cannot do what the object does, it does what werkzeug's does.
UNLIKE_THE_OBJECT = [
    # The object's class has no such in-place form, so there is a new object, which is lost.
    *(Row(name, lambda: 7, _in_place(function, 2)) for name, function in IN_PLACE.items()),
    # Python says TypeError when the class has no __enter__, but the proxy's class has one.
    Row("__enter__", lambda: 7, _enter),
    Row("__aenter__", lambda: 7, _in_a_loop(_async_enter)),
    # The proxy's own __length_hint__ is found, so the default is not used.
    Row("__length_hint__", lambda: 7, lambda x: op.length_hint(x, 5)),
    # "text" > 7 asks the proxy for 7 < "text", and the error tells of that.
    *(Row(name, lambda: 7, _reflected(m, "text")) for name, (_, m) in COMPARISONS.items()),
    # There is no reflected pow with three operands.
    Row("__pow__", lambda: 7, lambda x: pow(2, x, 10)),
]


@needs_werkzeug
@pytest.mark.parametrize("row", [*ROWS, *UNLIKE_THE_OBJECT], ids=lambda row: row.name)
def test_an_operation_does_what_it_does_on_a_proxy_of_werkzeug(row: Row) -> None:
    assert outcomes(row, minictx) == outcomes(row, werkzeug)


@each_library
@pytest.mark.parametrize("operate", IN_PLACE.values(), ids=IN_PLACE)
def test_an_in_place_operator_keeps_the_proxy(
    library: Any, operate: Callable[[Any, Any], Any]
) -> None:
    proxy = library.LocalProxy(Recorder)
    result = operate(proxy, 2)
    assert result is proxy
    assert type(result) is library.LocalProxy


@each_library
def test_plus_equals_changes_the_object_and_the_name_stays_with_the_proxy(
    library: Any,
) -> None:
    items, number = [1], 1
    proxy = library.LocalProxy(lambda: items)
    proxy += [2]
    assert items == [1, 2]
    assert type(proxy) is library.LocalProxy
    proxy = library.LocalProxy(lambda: number)
    proxy += 2  # a number cannot change, so this does nothing
    assert proxy == number == 1
    assert type(proxy) is library.LocalProxy


# What a proxy looks like


@each_library
def test_isinstance_sees_the_object_and_issubclass_of_the_type_the_proxy(library: Any) -> None:
    proxy = library.LocalProxy(lambda: [1])
    assert isinstance(proxy, list)
    assert not isinstance(proxy, dict)
    assert proxy.__class__ is list
    assert type(proxy) is library.LocalProxy
    assert issubclass(type(proxy), library.LocalProxy)


def test_the_class_has_a_docstring_and_a_bound_proxy_has_its_objects() -> None:
    assert isinstance(LocalProxy.__doc__, str)
    assert LocalProxy.__doc__.startswith("A proxy for the object that is current")
    assert LocalProxy(Page).__doc__ == Page.__doc__


def test_the_class_wraps_nothing() -> None:
    # Whoever unwraps functions, as doctest and inspect do, would take it for a decorated one.
    assert not hasattr(LocalProxy, "__wrapped__")
    assert "unbound_message" in inspect.signature(LocalProxy).parameters
    assert "A proxy for the object that is current" in pydoc.render_doc(LocalProxy)


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.__name__)
def test_the_object_itself_can_be_had(source: Callable[[Any, Any], Any]) -> None:
    values: list[object] = [Page(), [], 0, False]  # what is false is not therefore unbound
    for value in values:
        proxy = source(minictx, value)
        assert proxy is not value
        assert proxy._get_current_object() is value


@pytest.mark.parametrize("kind", actor_kinds(), ids=lambda kind: kind.__name__)
def test_a_proxy_stands_for_what_is_current_where_it_is_used(kind: Any) -> None:
    local, stack = Local(), LocalStack[str]()
    user, top = local("user"), stack()
    actor = kind()
    local.user = "alice"
    stack.push("here")
    assert actor.do(lambda: (bool(user), bool(top))) == (False, False)
    actor.do(lambda: setattr(local, "user", "bob"))
    actor.do(lambda: stack.push("there"))
    assert actor.do(lambda: user + top) == "bobthere"
    assert user + top == "alicehere"
    release_local(local)
    release_local(stack)
    assert (bool(user), bool(top)) == (False, False)
    assert actor.do(lambda: user + top) == "bobthere"
    actor.die()


def test_a_proxy_of_a_context_var_follows_its_value() -> None:
    var: ContextVar[str] = ContextVar("user")
    proxy: Any = LocalProxy(var)
    other = copy_context()
    other.run(var.set, "bob")
    assert not proxy
    assert other.run(lambda: proxy.upper()) == "BOB"
    token = var.set("alice")
    assert proxy.upper() == "ALICE"
    var.reset(token)
    assert not proxy


# Sources and names


def test_a_name_stands_for_that_attribute_whatever_the_source() -> None:
    page = Page()
    local, stack = Local(), LocalStack[Page]()
    var: ContextVar[Page] = ContextVar("page")
    local.title = page.title
    stack.push(page)
    var.set(page)
    for source in (local, stack, var, lambda: page, partial(Page)):
        title: Any = LocalProxy(source, "title")
        assert title.upper() == "HOME"


def test_a_name_that_the_object_lacks_is_an_attribute_error() -> None:
    stack = LocalStack[Page]()
    author = stack("author")
    with pytest.raises(RuntimeError, match="push something here first"):
        len(author)
    stack.push(Page())
    with pytest.raises(AttributeError, match="'Page' object has no attribute 'author'"):
        len(author)


def test_a_local_without_a_name_is_refused() -> None:
    with pytest.raises(TypeError, match="a proxy to a Local needs a name"):
        LocalProxy(Local())


@pytest.mark.parametrize("source", [42, None, "user", [len]], ids=repr)
def test_what_cannot_be_a_source_is_refused(source: Any) -> None:
    message = "pass a Local, a LocalStack, a ContextVar or a function"
    with pytest.raises(TypeError, match=message) as raised:
        LocalProxy(source)
    assert repr(source) in str(raised.value)


@pytest.mark.parametrize("error", [AttributeError, KeyError, LookupError, ValueError])
def test_what_a_function_raises_comes_out_as_it_is(error: type[Exception]) -> None:
    raised = error("from inside")

    def find() -> Any:
        raise raised

    attributes = [op.attrgetter(n) for n in ("user", "__doc__", "__class__", "__wrapped__")]
    operations: list[Callable[[Any], Any]] = [bool, len, op.neg, *attributes]
    for operate in operations:
        proxy: Any
        for proxy in (LocalProxy(find), LocalProxy(find, "user")):
            with pytest.raises(error) as caught:
                operate(proxy)
            assert caught.value is raised


def test_a_log_line_or_a_debugger_can_show_a_proxy_whose_object_cannot_be_found() -> None:
    def find() -> Any:
        raise KeyError("user")

    stack = LocalStack[Page]()
    stack.push(Page())
    for proxy in (LocalProxy[Any](find), stack("author"), LocalProxy(Page, "author")):
        assert repr(proxy) == f"{proxy!r}" == "<LocalProxy unbound>"
        assert dir(proxy) == []


# Special names


SPECIAL = sorted(FORWARDED - WITH_FALLBACK - {"__getattr__", "__deepcopy__"})
OF_EVERY_OBJECT = set(dir(object))


@pytest.mark.parametrize("name", SPECIAL)
def test_a_proxy_has_a_special_name_if_its_object_has_it(name: str) -> None:
    bare: Any = LocalProxy(object)
    assert hasattr(bare, name) is (name in OF_EVERY_OBJECT)
    holder = type("Holder", (), {name: lambda self, *args: (self, args)})()
    method = getattr(LocalProxy(lambda: holder), name)
    assert method(1) == (holder, (1,))
    assert callable(getattr(LocalProxy, name))
    with pytest.raises(RuntimeError, match="push something here first"):
        getattr(LocalStack()(), name)


def test_what_a_library_asks_of_a_function_it_learns_through_a_proxy() -> None:
    def greet(name: str, times: int = 1) -> str:
        """Greet."""
        return name * times

    proxy: Any = LocalProxy(lambda: greet)
    assert inspect.signature(proxy) == inspect.signature(greet)
    assert typing.get_type_hints(proxy) == {"name": str, "times": int, "return": str}
    assert proxy.__annotations__ is greet.__annotations__

    @wraps(proxy)
    def wrapper() -> None: ...

    assert wrapper.__module__ == __name__
    assert wrapper.__qualname__ == greet.__qualname__
    assert wrapper.__doc__ == "Greet."
    assert inspect.iscoroutinefunction(proxy) is False


def test_a_path_and_a_buffer_are_not_forwarded() -> None:
    path: Any = LocalProxy(lambda: Path("a"))
    with pytest.raises(TypeError):
        os.fspath(path)
    with pytest.raises(TypeError):
        memoryview(LocalProxy(lambda: b"a"))
    assert (str(path), bytes(LocalProxy(lambda: b"a"))) == ("a", b"a")


def test_pow_with_three_operands_may_have_the_proxy_in_either_place() -> None:
    assert pow(LocalProxy(lambda: 3), 2, 7) == 2
    # pow(2, proxy, 7) asks for this since Python 3.14.
    assert vars(LocalProxy)["__rpow__"](LocalProxy(lambda: 3), 2, 7) == 1


# Blocks


class Block:
    """Something to enter and leave, with either kind of ``with``."""

    def __init__(self, name: str, log: list[str]) -> None:
        self.name, self.log = name, log

    def __enter__(self) -> str:
        self.log.append(f"enter {self.name}")
        return self.name

    def __exit__(self, *error: object) -> bool:
        self.log.append(f"exit {self.name}")
        return error[0] is not None

    async def __aenter__(self) -> str:
        return self.__enter__()

    async def __aexit__(self, *error: object) -> bool:
        return self.__exit__(*error)


def test_with_leaves_the_object_that_it_entered() -> None:
    stack, log = LocalStack[Block](), list[str]()
    stack.push(Block("outer", log))
    with stack() as name:
        stack.push(Block("inner", log))
    with stack():
        stack.pop()
        stack.pop()
        raise ValueError  # the object's own __exit__ swallows it
    assert name == "outer"
    assert log == ["enter outer", "exit outer", "enter inner", "exit inner"]


def test_async_with_leaves_the_object_that_it_entered() -> None:
    stack, log = LocalStack[Block](), list[str]()
    stack.push(Block("outer", log))

    async def main() -> None:
        async with stack() as name:
            assert name == "outer"
            stack.pop()

    asyncio.run(main())
    assert log == ["enter outer", "exit outer"]


def test_with_through_two_proxies() -> None:
    stack, log = LocalStack[Block](), list[str]()
    stack.push(Block("outer", log))
    with LocalProxy(lambda: stack()):
        stack.push(Block("inner", log))
    assert log == ["enter outer", "exit outer"]


def test_what_cannot_be_left_is_not_entered() -> None:
    entered: list[str] = []

    class NoWayOut:
        def __enter__(self) -> None:
            entered.append("with")

        async def __aenter__(self) -> None:
            entered.append("async with")

    proxy: Any = LocalProxy(NoWayOut)

    async def main() -> None:
        async with proxy:
            pass

    with pytest.raises(AttributeError, match="__exit__"), proxy:
        pass
    with pytest.raises(AttributeError, match="__aexit__"):
        asyncio.run(main())
    assert entered == []


def test_an_exit_stack_enters_a_proxy_as_well() -> None:
    log: list[str] = []
    block = Block("outer", log)
    with ExitStack() as blocks:
        assert blocks.enter_context(LocalProxy(lambda: block)) == "outer"
    assert log == ["enter outer", "exit outer"]


# Unbound


def unbound_local(library: Any, **options: Any) -> tuple[Any, Any]:
    local = library.Local()
    return library.LocalProxy(local, "user", **options), local


def unbound_stack(library: Any, **options: Any) -> tuple[Any, Any]:
    stack = library.LocalStack()
    return library.LocalProxy(stack, **options), stack


def unbound_attribute_of_the_top(library: Any, **options: Any) -> tuple[Any, Any]:
    stack = library.LocalStack()
    return library.LocalProxy(stack, "user", **options), stack


def unbound_context_var(library: Any, **options: Any) -> tuple[Any, Any]:
    var: ContextVar[Any] = ContextVar("user")
    return library.LocalProxy(var, **options), var


def unbound_function(library: Any, **options: Any) -> tuple[Any, Any]:
    def find() -> Any:
        raise RuntimeError("nobody is logged in")

    return library.LocalProxy(find, **options), find


UNBOUND: dict[Callable[..., tuple[Any, Any]], str] = {
    unbound_local: (
        "'user' has no value in this greenlet or thread:"
        " set it on the Local here, before the proxy is used"
    ),
    unbound_stack: "the stack of this greenlet or thread is empty: push something here first",
    unbound_attribute_of_the_top: (
        "the stack of this greenlet or thread is empty: push something here first"
    ),
    unbound_context_var: (
        "the ContextVar 'user' has no value in this context: set() it here first"
    ),
    unbound_function: "nobody is logged in",
}


@each_library
@pytest.mark.parametrize("unbound", UNBOUND, ids=lambda unbound: unbound.__name__)
def test_an_unbound_proxy_can_still_be_shown_and_tested(
    library: Any, unbound: Callable[..., tuple[Any, Any]]
) -> None:
    proxy, source = unbound(library)
    assert repr(proxy) == "<LocalProxy unbound>"
    assert bool(proxy) is False
    assert dir(proxy) == []
    assert proxy.__class__ is library.LocalProxy
    assert proxy.__doc__ == library.LocalProxy.__doc__
    assert proxy.__wrapped__ is source
    assert isinstance(proxy, library.LocalProxy)


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row.name not in WITH_FALLBACK], ids=lambda row: row.name
)
def test_anything_else_on_an_unbound_proxy_raises_an_error_that_says_how_to_bind_it(
    row: Row,
) -> None:
    for unbound, message in UNBOUND.items():
        proxy, _ = unbound(minictx)
        with pytest.raises(RuntimeError) as raised:
            row.operate(proxy)
        assert str(raised.value) == message


@needs_werkzeug
def test_comparing_or_hashing_an_unbound_proxy_is_stricter_than_in_werkzeug() -> None:
    # There Python takes the error for "these cannot be compared". But whether a user is the
    # admin should not be decided by there being no user.
    theirs, _ = unbound_local(werkzeug)
    assert (theirs == "admin") is False
    with pytest.raises(TypeError, match="unhashable"):
        hash(theirs)
    ours, _ = unbound_local(minictx)
    for operate in (lambda: ours == "admin", lambda: ours != "admin", lambda: hash(ours)):
        with pytest.raises(RuntimeError, match="'user' has no value"):
            operate()


@pytest.mark.parametrize(
    "unbound",
    list(UNBOUND)[:-1],  # a function words its error itself
    ids=lambda unbound: unbound.__name__,
)
def test_the_message_of_an_unbound_proxy_can_be_chosen(
    unbound: Callable[..., tuple[Any, Any]],
) -> None:
    proxy, _ = unbound(minictx, unbound_message="log in first")
    with pytest.raises(RuntimeError) as raised:
        len(proxy)
    assert str(raised.value) == "log in first"
    assert repr(proxy) == "<LocalProxy unbound>"


def test_the_message_can_be_chosen_where_a_local_or_a_stack_is_called() -> None:
    local, stack = Local(), LocalStack[Page]()
    for proxy in (
        local("user", unbound_message="log in first"),
        stack(unbound_message="log in first"),
        stack("user", unbound_message="log in first"),
    ):
        with pytest.raises(RuntimeError, match=r"^log in first$"):
            len(proxy)


def test_a_none_on_a_stack_is_unbound_and_anywhere_else_it_is_bound() -> None:
    # The top of an empty stack is None, too.
    for source in SOURCES:
        proxy = source(minictx, None)
        if source is of_a_stack:
            assert repr(proxy) == "<LocalProxy unbound>"
            with pytest.raises(RuntimeError, match="push something here first"):
                proxy._get_current_object()
        else:
            assert repr(proxy) == "None"
            assert proxy._get_current_object() is None
            assert isinstance(proxy, type(None))


# Not forwarded


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize(
    "value", [1, wrapper, Page(), Page, Local()], ids=lambda value: type(value).__name__
)
def test_pickling_a_proxy_is_refused(value: object, protocol: int) -> None:
    proxy: Any = LocalProxy(lambda: value)
    for holder in (proxy, [proxy], {"proxy": proxy}, SimpleNamespace(proxy=proxy)):
        with pytest.raises(TypeError, match="cannot pickle a LocalProxy"):
            pickle.dumps(holder, protocol)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickling_an_unbound_proxy_is_refused(protocol: int) -> None:
    for unbound in UNBOUND:
        with pytest.raises(TypeError, match="cannot pickle a LocalProxy"):
            pickle.dumps(unbound(minictx)[0], protocol)


def test_the_current_object_can_be_pickled() -> None:
    proxy: Any = LocalProxy(lambda: [1])
    assert pickle.loads(pickle.dumps(proxy._get_current_object())) == [1]


def test_a_copy_of_a_proxy_is_a_copy_of_the_object() -> None:
    items = [[1]]
    proxy: Any = LocalProxy(lambda: items)
    holder = SimpleNamespace(items=proxy)
    assert copy.copy(holder).items is proxy  # a shallow copy holds what the holder holds
    for copied in (copy.copy(proxy), copy.deepcopy(proxy), copy.deepcopy(holder).items):
        assert type(copied) is list
        assert copied == items
        assert copied is not items


def test_a_proxy_in_a_class_body_is_no_descriptor() -> None:
    class WithProxies:
        method: Any = LocalProxy(lambda: lambda *args: args)
        prop: Any = LocalProxy(lambda: property(lambda self: "from the property"))
        unbound: Any = LocalProxy(LocalStack())

    obj = WithProxies()
    assert type(obj.method) is type(obj.prop) is type(obj.unbound) is LocalProxy
    assert obj.method() == ()
    obj.prop = LocalProxy(Page)
    assert obj.prop.title == "home"
    del obj.prop
    assert isinstance(obj.prop, property)


def test_a_class_cannot_inherit_from_a_proxy() -> None:
    proxy: Any = LocalProxy(lambda: Page)
    with pytest.raises(TypeError):
        type("Child", (proxy,), {})


# Subclasses


class UserProxy(LocalProxy[str]):
    """Stand for the current user's name."""

    def shout(self) -> str:
        return self._get_current_object().upper() + "!"

    def __len__(self) -> int:
        return int(super().__len__()) + 100


def test_a_subclass_adds_to_a_proxy() -> None:
    local = Local()
    user = UserProxy(local, "user", unbound_message="log in first")
    assert UserProxy.__doc__ == "Stand for the current user's name."
    assert repr(user) == "<UserProxy unbound>"
    assert user.__class__ is UserProxy
    with pytest.raises(RuntimeError, match="log in first"):
        user.shout()
    local.user = "alice"
    assert isinstance(user, str)
    assert issubclass(type(user), LocalProxy)
    assert (user + "?", user.shout(), len(user)) == ("alice?", "ALICE!", 105)


def test_in_place_a_subclass_stays_itself() -> None:
    class ListProxy(LocalProxy[list[int]]):
        pass

    items = [1]
    proxy: Any = ListProxy(lambda: items)
    proxy += [2]
    assert type(proxy) is ListProxy
    assert items == [1, 2]


def test_a_proxy_with_a_type_argument_is_made_like_any_other() -> None:
    stack: LocalStack[int] = LocalStack()
    proxy = LocalProxy[int](stack)
    assert repr(proxy) == "<LocalProxy unbound>"

    class Item:
        pass

    item = Item()
    assert LocalProxy[Item](lambda: item)._get_current_object() is item
    assert vars(item) == {}

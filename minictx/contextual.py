"""Local and LocalStack once more, over contextvars: the design that werkzeug took in 2.0.

Read this file beside `local.py` and `stack.py`. They ask who is running, and look up that ident
in a dict of their own. Here Python does both: every thread, greenlet and asyncio task has a
context of its own, Python switches contexts when it switches tasks, and a ContextVar has a
separate value in each context.

A new task starts with a copy of its parent's context. The copy is shallow: both contexts hold
the same dict. So nothing that is in a context is ever changed. To store something, we copy the
dict, change the copy, and put it into the current context. This is *copy on write*: a child
starts with what its parent had, and cannot change it.

    in each context: {slot of a Local: {name: value}, slot of a LocalStack: (bottom, ..., top)}
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextvars import ContextVar
from operator import attrgetter
from typing import Any, Generic, NoReturn, TypeVar
from weakref import WeakKeyDictionary

from minictx.proxy import LocalProxy

__all__ = ["Local", "LocalStack"]

T = TypeVar("T")


class Local:
    """An object whose attributes are separate in each thread, greenlet or task.

    >>> import asyncio
    >>> from minictx.contextual import Local
    >>> local = Local()
    >>> async def child():
    ...     print("child starts from", local.user)
    ...     local.user = "bob"
    >>> async def parent():
    ...     local.user = "alice"
    ...     await asyncio.create_task(child())
    ...     print("parent still has", local.user)
    >>> asyncio.run(parent())
    child starts from alice
    parent still has alice

    Only the namespace is copied, not the values in it: parent and child share a list that the
    parent stored. And a value that refers to its own Local keeps that Local, and so itself,
    alive until the context ends: release it.

    ``context_var`` may be a ContextVar of your own to store in, as in werkzeug since 2.2.
    """

    __slots__ = ("__storage", "__weakref__")

    __storage: _Slot[dict[str, Any]] | ContextVar[dict[str, Any]]

    def __init__(self, context_var: ContextVar[dict[str, Any]] | None = None) -> None:
        object.__setattr__(self, "_Local__storage", context_var or _Slot())

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__storage.get({})[name]
        except KeyError:
            raise _missing(name) from None

    def __setattr__(self, name: str, value: Any) -> None:
        self.__storage.set({**self.__storage.get({}), name: value})

    def __delattr__(self, name: str) -> None:
        namespace = self.__storage.get({}).copy()
        try:
            del namespace[name]
        except KeyError:
            raise _missing(name) from None
        self.__storage.set(namespace)

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        """Iterate over the (name, value) pairs of the running thread, greenlet or task."""
        return iter(self.__storage.get({}).items())

    def __call__(self, name: str, *, unbound_message: str | None = None) -> LocalProxy[Any]:
        """Return a `LocalProxy` that stands for the attribute ``name``."""
        return LocalProxy(self, name, unbound_message=unbound_message)

    @property
    def __storage__(self) -> dict[str, Any]:
        """What is stored here in the current context: ``{name: value}``.

        Only Python knows the other contexts, and it has no list of them. So unlike in
        `local.py`, what is stored elsewhere cannot be shown.
        """
        return dict(self)

    def __repr__(self) -> str:
        names = ", ".join(self.__storage__) or "nothing"
        return f"<{type(self).__name__}: {names} here>"

    def __release_local__(self) -> None:
        self.__storage.set({})

    def __resolver__(self, name: str | None, unbound_message: str | None) -> Callable[[], Any]:
        if name is None:
            raise TypeError('a proxy to a Local needs a name: LocalProxy(local, "user")')
        get = attrgetter(name)
        message = unbound_message or (
            f"{name!r} has no value in this context: set it on the Local here, before the"
            " proxy is used"
        )

        def resolve() -> Any:
            try:
                return get(self)
            except AttributeError:
                raise RuntimeError(message) from None

        return resolve

    def __reduce__(self) -> NoReturn:
        raise _cannot_copy(self)


def _missing(name: str) -> AttributeError:
    return AttributeError(f"{name!r} is not set on this Local in this context")


def _cannot_copy(holder: object) -> TypeError:
    return TypeError(
        f"cannot copy or pickle a {type(holder).__name__}: what it holds belongs to the"
        " contexts that run; make a new one, and copy the values you need"
    )


class LocalStack(Generic[T]):
    """A stack that is separate in each thread, greenlet or task.

    >>> from minictx.contextual import LocalStack
    >>> stack = LocalStack()
    >>> stack.push("outer")
    ['outer']
    >>> stack.push("inner")
    ['outer', 'inner']
    >>> stack.pop(), stack.top, stack.pop(), stack.top
    ('inner', 'outer', 'outer', None)

    Both push *and* pop copy the stack. A child task that changed its parent's list in place
    would pop its parent's items: werkzeug 2.0 did.
    """

    # A tuple, as a child shares it with its parent: neither must be able to change it.
    _storage: _Slot[tuple[T, ...]] | ContextVar[tuple[T, ...]]

    def __init__(self, context_var: ContextVar[tuple[T, ...]] | None = None) -> None:
        self._storage = context_var or _Slot()

    def push(self, obj: T) -> list[T]:
        """Put ``obj`` on top, and return the new stack as a list."""
        stack = (*self._storage.get(()), obj)
        self._storage.set(stack)
        return list(stack)

    def pop(self) -> T | None:
        """Take the top item off and return it; return None if there is none."""
        stack = self._storage.get(())
        if not stack:
            return None
        self._storage.set(stack[:-1])
        return stack[-1]

    @property
    def top(self) -> T | None:
        """The top item, or None if there is none."""
        stack = self._storage.get(())
        return stack[-1] if stack else None

    def __iter__(self) -> Iterator[T]:
        """Iterate over the stack of the current context, from bottom to top."""
        return iter(self._storage.get(()))

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {len(list(self))} items here>"

    def __call__(
        self, name: str | None = None, *, unbound_message: str | None = None
    ) -> LocalProxy[Any]:
        """Return a `LocalProxy` to the top item, or to its attribute ``name``."""
        return LocalProxy(self, name, unbound_message=unbound_message)

    @property
    def __storage__(self) -> dict[str, Any]:
        """The stack of the current context, ``{"stack": [...]}``, or ``{}``."""
        stack = list(self)
        return {"stack": stack} if stack else {}

    def __release_local__(self) -> None:
        self._storage.set(())

    def __resolver__(self, name: str | None, unbound_message: str | None) -> Callable[[], Any]:
        get = None if name is None else attrgetter(name)
        message = unbound_message or (
            "the stack of this context is empty: push something here first"
        )

        def resolve() -> Any:
            top = self.top
            if top is None:
                raise RuntimeError(message)
            return top if get is None else get(top)

        return resolve

    def __reduce__(self) -> NoReturn:
        raise _cannot_copy(self)


# On a first reading, take a _Slot for a ContextVar. werkzeug has one ContextVar for each Local.
# But a context holds every ContextVar that was set in it for as long as the context lives: a
# Local that is dropped would leave its values behind in all of them. So here there is a single
# ContextVar, and the dicts in it refer to each _Slot weakly.


class _Slot(Generic[T]):
    """Something like a ContextVar, but no context keeps it or its value alive."""

    __slots__ = ("__weakref__",)

    def get(self, default: Any = None) -> T:
        """Return the value in the current context."""
        value: T = _values.get().get(self, default)
        return value

    def set(self, value: T) -> None:
        """Set the value in the current context; an empty one is the same as none."""
        before, after = _values.get(), _Values()
        # Not before.items(): another thread may drop a slot meanwhile. keyrefs() is a list.
        for reference in before.keyrefs():
            other = reference()
            if other is not None and other is not self:
                after[other] = before[other]
        if value:
            after[self] = value
        _values.set(after)


_Values = WeakKeyDictionary[_Slot[Any], Any]

_values: ContextVar[_Values] = ContextVar(
    "minictx.contextual",
    default=_Values(),  # noqa: B039  # nothing that is in a context is changed
)

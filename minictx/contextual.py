"""Local and LocalStack once more, over contextvars: the design that werkzeug took in 2.0.

Lay this file beside `local.py` and `stack.py`. They ask who is running, and look under that
ident in a dict of their own. Here Python does both: every thread, every greenlet and every
asyncio task has a context, Python changes contexts when it changes tasks, and a ContextVar
has another value in each.

A new task starts with a copy of its parent's context. The copy is shallow: both find the
same dict in it. So nothing that is in a context is ever changed. Whoever wants to store
something makes a copy of the dict, changes that, and puts it into their own context. This
is *copy on write*: a child starts from what its parent had, and cannot change it.

    in each context: {local: {name: value}}
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
    """An object whose attributes every thread, greenlet or task has for itself.

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

    Only the namespace is copied, not the values in it: a list that a parent stored is the
    child's list, too. And a value that refers to its own Local keeps that Local, and so
    itself, until the context ends: release it.
    """

    __slots__ = ("__weakref__",)

    def __getattr__(self, name: str) -> Any:
        try:
            return _namespaces.get()[self][name]
        except KeyError:
            raise _missing(name) from None

    def __setattr__(self, name: str, value: Any) -> None:
        _replace(self, {**_namespace(self), name: value})

    def __delattr__(self, name: str) -> None:
        namespace = dict(_namespace(self))
        try:
            del namespace[name]
        except KeyError:
            raise _missing(name) from None
        _replace(self, namespace)

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        """Iterate over the (name, value) pairs of the running thread, greenlet or task."""
        return iter(_namespace(self).items())

    def __call__(self, name: str, *, unbound_message: str | None = None) -> LocalProxy[Any]:
        """Return a `LocalProxy` that stands for the attribute ``name``."""
        return LocalProxy(self, name, unbound_message=unbound_message)

    @property
    def __storage__(self) -> dict[str, Any]:
        """What is stored here in the current context: ``{name: value}``.

        Only Python knows the other contexts, and it has no list of them: what can be
        printed whole in `local.py` cannot be looked at here.
        """
        return dict(_namespace(self))

    def __repr__(self) -> str:
        names = ", ".join(_namespace(self)) or "nothing"
        return f"<{type(self).__name__}: {names} here>"

    def __release_local__(self) -> None:
        if _namespace(self):
            _replace(self, {})

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


# At a first reading, skip to LocalStack. A ContextVar for each Local would be simpler, and
# is what werkzeug has; but a context holds every ContextVar that was set in it, for as long
# as the context lives. A Local that is dropped would leave its values behind in all of them.
# So there is one ContextVar for all, whose dicts refer to a Local weakly.

_Namespaces = WeakKeyDictionary[Local, dict[str, Any]]

_namespaces: ContextVar[_Namespaces] = ContextVar(
    "minictx.contextual",
    default=WeakKeyDictionary(),  # noqa: B039  # nothing that is in a context is changed
)


def _namespace(local: Local) -> dict[str, Any]:
    return _namespaces.get().get(local, {})


def _replace(local: Local, namespace: dict[str, Any]) -> None:
    before = _namespaces.get()
    after: _Namespaces = WeakKeyDictionary()
    # Not before.items(): another thread may drop a Local meanwhile. keyrefs() is a list.
    for reference in before.keyrefs():
        other = reference()
        if other is not None and other is not local:
            after[other] = before[other]
    if namespace:
        after[local] = namespace
    _namespaces.set(after)


def _missing(name: str) -> AttributeError:
    return AttributeError(f"{name!r} is not set on this Local in this context")


def _cannot_copy(holder: object) -> TypeError:
    return TypeError(
        f"cannot copy or pickle a {type(holder).__name__}: what it holds belongs to the"
        " contexts that run; make a new one, and copy the values you need"
    )


class LocalStack(Generic[T]):
    """A stack that every thread, greenlet or task has for itself.

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

    def __init__(self) -> None:
        self._local = Local()

    @property
    def _stack(self) -> tuple[T, ...]:
        # A tuple: what a child shares with its parent, nobody shall be able to change.
        stack: tuple[T, ...] = _namespace(self._local).get("stack", ())
        return stack

    def push(self, obj: T) -> list[T]:
        """Put ``obj`` on top, and return what the stack is now, as a list."""
        stack = (*self._stack, obj)
        self._local.stack = stack
        return list(stack)

    def pop(self) -> T | None:
        """Take the top item off and return it; return None if there is none."""
        stack = self._stack
        if len(stack) <= 1:
            self._local.__release_local__()
        else:
            self._local.stack = stack[:-1]
        return stack[-1] if stack else None

    @property
    def top(self) -> T | None:
        """The top item, or None if there is none."""
        stack = self._stack
        return stack[-1] if stack else None

    def __iter__(self) -> Iterator[T]:
        """Iterate over the stack of whoever runs, from bottom to top."""
        return iter(self._stack)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {len(self._stack)} items here>"

    def __call__(
        self, name: str | None = None, *, unbound_message: str | None = None
    ) -> LocalProxy[Any]:
        """Return a `LocalProxy` to the top item, or to its attribute ``name``."""
        return LocalProxy(self, name, unbound_message=unbound_message)

    @property
    def __storage__(self) -> dict[str, Any]:
        """The stack of the current context, ``{"stack": (bottom, ..., top)}``, or ``{}``."""
        return self._local.__storage__

    def __release_local__(self) -> None:
        self._local.__release_local__()

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

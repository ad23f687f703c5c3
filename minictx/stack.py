"""LocalStack: a stack for each greenlet or thread, kept in a `Local`.

Flask needs a stack, and not one value, because contexts nest: the innermost one is
current, and when it is popped, the one around it is current again. All of it is

    {ident: {"stack": [bottom, ..., top]}}
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from operator import attrgetter
from typing import Any, Generic, NoReturn, TypeVar

from minictx.ident import get_ident, owner_func
from minictx.local import Local, add_namespace, cannot_copy
from minictx.proxy import LocalProxy

__all__ = ["LocalStack"]

T = TypeVar("T")

_NOTHING: dict[str, Any] = {"stack": ()}  # the namespace of whoever has none
_EMPTY = "the stack of this greenlet or thread is empty: push something here first"


class LocalStack(Generic[T]):
    """A stack that every greenlet, or thread, has for itself.

    >>> from minictx import LocalStack
    >>> stack = LocalStack()
    >>> stack.push("outer")
    ['outer']
    >>> stack.push("inner")
    ['outer', 'inner']
    >>> stack.pop(), stack.top
    ('inner', 'outer')
    >>> stack.pop(), stack.top, stack.__storage__
    ('outer', None, {})
    """

    def __init__(self, ident_func: Callable[[], Hashable] = get_ident) -> None:
        self._local = Local(ident_func)
        # Every use of `request` looks at the top. So what it takes to look is at hand here.
        self._namespaces = self._local.__namespaces__
        self._get_owner = owner_func(ident_func)

    # The ident is read from its owner, which is sooner than to call get_ident().

    def push(self, obj: T) -> list[T]:
        """Put ``obj`` on top, and return the stack of the running greenlet or thread."""
        try:
            ident = self._get_owner().minictx_ident
        except AttributeError:  # this owner does not carry it yet
            ident = self.__ident_func__()
        namespace = self._namespaces.get(ident)
        if namespace is None:
            namespace = add_namespace(self._local, ident, {"stack": []})
        stack: list[T] = namespace["stack"]
        stack.append(obj)
        return stack

    def pop(self) -> T | None:
        """Take the top item off and return it; return None if there is none."""
        try:
            ident = self._get_owner().minictx_ident
        except AttributeError:
            ident = self.__ident_func__()
        # The caller of push has the list, and may have emptied it.
        stack: list[T] = self._namespaces.get(ident, _NOTHING)["stack"]
        if len(stack) <= 1:
            self._namespaces.pop(ident, None)
        return stack.pop() if stack else None

    @property
    def top(self) -> T | None:
        """The top item, or None if there is none."""
        try:
            ident = self._get_owner().minictx_ident
        except AttributeError:
            ident = self.__ident_func__()
        stack: list[T] = self._namespaces.get(ident, _NOTHING)["stack"]
        return stack[-1] if stack else None

    def __iter__(self) -> Iterator[T]:
        """Iterate over the stack of the running greenlet or thread, from bottom to top."""
        return iter(list(self._namespaces.get(self.__ident_func__(), _NOTHING)["stack"]))

    def __repr__(self) -> str:
        idents = len(self._namespaces)
        return f"<{type(self).__name__}: {len(list(self))} items here; {idents} idents>"

    def __call__(
        self, name: str | None = None, *, unbound_message: str | None = None
    ) -> LocalProxy[Any]:
        """Return a `LocalProxy` to the top item, or to its attribute ``name``."""
        return LocalProxy(self, name, unbound_message=unbound_message)

    @property
    def __storage__(self) -> dict[Hashable, dict[str, Any]]:
        """The stacks of all idents, ``{ident: {"stack": [...]}}``, as in `Local`."""
        return self._local.__storage__

    @property
    def __ident_func__(self) -> Callable[[], Hashable]:
        return self._local.__ident_func__

    @__ident_func__.setter
    def __ident_func__(self, ident_func: Callable[[], Hashable]) -> None:
        object.__setattr__(self._local, "__ident_func__", ident_func)
        self._get_owner = owner_func(ident_func)

    def _repr_html_(self) -> str:
        """The storage as a table, which a notebook shows: a row for each ident."""
        from html import escape
        from reprlib import Repr

        short = Repr()  # repr_instance() cuts what is long, and survives what raises
        short.maxother = 120
        html = "<table><tr><th>ident</th><th>stack, from bottom to top</th></tr>"
        for ident, names in self.__storage__.items():
            items = (short.repr_instance(item, 0) for item in (ident, *names.get("stack", ())))
            html += f"<tr><td>{'</td><td>'.join(map(escape, items))}</td></tr>"
        return html + "</table>"

    def __release_local__(self) -> None:
        self._local.__release_local__()

    def __resolver__(self, name: str | None, unbound_message: str | None) -> Callable[[], Any]:
        get = None if name is None else attrgetter(name)
        message = unbound_message or _EMPTY
        # A subclass may have a top of its own: then nothing is found here, and it is asked.
        namespaces = self._namespaces if type(self).top is LocalStack.top else {}

        def resolve() -> Any:
            get_owner = self._get_owner  # in Python 3.11, faster than self._get_owner()
            try:
                top = namespaces[get_owner().minictx_ident]["stack"][-1]
            except (AttributeError, LookupError):  # this takes longer, and is rare
                top = self.top
            if top is None:
                raise RuntimeError(message)
            return top if get is None else get(top)

        return resolve

    def __reduce__(self) -> NoReturn:
        raise cannot_copy(self)

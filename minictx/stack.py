"""LocalStack: a stack for each greenlet or thread.

Flask needs a stack, and not one value, because contexts nest: the innermost one is
current, and when it is popped, the one around it is current again. This is the data:

    {ident: [bottom, ..., top]}

``__storage__`` shows it as ``{ident: {"stack": [...]}}``. That is how werkzeug kept it: the
stack of an ident was the attribute ``stack`` of a `Local`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from operator import attrgetter
from typing import Any, Generic, NoReturn, TypeVar

from minictx.ident import Owners, get_ident, get_owner
from minictx.local import cannot_copy
from minictx.proxy import LocalProxy

__all__ = ["LocalStack"]

T = TypeVar("T")

_EMPTY = "the stack of this greenlet or thread is empty: push something here first"


class LocalStack(Generic[T]):
    """A stack that is separate in each greenlet or thread.

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

    __slots__ = ("__ident_func__", "__weakref__", "_owners", "_stacks")

    def __init__(self, ident_func: Callable[[], Hashable] = get_ident) -> None:
        self.__ident_func__ = ident_func
        self._stacks: dict[Hashable, list[T]] = {}  # {ident: [bottom, ..., top]}
        self._owners = Owners(self._stacks)

    # A signal handler may push and pop on the same stack, between any two lines of these two.
    # So push checks that its list is still in use, and pop puts back what came late.

    def push(self, obj: T) -> list[T]:
        """Put ``obj`` on top, and return the stack of the running greenlet or thread."""
        ident = self.__ident_func__()
        while True:
            stack = self._stacks.get(ident)
            if stack is None:
                if self.__ident_func__ is get_ident:
                    self._owners.watch(ident)
                stack = []
            stack.append(obj)
            if self._stacks.setdefault(ident, stack) is stack:
                return stack

    def pop(self) -> T | None:
        """Take the top item off and return it; return None if there is none."""
        ident = self.__ident_func__()
        stack = self._stacks.get(ident)
        item = stack.pop() if stack else None
        if not stack:
            for late in self._stacks.pop(ident, ()):
                self.push(late)
        return item

    @property
    def top(self) -> T | None:
        """The top item, or None if there is none."""
        stack = self._stacks.get(self.__ident_func__())
        return stack[-1] if stack else None

    def __iter__(self) -> Iterator[T]:
        """Iterate over the stack of the running greenlet or thread, from bottom to top."""
        return iter(list(self._stacks.get(self.__ident_func__(), ())))

    def __repr__(self) -> str:
        here, idents = len(list(self)), len(self._stacks)
        return f"<{type(self).__name__}: {here} items here; {idents} idents>"

    def __call__(
        self, name: str | None = None, *, unbound_message: str | None = None
    ) -> LocalProxy[Any]:
        """Return a `LocalProxy` to the top item, or to its attribute ``name``."""
        return LocalProxy(self, name, unbound_message=unbound_message)

    @property
    def __storage__(self) -> dict[Hashable, dict[str, Any]]:
        """The stacks of all idents that have one: ``{ident: {"stack": [bottom, ..., top]}}``.

        The dicts are copies, to look at. The lists are the stacks themselves.
        """
        return {ident: {"stack": stack} for ident, stack in self._stacks.copy().items()}

    def _repr_html_(self) -> str:
        """The storage as a table, which a notebook shows: a row for each ident."""
        from html import escape
        from reprlib import Repr

        show = Repr().repr_instance  # cuts what is long, and survives what raises
        html = "<table><tr><th>ident</th><th>stack, from bottom to top</th></tr>"
        for ident, stack in self._stacks.copy().items():
            cells = [escape(show(item, 0)) for item in (ident, *stack)]
            html += f"<tr><td>{'</td><td>'.join(cells)}</td></tr>"
        return html + "</table>"

    def __release_local__(self) -> None:
        self._stacks.pop(self.__ident_func__(), []).clear()  # a push may have it in hand

    def __resolver__(self, name: str | None, unbound_message: str | None) -> Callable[[], Any]:
        get = None if name is None else attrgetter(name)
        message = unbound_message or _EMPTY
        has_this_top = type(self).top is LocalStack.top  # a subclass may have its own

        def resolve() -> Any:
            # Every use of `request` comes here, so what `top` does is written out.
            if has_this_top and self.__ident_func__ is get_ident:
                try:
                    top = self._stacks[id(get_owner())][-1]
                except LookupError:
                    top = None
            else:
                top = self.top
            if top is None:
                raise RuntimeError(message)
            return top if get is None else get(top)

        return resolve

    def __reduce__(self) -> NoReturn:
        raise cannot_copy(self)

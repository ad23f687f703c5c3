"""Local: one name, a separate value for each greenlet or thread.

It is a dict of dicts. Reading ``local.user`` asks for the ident of the running greenlet or
thread, takes the namespace that is stored under it, and looks there:

    {ident: {name: value}}
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from operator import attrgetter
from typing import Any, NoReturn, Protocol, runtime_checkable

from minictx.ident import Owners, get_ident
from minictx.proxy import LocalProxy

__all__ = ["Local", "release_local"]


class Local:
    """An object whose attributes are separate in each greenlet or thread.

    >>> import threading
    >>> from minictx import Local
    >>> local = Local()
    >>> local.user = "alice"
    >>> def work():
    ...     print(hasattr(local, "user"))
    ...     local.user = "bob"
    >>> thread = threading.Thread(target=work)
    >>> thread.start(); thread.join()
    False
    >>> local.user
    'alice'

    What was stored is dropped when its greenlet or thread ends. ``ident_func`` may answer "who
    is running?" in another way, with anything that can be the key of a dict. Nothing tells a
    Local when such an ident is no longer in use: call `release_local` then.

    A greenlet that stores a reference to itself here keeps itself alive, and its data with it.
    Such data must be released, too.
    """

    __slots__ = ("__ident_func__", "__namespaces__", "__owners__", "__weakref__")

    __ident_func__: Callable[[], Hashable]
    __namespaces__: dict[Hashable, dict[str, Any]]  # {ident: {name: value}}
    __owners__: Owners

    def __init__(self, ident_func: Callable[[], Hashable] = get_ident) -> None:
        # self.__namespaces__ = {} would call __setattr__ below, which reads
        # self.__namespaces__, which is not set yet, so __getattr__ reads it, and so on.
        object.__setattr__(self, "__ident_func__", ident_func)
        object.__setattr__(self, "__namespaces__", {})
        object.__setattr__(self, "__owners__", Owners(self.__namespaces__))

    def __getattr__(self, name: str) -> Any:
        ident = self.__ident_func__()
        try:
            return self.__namespaces__[ident][name]
        except KeyError:
            raise _missing(name) from None

    def __setattr__(self, name: str, value: Any) -> None:
        ident = self.__ident_func__()
        namespace = self.__namespaces__.get(ident)
        if namespace is None:
            if self.__ident_func__ is get_ident:
                self.__owners__.watch(ident)
            namespace = self.__namespaces__.setdefault(ident, {})
        namespace[name] = value

    def __delattr__(self, name: str) -> None:
        ident = self.__ident_func__()
        try:
            del self.__namespaces__[ident][name]
        except KeyError:
            raise _missing(name) from None

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        """Iterate over the (name, value) pairs of the running greenlet or thread."""
        # Over a copy, so that the loop may set and delete names.
        return iter(list(self.__namespaces__.get(self.__ident_func__(), {}).items()))

    def __call__(self, name: str, *, unbound_message: str | None = None) -> LocalProxy[Any]:
        """Return a `LocalProxy` that stands for the attribute ``name``."""
        return LocalProxy(self, name, unbound_message=unbound_message)

    @property
    def __storage__(self) -> dict[Hashable, dict[str, Any]]:
        """Everything stored here, for all idents: ``{ident: {name: value}}``.

        It is a copy, to look at: other threads may store or end meanwhile, and changing the
        copy changes nothing here.
        """
        return {ident: dict(names) for ident, names in self.__namespaces__.copy().items()}

    def __repr__(self) -> str:
        names = ", ".join(name for name, _ in self) or "nothing"
        return f"<{type(self).__name__}: {names} here; {len(self.__namespaces__)} idents>"

    def __release_local__(self) -> None:
        self.__namespaces__.pop(self.__ident_func__(), None)

    def __resolver__(self, name: str | None, unbound_message: str | None) -> Callable[[], Any]:
        if name is None:
            raise TypeError('a proxy to a Local needs a name: LocalProxy(local, "user")')
        get = attrgetter(name)
        message = unbound_message or (
            f"{name!r} has no value in this greenlet or thread:"
            " set it on the Local here, before the proxy is used"
        )

        def resolve() -> Any:
            try:
                return get(self)
            except AttributeError:
                raise RuntimeError(message) from None

        return resolve

    def __reduce__(self) -> NoReturn:
        raise cannot_copy(self)


def _missing(name: str) -> AttributeError:
    return AttributeError(f"{name!r} is not set on this Local in this greenlet or thread")


def cannot_copy(holder: object) -> TypeError:
    """Return the error for an attempt to copy or pickle a ``holder`` of per-ident data."""
    return TypeError(
        f"cannot copy or pickle a {type(holder).__name__}: what it holds belongs to running"
        " greenlets and threads; make a new one, and copy the values you need"
    )


@runtime_checkable
class Releasable(Protocol):
    """Anything that `release_local` can empty: a `Local`, a `LocalStack`."""

    def __release_local__(self) -> None: ...


def release_local(local: Releasable) -> None:
    """Drop all that the running greenlet or thread stored in ``local``; others keep theirs.

    >>> from minictx import Local, release_local
    >>> local = Local()
    >>> local.user = "alice"
    >>> release_local(local)
    >>> hasattr(local, "user"), local.__storage__
    (False, {})
    """
    local.__release_local__()

"""Small differences between the versions of ``werkzeug.local``, as subclasses of minictx's."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

__all__ = ["makes_proxies", "takes_context_var", "wraps_functions"]


def takes_context_var(cls: Any) -> Any:
    """Return a Local or LocalStack that may be given a ContextVar, as in werkzeug since 2.2.

    Those that are kept by ident have no use for it.
    """

    class Given(cls):  # type: ignore[misc]
        __slots__ = ()

        def __init__(self, context_var: ContextVar[Any] | None = None) -> None:
            super().__init__()

    return _named_like(cls, Given)


def wraps_functions(cls: Any) -> Any:
    """Return a LocalProxy whose ``__wrapped__`` is its function, as in werkzeug until 2.1.

    Since then, a proxy that is bound has the ``__wrapped__`` of its object.
    """

    class Wrapping(cls):  # type: ignore[misc]
        __slots__ = ()
        __doc__ = vars(cls)["__doc__"]

        @property
        def __wrapped__(self) -> Any:
            source = object.__getattribute__(self, "_LocalProxy__wrapped")
            if callable(source) and not hasattr(type(source), "__release_local__"):
                return source
            raise AttributeError("it is no function: look at the object")

    return _named_like(cls, Wrapping)


def makes_proxies(cls: Any, proxy: Any) -> Any:
    """Return a Local or LocalStack that makes proxies of the class ``proxy``."""

    class Making(cls):  # type: ignore[misc]
        __slots__ = ()

        def __call__(self, *names: str) -> Any:
            return proxy(self, *names)

    return _named_like(cls, Making)


def _named_like(cls: type, new: type) -> type:
    # Who looks at it, such as a traceback or a test, is led to minictx's own file.
    for attribute in ("__name__", "__qualname__", "__module__"):
        setattr(new, attribute, getattr(cls, attribute))
    return new

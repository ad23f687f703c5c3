"""What ``g`` is: an object with nothing in it but what one app context puts there."""

from __future__ import annotations

from collections.abc import Iterator
from reprlib import repr as repr_bounded
from typing import TYPE_CHECKING, Any

__all__: list[str] = []

_RAISE = object()  # "no default"


class _AppCtxGlobals:
    """The object behind ``g``: a place for what the code of one app context shares.

    >>> g = _AppCtxGlobals()
    >>> g.user = "alice"
    >>> g.get("user"), g.get("role", "guest"), "role" in g
    ('alice', 'guest', False)
    """

    if TYPE_CHECKING:

        def __setattr__(self, name: str, value: Any) -> None: ...

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"g.{name} was not set in this app context", name=name, obj=self)

    def get(self, name: str, default: Any = None) -> Any:
        """Return the attribute ``name``, or ``default``."""
        return self.__dict__.get(name, default)

    def pop(self, name: str, default: Any = _RAISE) -> Any:
        """Delete the attribute ``name`` and return it; without it, return the default."""
        return self.__dict__.pop(name, *(() if default is _RAISE else (default,)))

    def setdefault(self, name: str, default: Any = None) -> Any:
        """Return the attribute ``name``; set it to ``default`` first if it is not there."""
        return self.__dict__.setdefault(name, default)

    def __contains__(self, name: str) -> bool:
        return name in self.__dict__

    def __iter__(self) -> Iterator[str]:
        return iter(self.__dict__)

    def __repr__(self) -> str:
        names = (f"{name}={repr_bounded(value)}" for name, value in vars(self).items())
        return f"<g: {', '.join(names) or 'empty'}>"

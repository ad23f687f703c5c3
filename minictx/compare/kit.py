"""Kit: what one implementation has to offer, under the same names as all others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["Kit", "NotThereError"]


class NotThereError(Exception):
    """An implementation has no such thing: there is nothing to ask."""


@dataclass(frozen=True)
class Kit:
    """Hold the classes of one implementation; asking for one that it has not raises.

    >>> import threading
    >>> kit = Kit(threading.local)
    >>> kit.Local().user = "alice"
    >>> kit.LocalStack()
    Traceback (most recent call last):
        ...
    minictx.compare.kit.NotThereError: no LocalStack
    """

    local: type
    stack: type | None = None
    proxy: type | None = None
    release_local: Callable[[Any], None] | None = None
    is_adapter: bool = False  # the Local is ours, made to look like one

    @property
    def Local(self) -> Any:  # noqa: N802  # the name of the class, as everywhere
        """The class, or what stands for it."""
        return self.local

    @property
    def OwnLocal(self) -> Any:  # noqa: N802
        """The class, where it is the implementation's own."""
        if self.is_adapter:
            raise NotThereError("no Local of its own")
        return self.local

    @property
    def LocalStack(self) -> Any:  # noqa: N802
        """The class."""
        return self._there(self.stack, "LocalStack")

    @property
    def LocalProxy(self) -> Any:  # noqa: N802
        """The class."""
        return self._there(self.proxy, "LocalProxy")

    @property
    def release(self) -> Any:
        """The function that forgets all that the current context has stored."""
        return self._there(self.release_local, "release_local")

    def _there(self, thing: Any, name: str) -> Any:
        if thing is None:
            raise NotThereError(f"no {name}")
        return thing

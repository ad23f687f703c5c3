"""Teardown: all of its functions are called, and then it is said which of them failed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["Errors"]


class Errors(list[BaseException]):
    """The errors of functions that must all be called, even if one of them raises.

    ``wrong_order`` is the error of a context that was popped when another one was on top.
    """

    wrong_order: AssertionError | None = None

    def call(self, function: Callable[..., object], *args: Any, **kwargs: Any) -> None:
        """Call a function; keep what it raises."""
        try:
            function(*args, **kwargs)
        except BaseException as error:
            self.append(error)

    def raise_any(self, message: str) -> None:
        """Raise all that was kept, in one group; nothing, if there is nothing."""
        if self.wrong_order and not self:
            raise self.wrong_order
        if self:
            raise BaseExceptionGroup(message, self) from self.wrong_order

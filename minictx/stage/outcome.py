"""How a step ends: with a value that was yielded or returned, or with an error."""

from __future__ import annotations

from reprlib import Repr
from types import TracebackType
from typing import Any

__all__ = ["Outcome"]

_short = Repr()
_short.maxstring = _short.maxother = 40


class Outcome:
    """Note how a step ends: with a value that was yielded or returned, or with an error.

    It wraps the call, as in ``with Outcome() as outcome: outcome.value = next(generator)``.
    """

    def __init__(self) -> None:
        self.value: Any = None
        self.shown = ""  # the value as text, made by the actor at that moment
        self.finished = False
        self.error: BaseException | None = None

    def take_error(self) -> BaseException | None:
        """Return the error, and forget it.

        The frames in its traceback hold this outcome: it may not hold the error for ever.
        """
        error, self.error = self.error, None
        return error

    def __enter__(self) -> Outcome:
        return self

    def __exit__(
        self, _: object, error: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        self.finished = error is not None
        if isinstance(error, StopIteration):
            self.value = error.value
        elif error is not None and not isinstance(error, StopAsyncIteration):
            assert traceback is not None
            # Its traceback begins with the generator: who called that is of no interest.
            self.error = error.with_traceback(traceback.tb_next)
        if self.error is None and self.value is not None:
            self.shown = _short.repr(self.value)
        return True

"""The one class of errors that a user sees: a command prints its line, and exits with 2."""

from __future__ import annotations

__all__ = ["MinictxError"]


class MinictxError(Exception):
    """Say in one line what is wrong, and what to do about it.

    Each part of minictx derives its own error from this class. Nothing but `minictx.cli`
    catches it to print it.
    """

"""What differs: between kinds of context-local (``locals``), and between Flasks."""

from minictx.errors import MinictxError

__all__ = ["CompareError"]


class CompareError(MinictxError):
    """Say in one line why the command cannot do what it was asked for."""

"""Local again: over a ContextVar, so that tasks are kept apart, too."""

from contextvars import ContextVar


class Local:
    """Attributes that are separate for each thread, greenlet and task."""

    def __init__(self):
        # self._storage = ... will call __setattr__, which needs self._storage.
        # The value of the ContextVar is {name: value}.
        object.__setattr__(self, "_storage", ContextVar("storage"))

"""Local again: over a ContextVar, so that tasks are kept apart, too."""

from contextvars import ContextVar


class Local:
    """Attributes that are separate for each thread, greenlet and task."""

    def __init__(self):
        # self._storage = ... will call __setattr__, which needs self._storage.
        # The value of the ContextVar is {name: value}.
        object.__setattr__(self, "_storage", ContextVar("storage"))

    def __getattr__(self, name):
        """Return what is stored under this name in the running context."""
        try:
            return self._storage.get({})[name]
        except KeyError:
            raise AttributeError(name) from None

    def __setattr__(self, name, value):
        """Store a value under this name, for the running context."""
        # A new dict: the old one may be in the context of another task, too.
        self._storage.set({**self._storage.get({}), name: value})

    def __delattr__(self, name):
        """Forget what is stored under this name in the running context."""
        namespace = self._storage.get({}).copy()
        try:
            del namespace[name]
        except KeyError:
            raise AttributeError(name) from None
        self._storage.set(namespace)

    def __iter__(self):
        """Iterate over the pairs (name, value) of the running context."""
        return iter(self._storage.get({}).items())

    def __release_local__(self):
        """Forget all that is stored in the running context."""
        self._storage.set({})

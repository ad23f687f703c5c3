# Says: A and B are two greenlets
"""Local once more: over a ContextVar, so that tasks are kept apart, too."""

import threading


class Local:
    """Attributes that each thread, greenlet and task has for itself."""

    def __init__(self):
        # self._storage = ... will call __setattr__, which needs self._storage.
        object.__setattr__(self, "_storage", threading.local())  # {name: value}

    def __getattr__(self, name):
        """Return what is stored under this name in the context that runs."""
        try:
            return self._storage.__dict__[name]
        except KeyError:
            raise AttributeError(name) from None

    def __setattr__(self, name, value):
        """Store a value under this name, for the context that runs."""
        # A new dict: the old one may be in the context of another task, too.
        self._storage.__dict__[name] = value

    def __delattr__(self, name):
        """Forget what is stored under this name in the context that runs."""
        namespace = self._storage.__dict__.copy()
        try:
            del namespace[name]
        except KeyError:
            raise AttributeError(name) from None
        self._storage.__dict__.pop(name)

    def __iter__(self):
        """Iterate over the pairs (name, value) of the context that runs."""
        return iter(list(self._storage.__dict__.items()))

    def __release_local__(self):
        """Forget all that is stored in the context that runs."""
        self._storage.__dict__.clear()

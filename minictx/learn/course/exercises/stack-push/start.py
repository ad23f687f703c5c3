"""LocalStack: a stack for each thread, kept in a Local."""

from local import Local


class LocalStack:
    """A stack that is separate for each thread."""

    def __init__(self):
        self._local = Local()
        self._items = []

    def push(self, obj):
        """Put obj on top, and return the running thread's stack, a list."""
        self._items.append(obj)
        return self._items

    def pop(self):
        """Take the top item off and return it, or None if there is none."""
        return self._items.pop()

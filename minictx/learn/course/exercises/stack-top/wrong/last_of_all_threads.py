# Says: after T2 pushed 'blue'
"""LocalStack: a stack for each thread, kept in a Local."""

from local import Local


class LocalStack:
    """A stack that every thread has for itself."""

    def __init__(self):
        self._local = Local()

    def push(self, obj):
        """Put obj on top, and return the stack of the thread that runs this: a list."""
        if not hasattr(self._local, "stack"):
            self._local.stack = []
        self._local.stack.append(obj)
        self._all = [*getattr(self, "_all", []), obj]
        return self._local.stack

    def pop(self):
        """Take the top item off, and return it; return None where there is none."""
        stack = getattr(self._local, "stack", [])
        if stack:
            self._all.remove(stack[-1])
        return stack.pop() if stack else None

    @property
    def top(self):
        """The top item, or None where there is none. It stays where it is."""
        items = getattr(self, "_all", [])
        return items[-1] if items else None

    def __iter__(self):
        """Iterate over the stack of the thread that runs this, from bottom to top."""
        return iter(list(getattr(self._local, "stack", [])))

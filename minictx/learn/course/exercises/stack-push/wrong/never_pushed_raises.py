# Says: before any push() raised AttributeError
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
        return self._local.stack

    def pop(self):
        """Take the top item off, and return it; return None where there is none."""
        stack = self._local.stack
        return stack.pop() if stack else None

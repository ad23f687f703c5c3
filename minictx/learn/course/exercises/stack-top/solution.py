"""LocalStack: a stack for each thread, kept in a Local."""

from local import Local


class LocalStack:
    """A stack that is separate for each thread."""

    def __init__(self):
        self._local = Local()

    def push(self, obj):
        """Put obj on top, and return the running thread's stack, a list."""
        if not hasattr(self._local, "stack"):
            self._local.stack = []
        self._local.stack.append(obj)
        return self._local.stack

    def pop(self):
        """Take the top item off and return it, or None if there is none."""
        stack = getattr(self._local, "stack", [])
        return stack.pop() if stack else None

    @property
    def top(self):
        """The top item, or None if there is none. It stays on the stack."""
        stack = getattr(self._local, "stack", [])
        return stack[-1] if stack else None

    def __iter__(self):
        """Iterate over the running thread's stack, from bottom to top."""
        return iter(list(getattr(self._local, "stack", [])))

# Says: 'NoneType' object is not callable
"""The contexts of an app and of a request, and the names that stand for what is in them."""

from proxy import LocalProxy
from stack import LocalStack

_app_ctx_stack = LocalStack()

current_app = LocalProxy(_app_ctx_stack.top, "app")


class Context:
    """What both contexts have: `with` pushes and pops them."""

    def __enter__(self):
        self.push()
        return self

    def __exit__(self, kind, error, traceback):
        self.pop(error)


class AppContext(Context):
    """What current_app stands for, from its push to its pop."""

    def __init__(self, app):
        self.app = app

    def push(self):
        """Make this the current app context."""
        _app_ctx_stack.push(self)

    def pop(self, error=None):
        """Make the context below current again.

        error is what ended the `with` block, or None.
        """
        _app_ctx_stack.pop()

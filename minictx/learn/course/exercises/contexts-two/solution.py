"""The contexts of an app and of a request, and the names that stand for what is in them."""

from proxy import LocalProxy
from stack import LocalStack

_app_ctx_stack = LocalStack()
_request_ctx_stack = LocalStack()

current_app = LocalProxy(_app_ctx_stack, "app")
request = LocalProxy(_request_ctx_stack, "request")


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


class RequestContext(Context):
    """What request stands for, from its push to its pop."""

    def __init__(self, app, request):
        self.app = app
        self.request = request

    def push(self):
        """Make this the current request context, and make sure that its app is current."""
        self.app_ctx = None  # the app context that is pushed with it
        if _app_ctx_stack.top is None:
            self.app_ctx = AppContext(self.app)
            self.app_ctx.push()
        _request_ctx_stack.push(self)

    def pop(self, error=None):
        """Take off what push put on, in reverse."""
        _request_ctx_stack.pop()
        if self.app_ctx is not None:
            self.app_ctx.pop(error)

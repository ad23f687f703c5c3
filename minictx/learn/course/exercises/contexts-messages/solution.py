"""The contexts of an app and of a request, and the names that stand for what is in them."""

from proxy import LocalProxy
from stack import LocalStack

_app_ctx_stack = LocalStack()
_request_ctx_stack = LocalStack()

NO_APP = """\
Working outside of application context.
`{name}` stands for what belongs to an app, and none is active here. Push its context first:
    with AppContext(app): ..."""

NO_REQUEST = """\
Working outside of request context.
`{name}` stands for what belongs to a request, and none is handled here. In a test, push one:
    with RequestContext(app, request): ..."""

current_app = LocalProxy(
    _app_ctx_stack, "app", unbound_message=NO_APP.format(name="current_app")
)
g = LocalProxy(_app_ctx_stack, "g", unbound_message=NO_APP.format(name="g"))
request = LocalProxy(
    _request_ctx_stack, "request", unbound_message=NO_REQUEST.format(name="request")
)


class AppGlobals:
    """What g stands for: a place for what the code of one app context shares."""

    def __getattr__(self, name):
        raise AttributeError(f"g.{name} was not set in this app context")

    def get(self, name, default=None):
        """Return the attribute of this name, or the default."""
        return vars(self).get(name, default)

    def __contains__(self, name):
        return name in vars(self)


class Context:
    """What both contexts have: `with` pushes and pops them."""

    def __enter__(self):
        self.push()
        return self

    def __exit__(self, kind, error, traceback):
        self.pop(error)

    def take_off(self, stack):
        """Take this context off the stack; it must be the one on top."""
        top = stack.pop()
        assert top is self, f"popped wrong context: {top} was on top, and not {self}"


class AppContext(Context):
    """What current_app and g stand for, from its push to its pop."""

    def __init__(self, app):
        self.app = app
        self.g = AppGlobals()

    def push(self):
        """Make this the current app context."""
        _app_ctx_stack.push(self)

    def pop(self, error=None):
        """Make the context below current again.

        error is what ended the `with` block, or None.
        """
        self.take_off(_app_ctx_stack)


class RequestContext(Context):
    """What request stands for, from its push to its pop."""

    def __init__(self, app, request):
        self.app = app
        self.request = request

    def push(self):
        """Make this the current request context, and make sure that its app is current."""
        self.app_ctx = None  # the app context that is pushed with it
        top = _app_ctx_stack.top
        if top is None or top.app is not self.app:
            self.app_ctx = AppContext(self.app)
            self.app_ctx.push()
        _request_ctx_stack.push(self)

    def pop(self, error=None):
        """Take off what push put on, in reverse."""
        self.take_off(_request_ctx_stack)
        if self.app_ctx is not None:
            self.app_ctx.pop(error)

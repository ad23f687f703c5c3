"""A framework: what happens to a request between the server and the view."""

from contexts import RequestContext, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Request, Response


class App:
    """An app: its views, and what is called around them. A server calls the app itself."""

    def __init__(self, name):
        self.name = name
        self.views = {}  # {path: function}
        self.before_request_funcs = []
        self.after_request_funcs = []
        self.teardown_request_funcs = []
        self.teardown_appcontext_funcs = []

    def route(self, path):
        """Return a decorator: the function is the view of this path."""

        def decorator(view):
            self.views[path] = view
            return view

        return decorator

    def before_request(self, function):
        """Call the function before each view, in the order of registering."""
        self.before_request_funcs.append(function)
        return function

    def after_request(self, function):
        """Call the function with each response, in the reverse order of registering."""
        self.after_request_funcs.append(function)
        return function

    def __call__(self, environ, start_response):
        """Answer one request of the server."""
        with RequestContext(self, Request(environ)):
            response = self.full_dispatch_request()
            return response(environ, start_response)

    def full_dispatch_request(self):
        """Return the response to the current request."""
        value = self.preprocess_request()
        if value is None:
            value = self.dispatch_request()
        return self.process_response(make_response(value))

    def preprocess_request(self):
        """Call the hooks before the view; the first value that one returns is the answer."""
        for function in self.before_request_funcs:
            value = function()
            if value is not None:
                return value
        return None

    def dispatch_request(self):
        """Return what the view of the current request returns."""
        if request.path not in self.views:
            raise NotFound
        return self.views[request.path]()

    def process_response(self, response):
        """Return what the functions after the view make of the response."""
        for function in reversed(self.after_request_funcs):
            response = function(response)
        return response


def make_response(value):
    """Return a response for what a view has returned."""
    return value if isinstance(value, Response) else Response(value)

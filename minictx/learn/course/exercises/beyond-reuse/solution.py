"""A middleware: when a request is over, it removes what was stored."""

from local import release_local


class ReleasingBody:
    """The body of a response. When it is closed, the local is released."""

    def __init__(self, body, local):
        self.body = body
        self.local = local

    def __iter__(self):
        return iter(self.body)

    def close(self):
        """Close the body inside, then release, even after an error."""
        try:
            if hasattr(self.body, "close"):
                self.body.close()
        finally:
            release_local(self.local)


def release_after(app, local):
    """Return an app that answers as app does, and then releases the local."""

    def application(environ, start_response):
        try:
            return ReleasingBody(app(environ, start_response), local)
        except BaseException:
            release_local(local)  # there is no body to close
            raise

    return application

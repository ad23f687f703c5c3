"""A middleware: when a request is over, it removes what was stored."""

from local import release_local


def release_after(app, local):
    """Return an app that answers as app does, and then releases the local."""

    def application(environ, start_response):
        body = app(environ, start_response)
        release_local(local)
        return body

    return application

# Says: do not ask for parts before
"""A middleware: when a request is over, it takes away what was stored."""

from local import release_local


def release_after(app, local):
    """Return an app that answers as app does, and then releases the local."""

    def application(environ, start_response):
        try:
            return list(app(environ, start_response))
        finally:
            release_local(local)

    return application

# Says: what has an app done when it has returned
"""A middleware: when a request is over, it takes away what was stored."""

from local import release_local


def release_after(app, local):
    """Return an app that answers as app does, and then releases the local."""

    def application(environ, start_response):
        try:
            return app(environ, start_response)
        finally:
            release_local(local)

    return application

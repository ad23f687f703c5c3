# Says: and the app was never called
"""A middleware: when a request is over, it takes away what was stored."""

from local import release_local


def release_after(app, local):
    """Return an app that answers as app does, and then releases the local."""

    def application(environ, start_response):
        body = []
        try:
            body = app(environ, start_response)
            yield from body
        finally:
            try:
                if hasattr(body, "close"):
                    body.close()
            finally:
                release_local(local)

    return application

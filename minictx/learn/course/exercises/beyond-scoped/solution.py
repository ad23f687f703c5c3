"""A scoped session: one name, with a different session for each ident."""


class ScopedSession:
    """Stands for the caller's session.

    make_session() makes a session; scopefunc() returns the running ident.
    """

    def __init__(self, make_session, scopefunc):
        self.make_session = make_session
        self.scopefunc = scopefunc
        self.registry = {}  # {ident: session}

    def __call__(self):
        """Return the caller's session; make one if there is none."""
        ident = self.scopefunc()
        if ident not in self.registry:
            self.registry[ident] = self.make_session()
        return self.registry[ident]

    def __getattr__(self, name):
        return getattr(self(), name)

    def remove(self):
        """Close the caller's session, if any, and forget it."""
        ident = self.scopefunc()
        if ident in self.registry:
            self.registry.pop(ident).close()


def serve(session, view):
    """Return what the view returns. Then nothing is left of its session."""
    try:
        return view()
    finally:
        session.remove()

# Says: session.remove() raised KeyError
"""A scoped session: one name, and another session for each who runs."""


class ScopedSession:
    """Stands for the session of whoever runs.

    make_session() makes a session; scopefunc() says who runs, by an ident.
    """

    def __init__(self, make_session, scopefunc):
        self.make_session = make_session
        self.scopefunc = scopefunc
        self.registry = {}  # {ident: session}

    def __call__(self):
        """Return the session of whoever runs; make one if there is none."""
        ident = self.scopefunc()
        if ident not in self.registry:
            self.registry[ident] = self.make_session()
        return self.registry[ident]

    def __getattr__(self, name):
        return getattr(self(), name)

    def remove(self):
        """Close the session of whoever runs, if any, and forget it."""
        self.registry.pop(self.scopefunc()).close()


def serve(session, view):
    """Return what the view returns. Then nothing is left of its session."""
    try:
        return view()
    finally:
        session.remove()

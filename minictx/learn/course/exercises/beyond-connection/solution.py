"""A database: each thread needs its own connection, and must close it."""

import sqlite3

from local import Local, release_local


class Database:
    """A database in a file, for all threads."""

    def __init__(self, path):
        self.path = path
        self.local = Local()

    @property
    def connection(self):
        """The running thread's or greenlet's connection. The first use opens it."""
        if not hasattr(self.local, "connection"):
            self.local.connection = sqlite3.connect(self.path)
        return self.local.connection

    def __enter__(self):
        return self

    def __exit__(self, *error):
        if hasattr(self.local, "connection"):
            self.local.connection.close()
            release_local(self.local)

# Says: A's block has not ended
"""A database: each thread needs a connection of its own, and must close it."""

import sqlite3

from local import get_ident


class Database:
    """A database in a file, for all threads."""

    def __init__(self, path):
        self.path = path
        self.connections = {}

    @property
    def connection(self):
        """The connection of whoever runs. The first use opens it."""
        if get_ident() not in self.connections:
            self.connections[get_ident()] = sqlite3.connect(self.path, check_same_thread=False)
        return self.connections[get_ident()]

    def __enter__(self):
        return self

    def __exit__(self, *error):
        for connection in self.connections.values():
            connection.close()
        self.connections.clear()

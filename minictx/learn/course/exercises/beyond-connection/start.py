"""A database: each thread needs its own connection, and must close it."""

import sqlite3


class Database:
    """A database in a file, for all threads."""

    def __init__(self, path):
        self.connection = sqlite3.connect(path)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.connection.close()

"""PersistentDB reopens a connection that is worn out or dead, and the program need not notice.

Look for what the database sees in each line: the program asks for its connection, sends
two statements and closes it; and after the bar, does all that once more.

Question: in how many of the lines does close() close the connection? Who opens it again?
"""

from services import connect, execute, need

need("dbutils")
from dbutils.persistent_db import PersistentDB

log = []
opened = []


class Logged:  # stands before a real object, which does what is not defined here
    def __init__(self, real):
        self.real = real

    def __getattr__(self, name):
        return getattr(self.real, name)


class LoggedCursor(Logged):  # a cursor is what sends statements
    def execute(self, statement):
        log.append(statement.split()[0])
        self.real.execute(statement)


class LoggedConnection(Logged):
    threadsafety = 1  # two threads may each have one, but may not share one

    def __init__(self):
        super().__init__(connect())
        log.append("open")
        opened.append(self)

    def cursor(self):
        return LoggedCursor(self.real.cursor())

    def ping(self, reconnect):
        log.append("ping")
        execute(self.real, "SELECT 1")  # an error, if the connection is dead

    def close(self):
        log.append("close")
        self.real.close()


def show(title, between=lambda: None, **options):
    """Use a persistent connection twice, and print all that was written down."""
    log.clear()
    persistent = PersistentDB(LoggedConnection, **options)
    for _ in range(2):
        connection = persistent.connection()
        execute(connection, "SELECT 1")
        execute(connection, "SELECT 2")
        connection.close()
        between()
        log.append("|")
    print(f"{title:<14}", *log[:-1])


show("no options")
show("ping=4", ping=4)
show("closeable=True", closeable=True)
show("maxusage=3", maxusage=3)
show("setsession=...", setsession=["CREATE TEMPORARY TABLE basket (name VARCHAR(9))"])
show("it has died", between=lambda: opened[-1].real.close())

# Answer: in one, closeable=True; else the thread keeps it for its next use. DBUtils opens it
# again after `maxusage` statements, or if a ping finds it dead: when it is asked for (1, the
# default), before each statement (4). sqlite3's own connections have no ping() to ask.
#
# Chapter: Databases
# Topics: 18 (docs/topics.md)
#
# Output:
# no options     open ping SELECT SELECT | ping SELECT SELECT
# ping=4         open ping SELECT ping SELECT | ping SELECT ping SELECT
# closeable=True open ping SELECT SELECT close | ping open SELECT SELECT close
# maxusage=3     open ping SELECT SELECT | ping SELECT open close SELECT
# setsession=... open CREATE ping SELECT SELECT | ping SELECT SELECT
# it has died    open ping SELECT SELECT | ping open close SELECT SELECT

"""A pool lends connections: close() gives one back, and the next who asks gets the same.

Look for how many are open, and for what those get who ask when all are lent.

Question: three were lent and given back. How many of them are open? Can they still be used?
"""

import threading

from services import connect, execute, need

need("dbutils")
from dbutils.pooled_db import PooledDB, PooledDBError


class Connection:  # stands before a real one, and counts how many are open
    threadsafety = 1  # only one thread at a time may use it, as with PyMySQL's
    count = 0

    def __init__(self):
        Connection.count += 1
        self.real = connect()

    def __getattr__(self, name):
        return getattr(self.real, name)

    def close(self):
        Connection.count -= 1
        self.real.close()


def show(what, action=lambda: f"{Connection.count} open"):
    try:
        result = action()
    except PooledDBError as error:
        result = type(error).__name__
    print(f"{what:<42} {result}")


pool = PooledDB(Connection, mincached=2, maxcached=2, maxconnections=3)
show("mincached=2: the pool is new")
lent = [pool.connection() for _ in range(3)]
show("maxconnections=3: a fourth is asked for", pool.connection)
for connection in lent:
    connection.close()
show("maxcached=2: three are given back")
show("one of them is used again", lambda: execute(lent[0], "SELECT 1"))

for threadsafety in (1, 2):
    Connection.threadsafety = threadsafety
    pool = PooledDB(Connection, maxshared=1)
    lent = [pool.connection() for _ in range(2)]
    show(f"maxshared=1, threadsafety={threadsafety}: two are lent")

pool = PooledDB(Connection, maxconnections=1, blocking=True)
connection, bob_asks, log = pool.connection(), threading.Event(), ["alice has it"]


def bob():
    bob_asks.set()
    with pool.connection():  # waits until there is one
        log.append("bob has it")


thread = threading.Thread(target=bob)
thread.start()
bob_asks.wait()
log.append("alice gives it back")
connection.close()
thread.join()
print("blocking=True:", ", ".join(log))

# Answer: two, as the third did not fit into the pool; and no: by now they may be lent to
# another. maxshared does nothing unless the driver says (threadsafety, 2 or more) that
# threads may share a connection. PyMySQL says 1, and so does DBUtils of a plain function.
#
# Chapter: Databases
# Topics: 19 (docs/topics.md)
#
# Output:
# mincached=2: the pool is new               2 open
# maxconnections=3: a fourth is asked for    TooManyConnectionsError
# maxcached=2: three are given back          2 open
# one of them is used again                  InvalidConnectionError
# maxshared=1, threadsafety=1: two are lent  4 open
# maxshared=1, threadsafety=2: two are lent  3 open
# blocking=True: alice has it, alice gives it back, bob has it

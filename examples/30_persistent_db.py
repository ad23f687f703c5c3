"""PersistentDB keeps one connection for each thread. Greenlets on a thread then share it.

Look for how many connections are opened for three users, and for whether the order that
alice has sent is still there after bob undid his own work.

Question: a connection has one transaction at a time. alice has sent an order, and waits
before she commits it. Meanwhile bob rolls back. What does alice commit?
"""

import threading

from services import connect, execute, need

from minictx import Local
from minictx.stage import run

need("dbutils", "greenlet")
from dbutils.persistent_db import PersistentDB

KEPT_IN = {"threading.local": threading.local, "minictx.Local": Local}


def order_tea(on, threadlocal):
    """Let three users take turns; return how many connections it took, and what was stored."""
    opened = 0

    def open_connection():
        nonlocal opened
        opened += 1
        return connect()

    persistent = PersistentDB(open_connection, threadlocal=threadlocal)

    def alice():
        connection = persistent.connection()
        execute(connection, "INSERT INTO example_30 VALUES ('tea for alice')")
        yield
        connection.commit()

    def others():
        connection = persistent.connection()
        yield
        connection.rollback()  # something went wrong: undo all since the last commit

    run("alice bob carol bob carol alice", on=on, alice=alice, bob=others, carol=others)
    rows = execute(office, "SELECT * FROM example_30")
    execute(office, "DELETE FROM example_30")
    office.commit()
    return opened, [name for (name,) in rows]


office = connect()  # not one of the three: it looks at what they have stored
execute(office, "CREATE TABLE example_30 (name VARCHAR(20))")

print("users on   connection kept in  opened  stored at the end")
for on in ("threads", "greenlets"):
    for name, threadlocal in KEPT_IN.items():
        opened, stored = order_tea(on, threadlocal)
        print(f"{on:<10} {name:<19} {opened:<7} {stored}")

execute(office, "DROP TABLE example_30")
office.close()

# Answer: nothing, if it is one connection: bob's rollback undid the only transaction that
# there was. A greenlet is a function that takes turns with others on one thread, and for
# threading.local all on a thread are the same. minictx.Local keeps greenlets apart as well:
# where a server runs its requests on greenlets, pass such a class as `threadlocal`.
#
# Chapter: Databases
# Topics: 18 (docs/topics.md)
#
# Output:
# users on   connection kept in  opened  stored at the end
# threads    threading.local     3       ['tea for alice']
# threads    minictx.Local       3       ['tea for alice']
# greenlets  threading.local     1       []
# greenlets  minictx.Local       3       ['tea for alice']

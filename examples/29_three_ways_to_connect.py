"""Connect for each request, share one connection in turns, or borrow one from a pool.

Look for how many connections are opened for the same 24 requests, which come from 4
threads: functions that run side by side. Add --measure to see how fast each way is.

Question: how many are there in each of the three ways? Which way will be the slowest?
"""

import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from statistics import median
from threading import Lock
from time import perf_counter

from services import connect, execute, need

from minictx.web import MiniFlask

need("dbutils")
from dbutils.pooled_db import PooledDB

PRICES = {"tea": "3", "cake": "5"}
opened = []
app = MiniFlask("shop")


def open_connection(way):
    opened.append(way)
    return connect()


@contextmanager
def share():
    with lock:  # whoever comes while another has it waits here
        yield shared
        shared.rollback()  # ends the transaction: the next one sees what is stored by then


@app.route("/<way>/<name>")
def price(way, name):
    with ways[way]() as connection:
        prices = execute(connection, "SELECT name, price FROM example_29")
    return str(dict(prices)[name])


def serve(way, names):
    """Send requests from 4 threads; return how many are right, and how many a second."""

    def ask(name):
        return app.test_client().get(f"/{way}/{name}").text == PRICES[name]

    start = perf_counter()
    with ThreadPoolExecutor(4) as threads:
        right = sum(threads.map(ask, names))
    return right, len(names) / (perf_counter() - start)


lock, shared = Lock(), open_connection("shared")
pool = PooledDB(open_connection, mincached=2, maxconnections=2, blocking=True, way="pool")
ways = {
    "own": lambda: closing(open_connection("own")),
    "shared": share,
    "pool": pool.connection,
}
execute(shared, "CREATE TABLE example_29 (name VARCHAR(20), price INTEGER)")
execute(shared, "INSERT INTO example_29 VALUES ('tea', 3), ('cake', 5)")
shared.commit()

for way in ways:
    right, _ = serve(way, ["tea", "cake"] * 12)
    print(f"{way:<7} {opened.count(way):>2} opened, {right} right answers")
    if "--measure" in sys.argv:
        rounds = [serve(way, ["tea", "cake"] * 24)[1] for _ in range(5)]
        print(f"{median(rounds):>10.0f} requests a second")

pool.close()
execute(shared, "DROP TABLE example_29")
shared.close()

# Answer: 24, 1 and 2. On a server, own connections are the slowest by far: to connect costs more
# than to ask. Behind a lock all others wait while one asks; from a pool, some ask at once.
#
# Chapter: Databases
# Topics: 17
#
# Output:
# own     24 opened, 24 right answers
# shared   1 opened, 24 right answers
# pool     2 opened, 24 right answers

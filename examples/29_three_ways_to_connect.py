"""Connect for each request, share one connection in turns, or borrow one from a pool.

Look for the number of connections that the same 24 requests open, in each of the ways.

Question: how many are they? And which way is the slowest? (Run it with --measure to see.)
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

opened = []
app = MiniFlask("shop")


def open_new(way):
    opened.append(way)
    return connect()


@contextmanager
def share():
    with lock:  # a thread waits here while another has it
        yield shared
        shared.rollback()  # ends the transaction: the next one sees what is stored by then


@app.route("/price/<way>")
def tell_price(way):
    with ways[way]() as connection:
        [(price,)] = execute(connection, "SELECT price FROM example_29")
    return str(price)


def ask(way):
    return app.test_client().get(f"/price/{way}").text


def serve(way, count):
    """Send requests from 4 threads; return how many are right, and how many a second."""
    start = perf_counter()
    with ThreadPoolExecutor(4) as threads:  # 4 functions that run side by side
        answers = list(threads.map(ask, [way] * count))
    return answers.count("3"), count / (perf_counter() - start)


lock, shared = Lock(), open_new("shared")
pool = PooledDB(open_new, mincached=2, maxconnections=2, blocking=True, way="pool")
ways = {"own": lambda: closing(open_new("own")), "shared": share, "pool": pool.connection}
execute(shared, "CREATE TABLE example_29 AS SELECT 3 AS price")

for way in ways:
    right, _ = serve(way, 24)
    print(f"{way:<7} {opened.count(way):>2} connections, {right} right answers")
    if "--measure" in sys.argv:
        speeds = [serve(way, 48)[1] for _ in range(5)]
        print(f"{median(speeds):>10.0f} requests a second")

pool.close()
execute(shared, "DROP TABLE example_29")
shared.close()

# Answer: 24, 1 and 2. On a server a new one for each request is the slowest by far: it takes
# longer to connect than to ask. A lock lets one ask at a time, a pool as many as it has. With
# a file of SQLite to connect costs little: there, the three lie close together.
#
# Chapter: Databases
# Topics: 17 (docs/topics.md)
#
# Output:
# own     24 connections, 24 right answers
# shared   1 connections, 24 right answers
# pool     2 connections, 24 right answers

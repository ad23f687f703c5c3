"""Lend a session for a block of code: who borrows it need not think of how it ends.

Look for what is stored after blocks that end well and that fail, and for what is logged.

Question: no block calls commit(), rollback() or close(). Which orders are stored?
"""

import logging
import sys
from contextlib import contextmanager, suppress

from services import engine, need

from minictx import Local, release_local

need("sqlalchemy")
from sqlalchemy import text
from sqlalchemy.orm import Session

local = Local()
session = local("session")  # a proxy: it stands for local.session of whoever uses it


@contextmanager
def borrow_session():  # as a generator: the block runs where it says `yield`
    local.session = Session(database)
    try:
        yield
        session.commit()
    except Exception as error:
        session.rollback()
        logging.error("rolled back: %s", error)
        raise
    finally:
        session.close()
        release_local(local)


class BorrowSession:  # as a class: the block runs between these two
    def __enter__(self):
        local.session = Session(database)

    def __exit__(self, kind, error, traceback):
        with local.session as lent:  # closes it at the end, which rolls back
            release_local(local)
            if error is None:
                lent.commit()
            else:
                logging.error("rolled back: %s", error)


def ask(statement, **values):
    return session.execute(text(statement), values)  # in the session that was lent


logging.basicConfig(stream=sys.stdout, format="log: %(message)s")
database = engine()
with borrow_session():
    ask("CREATE TABLE example_35 (name VARCHAR(20))")
for borrow, name in ((borrow_session, "tea"), (BorrowSession, "cake")):
    with borrow():
        ask("INSERT INTO example_35 VALUES (:name)", name=name)
    with suppress(ValueError), borrow():  # else the error would end the program
        ask("INSERT INTO example_35 VALUES (:name)", name=f"more {name}")
        raise ValueError(f"there is no more {name}")

with borrow_session():
    print("stored:", ask("SELECT name FROM example_35 ORDER BY name").scalars().all())
    ask("DROP TABLE example_35")
print("outside:", repr(session))
database.dispose()

# Answer: those of the blocks that ended well. What lends a session also ends it: it commits,
# or logs the error, rolls back and passes the error on. `session` stands for the one that
# the running thread, or greenlet, has borrowed; outside of the blocks there is none.
#
# Chapter: Databases
# Topics: 21 (docs/topics.md)
#
# Output:
# log: rolled back: there is no more tea
# log: rolled back: there is no more cake
# stored: ['cake', 'tea']
# outside: <LocalProxy unbound>

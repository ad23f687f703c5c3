"""An ident names the running thread: when a thread has ended, the next one may get its number.

Look for the orders that are in the database after alice has left without paying.

Question: alice's thread ends without a commit. How can bob's thread write her order?
"""

import threading
from itertools import count

from services import engine, need

need("sqlalchemy")

from sqlalchemy import String, delete, select
from sqlalchemy.orm import declarative_base, mapped_column, scoped_session, sessionmaker

from minictx import Local

local, numbers = Local(), count(1)


class Order(declarative_base()):
    __tablename__ = "minictx_example_orders"
    user = mapped_column(String(20), primary_key=True)


def used_again():
    """Answer as threading.get_ident may, where one thread starts after the other's end."""
    return 7


def own_number():
    """Keep a number in a Local: each thread gets one that no thread had before."""
    if not hasattr(local, "number"):
        local.number = next(numbers)
    return local.number


def order(session, user, pays, removes):
    try:
        session.add(Order(user=user))  # the running thread's session: one is made if need be
        if pays:
            session.commit()
    finally:
        if removes:
            session.remove()


def play(title, scopefunc=None, removes=False):
    session = scoped_session(sessionmaker(database), scopefunc)
    for user, pays in (("alice", False), ("bob", True)):
        thread = threading.Thread(target=order, args=(session, user, pays, removes))
        thread.start()
        thread.join()
    with database.begin() as connection:
        print(f"{title:<29}", *connection.scalars(select(Order.user).order_by(Order.user)))
        connection.execute(delete(Order))


database = engine()
Order.metadata.drop_all(database)  # what a run that was interrupted has left
Order.metadata.create_all(database)
try:
    play("a number used again", used_again)
    play("the same, with remove()", used_again, removes=True)
    play("a number of its own", own_number)
    play("SQLAlchemy's threading.local")
finally:
    Order.metadata.drop_all(database)
    database.dispose()

# Answer: the registry of scoped_session is a dict, {ident: session}. Nobody told it that
# alice is gone, and bob finds her session under his number. (minictx.get_ident is no better
# there: a Local forgets a thread that has ended, a dict does not.) So remove the session in a
# `finally`. For threads only, leave scopefunc out: the default is a threading.local.
#
# Chapter: Pitfalls
# Topics: 2, 20 (docs/topics.md)
#
# Output:
# a number used again           alice bob
# the same, with remove()       bob
# a number of its own           bob
# SQLAlchemy's threading.local  bob

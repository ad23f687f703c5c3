"""A database session is one conversation. Two threads in one session undo each other's work.

Look for what is stored after alice has ordered tea and bob cake, taking turns: first in one
session for both, then with a session for each of them.

Question: alice orders tea, bob orders cake. Then bob calls rollback() for his order, and
alice calls commit() for hers. What is stored, if they share the session?
"""

from services import engine, need

from minictx import get_ident
from minictx.stage import run

need("sqlalchemy")
from sqlalchemy import delete, select
from sqlalchemy.orm import DeclarativeBase, mapped_column, scoped_session, sessionmaker
from sqlalchemy.types import String


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "example_33"
    name = mapped_column(String(20), primary_key=True)


def make_actor(session, name, ends):
    """Return a function that orders something, and lets another in before it ends."""

    def actor():
        session.add(Order(name=name))
        yield
        getattr(session, ends)()  # commit: store what was added; rollback: forget it
        session.remove()

    return actor


def order(session, alice_ends, bob_ends):
    """Return what is stored when both have ordered, in turns; and clear the table."""
    alice = make_actor(session, "tea", alice_ends)
    bob = make_actor(session, "cake", bob_ends)
    run("alice bob bob alice", alice=alice, bob=bob)
    with make_session.begin() as look:
        names = look.scalars(select(Order.name).order_by(Order.name)).all()
        look.execute(delete(Order))
    return names


database = engine()
Base.metadata.create_all(database)
make_session = sessionmaker(database)

# Both keep sessions in a dict: {ident: session}. The function says under which ident.
for_all = scoped_session(make_session, scopefunc=lambda: "the same for everybody")
for_each = scoped_session(make_session, scopefunc=get_ident)

print(f"{'alice:':<20} {'commits':<12} rolls back")
print(f"{'bob:':<20} {'rolls back':<12} commits")
for title, session in (("one session for all", for_all), ("a session for each", for_each)):
    saved = order(session, "commit", "rollback")
    undone = order(session, "rollback", "commit")
    print(f"{title:<20} {saved!s:<12} {undone}")
print("sessions left:      ", len(for_each.registry.registry))

Base.metadata.drop_all(database)
database.dispose()

# Answer: nothing: bob undid all that the session had, his and hers. And where bob committed,
# he stored what alice took back. With get_ident there is a session for each. But the dict is
# never told who has ended: call remove(), or the next with that ident goes on in the session.
#
# Chapter: Databases
# Topics: 20 (docs/topics.md)
#
# Output:
# alice:               commits      rolls back
# bob:                 rolls back   commits
# one session for all  []           ['cake', 'tea']
# a session for each   ['tea']      ['cake']
# sessions left:       0

"""An engine has so many connections and no more. A session that is not closed keeps one.

Look for the number of connections that are lent, and idle in the pool; and for the request
that gets none.

Question: there may be two connections, and one more when there is need. Each of five
requests makes a session, asks the database, and does not close it. How many get an answer?
"""

from services import engine, need

need("sqlalchemy")
from sqlalchemy import event, text
from sqlalchemy.exc import TimeoutError
from sqlalchemy.orm import Session

# If no connection is free, a pool waits 30 seconds by default, and here not at all.
database = engine(pool_size=2, max_overflow=1, pool_timeout=0)
counts = {"opened": 0, "closed": 0}


@event.listens_for(database, "connect")
def count_opened(*connection_and_record):
    counts["opened"] += 1


@event.listens_for(database, "close")
def count_closed(*connection_and_record):
    counts["closed"] += 1


def show(request):
    pool = database.pool
    print(f"{request:<11} lent: {pool.checkedout()}, idle: {pool.checkedin()}, {counts}")


def ask(session):
    return session.scalar(text("SELECT 1"))


show("at first")
sessions = []  # all that were made, and are not closed
for request in range(1, 6):
    session = Session(database)
    sessions.append(session)
    try:
        ask(session)
    except TimeoutError as error:
        print(f"request {request}: ", str(error).partition(", timeout")[0])
    else:
        show(f"request {request}:")

for session in sessions:
    session.close()
show("all closed:")

for request in range(6, 9):
    with Session(database) as session:  # closes it at the end, whatever happens
        ask(session)
    show(f"request {request}:")

database.dispose()
show("dispose():")

# Answer: three: pool_size + max_overflow. A session takes a connection when it first asks,
# and gives it back when it is closed: two of them stay open for the next ones, what is
# above that is closed. Whoever closes each session needs one connection for each request
# that runs, not for each that ever ran.
#
# Chapter: Databases
# Topics: 20 (docs/topics.md)
#
# Output:
# at first    lent: 0, idle: 0, {'opened': 0, 'closed': 0}
# request 1:  lent: 1, idle: 0, {'opened': 1, 'closed': 0}
# request 2:  lent: 2, idle: 0, {'opened': 2, 'closed': 0}
# request 3:  lent: 3, idle: 0, {'opened': 3, 'closed': 0}
# request 4:  QueuePool limit of size 2 overflow 1 reached, connection timed out
# request 5:  QueuePool limit of size 2 overflow 1 reached, connection timed out
# all closed: lent: 0, idle: 2, {'opened': 3, 'closed': 1}
# request 6:  lent: 0, idle: 2, {'opened': 3, 'closed': 1}
# request 7:  lent: 0, idle: 2, {'opened': 3, 'closed': 1}
# request 8:  lent: 0, idle: 2, {'opened': 3, 'closed': 1}
# dispose():  lent: 0, idle: 0, {'opened': 3, 'closed': 3}

"""copy_current_request_context takes the request and the session along, but not `g`.

Look for what the thread has of the view, and for what SQLite says to a connection that was
taken along.

Question: why is it right that `g` begins empty in the thread, though the view has filled it?
"""

import sqlite3
import threading

from minictx.web import MiniFlask, copy_current_request_context, g, request, session

app = MiniFlask("shop")
app.secret_key = "only for this example"


def get_connection():
    """Return the connection of this app context; it is opened when it is first needed."""
    if "connection" not in g:
        g.connection = sqlite3.connect(":memory:")
    return g.connection


@app.teardown_appcontext
def close_connection(error):
    if "connection" in g:
        g.connection.close()
        print(f"the connection of {threading.current_thread().name} is closed")


def objects():
    """Return what the three proxies stand for, here and now."""
    return [proxy._get_current_object() for proxy in (request, session, g)]


def select(connection, value):
    return connection.execute("SELECT ?", [value]).fetchone()[0]


def attempt(title, read):
    try:
        print(f"    {title:<15} {read()}")
    except (AttributeError, sqlite3.ProgrammingError) as error:
        print(f"    {title:<15} {type(error).__name__}:")
        print("     ", str(error).partition(". ")[0])  # the idents of the threads follow


@app.route("/buy/<thing>")
def buy(thing):
    g.user = "alice"
    connection, mine = get_connection(), objects()

    @copy_current_request_context
    def work(user):
        for name, here, there in zip(("request", "session", "g"), mine, objects(), strict=True):
            print(f"    {name:<15} {'the same' if here is there else 'another'}")
        attempt("g.user", lambda: g.user)
        attempt("an argument", lambda: user)
        attempt("the view's", lambda: select(connection, user))
        attempt("its own", lambda: select(get_connection(), user))

    thread = threading.Thread(target=work, args=(g.user,), name="the thread")
    thread.start()
    thread.join()
    return "bought"


print("in a thread that a view has started:")
app.test_client().get("/buy/tea")

# Answer: in `g` lies what belongs to one thread, and is closed at the end. The thread has its
# own app context, so it opens and closes its own. Pass the rest as arguments.
#
# Chapter: Pitfalls
# Learners ask: 9 (docs/topics.md)
#
# Output:
# in a thread that a view has started:
#     request         the same
#     session         the same
#     g               another
#     g.user          AttributeError:
#       g.user was not set in this app context
#     an argument     alice
#     the view's      ProgrammingError:
#       SQLite objects created in a thread can only be used in that same thread
#     its own         alice
# the connection of the thread is closed
# the connection of MainThread is closed

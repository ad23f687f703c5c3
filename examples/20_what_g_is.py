"""`g` is for one request, the session for one browser, a global for the whole process.

Look for the three counters: each request adds one to each of them.

Question: after two requests of alice and one of bob, which numbers does alice's third see?
"""

from functools import partial

from minictx.stage import run
from minictx.web import MiniFlask, g, request, session

app = MiniFlask("shop")
app.secret_key = "only for this example"
count = {"requests": 0}  # a global: one for all


@app.before_request
def count_this():
    count["requests"] += 1
    session["requests"] = session.get("requests", 0) + 1
    g.requests = g.get("requests", 0) + 1


@app.route("/<user>")
def numbers(user):  # g passes on, within one request, what another function has put there
    return f"{count['requests']:<10}{session['requests']:<11}{g.requests}"


print("request    global    session    g")
browsers = {"alice": app.test_client(), "bob": app.test_client()}
for user in ("alice", "alice", "bob", "alice"):
    print(f"{user:<10}", browsers[user].get(f"/{user}").text)

current = {}  # another global


def handle(user):
    """Answer a request, and let the other one run in the middle of it."""
    with app.test_request_context(f"/{user}"):
        current["user"] = user
        g.user = user
        yield
        print(f"{request.path:<11}global: {current['user']:<8} g: {g.user}")


print("\ntwo threads, two requests, at the same moment:")
# The order is written: A and B run to their `yield`, one after the other, and then on.
run("A B A B", A=partial(handle, "alice"), B=partial(handle, "bob"))

print("\nwithout a request, `g` is for one app context:")
for work in ("first", "second"):
    with app.app_context():
        print(f"{work}: user is {g.get('user')},", end=" ")
        g.user = work
        print(f"and then {g.user}")

# Answer: 4 of all, 3 of her own, 1 of this request. `g` is made with the app context, which
# is made for each request, and is gone with it: a place for what the functions of one request
# share, its user or its connection. What must last longer goes into the session or a
# database, never into a global: there, the other request may write in between.
#
# Chapter: Contexts
# Topics: 12 (docs/topics.md)
# Learners ask: 5 (docs/topics.md)
#
# Output:
# request    global    session    g
# alice      1         1          1
# alice      2         2          1
# bob        3         1          1
# alice      4         3          1
#
# two threads, two requests, at the same moment:
# /alice     global: bob      g: alice
# /bob       global: bob      g: bob
#
# without a request, `g` is for one app context:
# first: user is None, and then first
# second: user is None, and then second

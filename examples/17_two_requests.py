"""Two requests at the same moment use the same global names, each with its own values.

Look for what lies under the names while both views wait for each other: two stacks, and on
each of them one context for each thread.

Question: `request`, `session` and `g` are three module globals. How can two threads read
them at the same moment and get different values, without a lock?
"""

import threading

from minictx.web import MiniFlask, g, request, session
from minictx.web.globals import _app_ctx_stack, _request_ctx_stack

app = MiniFlask("shop")
app.secret_key = "only for this example"

both_here = threading.Barrier(2, action=lambda: show("while both views run"))
answers = {}


@app.route("/hello/<name>")
def hello(name):
    session["user"] = name
    g.user = name
    both_here.wait()  # held here, until the other request is in its view as well
    return f"{request.path}, {dict(session)}, {g.user}"


def show(when):
    """Print what all threads have on the two stacks, sorted, with no changing idents."""
    print(f"{when}:")
    for name, stack in (("request", _request_ctx_stack), ("app", _app_ctx_stack)):
        namespaces = sorted(stack.__storage__.values(), key=str)
        print(f"  {name} contexts:", *namespaces or ["none"], sep="\n    ")


def browse(user):
    answers[user] = app.test_client().get(f"/hello/{user}").text


threads = [threading.Thread(target=browse, args=(user,)) for user in ("alice", "bob")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()

show("when both are done")
for user in sorted(answers):
    print(f"{user} saw {answers[user]}")

# Answer: the three globals are proxies. Each access asks who is running, finds the stack of
# that one, and takes the top. The threads touch different stacks, so no lock is needed.
#
# Chapter: Contexts
# Topics: 8 (docs/topics.md)
# Learners ask: 3, 4, 6 (docs/topics.md)
#
# Output:
# while both views run:
#   request contexts:
#     {'stack': [<RequestContext '/hello/alice' of shop>]}
#     {'stack': [<RequestContext '/hello/bob' of shop>]}
#   app contexts:
#     {'stack': [<AppContext of shop>]}
#     {'stack': [<AppContext of shop>]}
# when both are done:
#   request contexts:
#     none
#   app contexts:
#     none
# alice saw /hello/alice, {'user': 'alice'}, alice
# bob saw /hello/bob, {'user': 'bob'}, bob

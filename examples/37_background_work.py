"""A thread that a view starts has no request: it needs values, or a copy of the context.

Look for what a thread, a pool's thread and their repairs can read of `request` and `g`.

Question: the view waits until the thread has ended, so the request is still there all the
time. Why can the thread not read it?
"""

import threading
from concurrent.futures import ThreadPoolExecutor

from minictx.web import MiniFlask, copy_current_request_context, current_app, g, request

app = MiniFlask("shop")
app.secret_key = "only for this example"
pool = ThreadPoolExecutor(max_workers=1)
seen = []


def note(title, read):
    """Note what ``read`` returns, or the first line of the error that it raises."""
    try:
        seen.append((title, read()))
    except (RuntimeError, AttributeError) as error:
        seen.append((title, f"{type(error).__name__}: {str(error).splitlines()[0]}"))


def in_a_thread(function, *arguments):
    thread = threading.Thread(target=function, args=arguments)
    thread.start()
    thread.join()


@app.route("/buy/<thing>")
def buy(thing):
    g.user = "alice"
    note("the view", lambda: f"{request.path}, {g.user}")

    in_a_thread(note, "a thread", lambda: request.path)
    pool.submit(note, "a pool's thread", lambda: request.path).result()

    # Repair 1: read here what the thread will need, and pass that. Nearly always the best.
    path, user = request.path, g.user
    in_a_thread(note, "with values", lambda: f"{path}, {user}")

    # Repair 2: pass the app itself, not the proxy to it, and push an app context there.
    real_app = current_app._get_current_object()

    def with_the_app():
        with real_app.app_context():
            note("with the app", lambda: current_app.name)

    in_a_thread(with_the_app)

    # Repair 3: a copy of the request context. Its app context, and so its `g`, is a new one.
    @copy_current_request_context
    def with_a_copy():
        note("with a copy", lambda: request.path)
        note("and its g", lambda: g.user)

    pool.submit(with_a_copy).result()
    return "bought"


print(app.test_client().get("/buy/tea").text)
for title, result in seen:
    print(f"{title:<16} {result}")
pool.shutdown()

# Answer: `request` is looked up on the asking thread's stack, and the thread's own stack is
# empty. It makes no difference that the view waits: the context is on the view's stack.
#
# Chapter: Outside a request
# Topics: 27 (docs/topics.md)
# Learners ask: 2, 8, 9 (docs/topics.md)
#
# Output:
# bought
# the view         /buy/tea, alice
# a thread         RuntimeError: Working outside of request context.
# a pool's thread  RuntimeError: Working outside of request context.
# with values      /buy/tea, alice
# with the app     shop
# with a copy      /buy/tea
# and its g        AttributeError: g.user was not set in this app context

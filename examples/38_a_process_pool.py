"""Another process has another memory: no context is there, and no proxy can be sent to it.

Look for what arrives in the worker process, and what Python says to the rest.

Question: a thread at least has the same objects, though not the same context. What of
`current_app`, `request` and `g` is left in another process?
"""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor

from minictx.web import MiniFlask, current_app, g, request

app = MiniFlask("shop")  # the worker imports this file, and so makes its own app


def ask_the_proxies():
    """Run in the worker: what do the global names stand for here?"""
    return [repr(name) for name in (current_app, request, g)]


def total_of(user, prices):
    """Run in the worker, with all that it needs, and with its own app context."""
    with app.app_context():
        g.user = user
        return f"{g.user} pays {sum(prices)}, in the {current_app.name}"


@app.route("/pay/<user>")
def pay(user):
    # "spawn" starts a new Python, as on every system; a fork would copy what is here now.
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=spawn) as pool:
        print("nothing sent:   ", *pool.submit(ask_the_proxies).result())
        for title, thing in (("a proxy sent", request), ("its path sent", request.path)):
            try:
                print(f"{title + ':':<16}", pool.submit(str, thing).result())
            except TypeError as error:
                print(f"{title + ':':<16}", f"TypeError: {str(error).partition(':')[0]}")
        return pool.submit(total_of, user, [2, 3]).result()


if __name__ == "__main__":  # not in the worker, which imports this file
    print("values sent:    ", app.test_client().get("/pay/alice").text)

# Answer: nothing. What goes to another process is pickled, which is to say written down as
# bytes and built anew there. A proxy stands for something that is current *here*, so minictx
# refuses to pickle it. Send plain values, and push an app context there if it is needed.
#
# Chapter: Outside a request
# Topics: 27 (docs/topics.md)
# Learners ask: 2 (docs/topics.md)
#
# Output:
# nothing sent:    <LocalProxy unbound> <LocalProxy unbound> <LocalProxy unbound>
# a proxy sent:    TypeError: cannot pickle a LocalProxy
# its path sent:   /pay/alice
# values sent:     alice pays 5, in the shop

"""A task queue: the view leaves a note, and a worker does the work when it likes.

Look for what the task can read: the app, yes; the request that asked for it, no.

Question: the worker runs the same file. Why does the task still have to push an app
context, and why can there be no request in it, however hard it tries?
"""

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

from services import need, stop

need("celery")
from celery import Celery
from celery.contrib.testing.worker import start_worker

from minictx.web import MiniFlask, current_app, g, has_app_context, request

FILE = Path(__file__)
BROKER = os.environ.get("MINICTX_BROKER_URL", "memory://")  # or redis://127.0.0.1:6379/0

app = MiniFlask("shop")
app.config["CURRENCY"] = "EUR"
celery = Celery(__name__, broker=BROKER, backend=BROKER.replace("memory://", "cache+memory://"))
prefix = {"global_keyprefix": "minictx-example:"}  # of all keys in Redis
celery.conf.broker_transport_options = prefix | {"polling_interval": 0.01}
celery.conf.result_backend_transport_options = prefix
celery.conf.worker_redirect_stdouts = False


@celery.task(name="send_bill")
def send_bill(user, price):
    """Run in the worker. Its arguments were written down as JSON: plain values only."""
    before = f"app context at first: {has_app_context()}"
    with app.app_context():
        g.user = user
        bill = f"in one: {g.user} pays {price} {current_app.config['CURRENCY']}"
        return [before, bill, f"request: {request!r}"]


@app.route("/buy/<user>")
def buy(user):
    task = send_bill.delay(user, price=5)
    lines = task.get(timeout=20, interval=0.01)  # only here: a real view would not wait
    task.forget()
    return "\n".join(["the view asks for a bill", *lines])


@contextmanager
def a_worker():
    """Have a worker: a thread for the broker in memory, a process for a real one."""
    if BROKER == "memory://":
        with start_worker(celery, perform_ping_check=False, loglevel="error"):
            yield
        return
    try:
        celery.connection_for_write().ensure_connection(max_retries=1, timeout=3)
    except Exception as error:
        stop(f"cannot use the broker: {error}; start one, or set MINICTX_BROKER_URL")
    command = [sys.executable, "-W", "ignore", "-m", "celery", "-A", f"{FILE.stem}:celery"]
    command += ["worker", "-P", "solo", "-l", "error", "--without-mingle"]
    process = subprocess.Popen(command, cwd=FILE.parent, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":  # not in the worker, which imports this file
    with a_worker():
        print(app.test_client().get("/buy/alice").text)

# Answer: the worker is another thread, or another machine, and no context was pushed
# there. It has imported the app, so it can make an app context. The request may be over by
# then: pass on what you need from it.
#
# Chapter: Outside a request
# Topics: 27 (docs/topics.md)
# Learners ask: 1, 2 (docs/topics.md)
#
# Output:
# the view asks for a bill
# app context at first: False
# in one: alice pays 5 EUR
# request: <LocalProxy unbound>

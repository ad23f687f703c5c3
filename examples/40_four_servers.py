"""Four servers run one app in their own ways, and `request` is right in all of them.

Look for who runs the two views that are open at the same moment: two threads, or two
greenlets on one thread. And for what each view reads after the other one has begun.

Question: the app does not know which server runs it. How do its globals find out whether a
request has its own thread, or only a greenlet?
"""

import json
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.request import urlopen

from services import need

need("gevent", "gunicorn", "waitress")
import gevent.event
import gevent.pywsgi
import waitress
from greenlet import getcurrent
from werkzeug.serving import make_server

from minictx.web import MiniFlask, g, request

FILE = Path(__file__)
app = MiniFlask("shop")
running = []  # who is in the view: (thread, greenlet)
both_here = threading.Event()


@app.route("/hello/<user>")
def hello(user):
    g.user = user
    running.append((threading.get_ident(), getcurrent()))
    both_here.set() if len(running) == 2 else both_here.wait(10)
    threads, greenlets = map(len, map(set, zip(*running, strict=True)))
    return {"who": f"{threads} threads, {greenlets} greenlets", "read": [request.path, g.user]}


def serve(server, listener):
    global both_here
    if server == "werkzeug":
        fd = listener.fileno()
        make_server("127.0.0.1", 0, app, threaded=True, fd=fd).serve_forever()
    elif server == "waitress":
        waitress.serve(app, sockets=[listener], threads=2)
    else:  # with gevent's kind of Event, other greenlets run while one waits
        both_here = gevent.event.Event()
        listener.setblocking(False)
        gevent.pywsgi.WSGIServer(listener, app, log=None).serve_forever()


def browse(server):
    """Start a server in its own process, and send it two requests at once."""

    def ask(user):
        return json.load(urlopen(url + user, timeout=20))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        fd, url = listener.fileno(), f"http://127.0.0.1:{listener.getsockname()[1]}/hello/"
        command = [sys.executable, FILE, server, str(fd)]
        if server == "gunicorn":
            command[1:] = ["-m", server, "-b", f"fd://{fd}", "--threads=2", f"{FILE.stem}:app"]
        options = {"cwd": FILE.parent, "pass_fds": [fd], "stderr": subprocess.DEVNULL}
        with subprocess.Popen(command, **options) as process, ThreadPoolExecutor() as pool:
            try:  # the listener holds both requests until the server is there
                return list(pool.map(ask, ("alice", "bob")))
            finally:
                process.terminate()


if __name__ == "__main__" and len(sys.argv) == 3:  # in the process of a server
    serve(sys.argv[1], socket.socket(fileno=int(sys.argv[2])))
elif __name__ == "__main__":
    for server in ("werkzeug", "waitress", "gunicorn", "gevent"):
        alice, bob = browse(server)
        print(f"{server:<8} on {alice['who']}:", *alice["read"], *bob["read"])

# Answer: they do not have to. minictx asks for the current greenlet, and every thread has one
# that it began with. Two views that are open at once never share a greenlet.
#
# Chapter: Outside a request
# Topics: 27 (docs/topics.md)
# Learners ask: 4 (docs/topics.md)
#
# Output:
# werkzeug on 2 threads, 2 greenlets: /hello/alice alice /hello/bob bob
# waitress on 2 threads, 2 greenlets: /hello/alice alice /hello/bob bob
# gunicorn on 2 threads, 2 greenlets: /hello/alice alice /hello/bob bob
# gevent   on 1 threads, 2 greenlets: /hello/alice alice /hello/bob bob

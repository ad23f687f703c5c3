"""The process of a server: ``python load/server.py SERVER FRAMEWORK [--hide-greenlet]``.

It prints its port; answers each line "measure" on its standard input with what it holds, and
"stop" with what is left once the server has stopped. Both answers are one line of JSON.
"""

import argparse
import contextlib
import ctypes
import gc
import json
import logging
import os
import sys
import threading
import time

PATIENCE = 5.0  # seconds that requests have to end after the last client is gone


def main():
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("server", choices=SERVERS)
    parser.add_argument("framework", choices=["flask", "minictx.web"])
    parser.add_argument("--hide-greenlet", action="store_true", help="as if not installed")
    parser.add_argument("--threads", type=int, default=16)
    wish = parser.parse_args()
    if wish.hide_greenlet:
        hide_greenlet()
    logging.disable(logging.CRITICAL)  # the errors are made on purpose
    threading.excepthook = lambda _: None
    sys.setswitchinterval(1e-6)  # threads take turns as often as can be
    SERVERS[wish.server](wish)


def hide_greenlet():
    """Have werkzeug imported as if greenlet were not installed, which gevent needs."""
    sys.modules["greenlet"] = None
    import werkzeug.local

    assert werkzeug.local.get_ident is threading.get_ident
    del sys.modules["greenlet"]


def serve_werkzeug(wish):
    """Serve with werkzeug's development server: a new thread for each request."""
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Quiet(WSGIRequestHandler):
        def log(self, *args):
            pass

    app, problems = make(wish, lambda: time.sleep(0))
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    server.handle_error = lambda *_: None  # a client went away

    def wait_for_the_end():
        talk(server.server_port, problems, sys.stdin.readline)
        server.shutdown()

    thread = threading.Thread(target=wait_for_the_end)
    thread.start()
    server.serve_forever()
    server.server_close()
    tell_what_is_left(problems)


def serve_waitress(wish):
    """Serve with waitress: a pool of threads."""
    from waitress.server import create_server

    app, problems = make(wish, lambda: time.sleep(0))
    server = create_server(app, host="127.0.0.1", port=0, threads=wish.threads, backlog=2048)

    def wait_for_the_end():
        talk(server.effective_port, problems, sys.stdin.readline)
        # waitress cannot be stopped by another thread; its loop ends with its last socket.
        sockets = server._map
        server.trigger.pull_trigger(lambda: [each.close() for each in list(sockets.values())])

    thread = threading.Thread(target=wait_for_the_end)
    thread.start()
    server.run()
    server.task_dispatcher.shutdown(timeout=10)
    tell_what_is_left(problems)


def serve_gevent(wish):
    """Serve with gevent: a greenlet for each request, all on one thread."""
    import gevent
    import gevent.pywsgi
    import gevent.socket

    app, problems = make(wish, lambda: gevent.sleep(0))
    server = gevent.pywsgi.WSGIServer(
        ("127.0.0.1", 0), app, log=None, error_log=None, backlog=2048
    )
    server.start()

    def read():
        gevent.socket.wait_read(sys.stdin.fileno())
        return sys.stdin.readline()

    talk(server.server_port, problems, read, gevent.sleep)
    server.stop(timeout=10)
    tell_what_is_left(problems)


SERVERS = {"werkzeug": serve_werkzeug, "waitress": serve_waitress, "gevent": serve_gevent}


def make(wish, pause):
    """Return the WSGI app, and its list of problems."""
    from program import make_app, survive

    app, problems = make_app(wish.framework, pause)
    return survive(app), problems


def talk(port, problems, read, sleep=time.sleep):
    """Answer the lines of standard input, until one says to stop."""
    say({"port": port})
    while read().strip() == "measure":
        end = time.monotonic() + PATIENCE
        while (answer := measure(problems))["contexts"] and time.monotonic() < end:
            sleep(0.1)  # there are requests whose clients did not wait for the answer
        say(answer)


def tell_what_is_left(problems):
    """Wait for the threads that still run, and measure for the last time."""
    for thread in threading.enumerate():
        if thread is not threading.current_thread():
            thread.join(10)
    say(measure(problems))


def measure(problems):
    """Return what this process holds at this moment."""
    gc.collect()
    contexts = stored = 0
    for obj in gc.get_objects():
        names = {f"{cls.__module__}.{cls.__name__}" for cls in type(obj).__mro__}
        contexts += bool(names & CONTEXTS)
        if names & LOCALS:
            stored += len(obj.__storage__)
    return {
        "contexts": contexts,
        "stored": stored,
        "threads": threading.active_count() - 1,
        "problems": problems[:5],
        "megabytes": memory_in_use() / 1e6,
    }


CONTEXTS = {
    f"{module}.ctx.{name}"
    for module in ("flask", "minictx.web")
    for name in ("AppContext", "RequestContext")
}
# The Local that a LocalStack is kept in is one of them, too.
LOCALS = {"minictx.local.Local", "werkzeug.local.Local"}


MALLINFO = (
    *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
    *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
)


class Mallinfo(ctypes.Structure):
    """What glibc tells of its memory: malloc.h has the names."""

    _fields_ = [(name, ctypes.c_size_t) for name in MALLINFO]


def memory_in_use():
    """Return how many bytes are allocated at this moment.

    What the system has given to a process is more, and swings by megabytes: what is free lies
    between what is in use. So Python is started with PYTHONMALLOC=malloc, and glibc asked.
    Elsewhere it is the memory that the system has given.
    """
    if os.environ.get("PYTHONMALLOC") == "malloc":
        with contextlib.suppress(OSError, AttributeError):
            mallinfo = ctypes.CDLL("libc.so.6").mallinfo2
            mallinfo.restype = Mallinfo
            info = mallinfo()
            return info.uordblks + info.hblkhd
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")


def say(answer):
    """Print one line of JSON."""
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()

"""The clients: each has a name and a cookie, and checks that each answer is its own."""

import http.client
import random
import time
from collections import Counter

import gevent
import gevent.pool
import gevent.socket

gevent.get_hub().NOT_ERROR += (KeyboardInterrupt,)  # Ctrl-C ends it all, without a report

TIMEOUT = 60.0  # seconds for an answer; a server of 1000 greenlets may need some

# {kind of request: how often, of 1000}
PLAN = {
    "plain": 500,
    "nested": 80,
    "stream": 80,
    "error": 60,
    "teardown": 40,
    "order": 40,
    "abandoned": 40,
    "gone": 50,  # the client closes the connection without reading
    "half a stream": 40,  # ... after the first piece
    "half a request": 30,  # ... before it has asked
    "thread": 20,
    "interrupt": 15,
    "fork": 2,
}
FOR_GEVENT = {**PLAN, "kill": 20}


class Client:
    """One visitor, with a session of its own."""

    def __init__(self, name, port, tally):
        self.name, self.port, self.tally = name, port, tally
        self.cookie, self.visits, self.asked = "", 0, 0

    def ask(self, kind):
        """Make one request, and note what is wrong with its answer."""
        self.asked += 1
        token = f"{self.name}-{self.asked}"
        path = {"gone": "plain", "half a stream": "stream", "half a request": "plain"}.get(
            kind, kind
        )
        with gevent.socket.create_connection(("127.0.0.1", self.port), TIMEOUT) as connection:
            request = (
                f"GET /{path}?client={self.name}&token={token} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                f"Cookie: {self.cookie}\r\nConnection: close\r\n\r\n"
            ).encode()
            if kind == "half a request":
                connection.sendall(request[: len(request) // 2])
                return
            connection.sendall(request)
            if kind == "gone":
                return
            if kind == "half a stream":
                connection.recv(10)
                return
            response = http.client.HTTPResponse(connection)
            response.begin()
            body = response.read().decode()
        if problem := self.problem_with(path, token, response, body):
            self.tally.wrong.append(f"{path} of {token}: {problem}")

    def problem_with(self, path, token, response, body):
        """Return what is wrong with an answer, or nothing."""
        if path in ("teardown", "interrupt", "kill"):
            return "" if body == "broken off" else f"{response.status} {body[:80]!r}"
        self.visits += 1
        for cookie in response.headers.get_all("Set-Cookie", ()):
            self.cookie = cookie.partition(";")[0]
        if response.headers["X-Token"] != token:
            return f"signed for {response.headers['X-Token']}"
        if path == "error":
            return "" if response.status == 500 else f"{response.status} {body[:80]!r}"
        expected = f"/{path}|{token}|{token}|{self.name}|{self.visits}|load"
        if path == "stream":
            expected = f"{token} {self.name}\n" * 4
        return "" if body == expected else f"{body[:80]!r}, not {expected[:80]!r}"


class Tally:
    """The outcome of all requests."""

    def __init__(self):
        self.asked = Counter()  # {kind: how many}
        self.wrong = []
        self.failed = []  # no answer at all


def visit(clients, plan, seed, until):
    """Have each client ask, again and again; ``until`` tells from the number of requests."""
    kinds, weights = list(plan), list(plan.values())
    tally = clients[0].tally

    def come(number, client):
        chance = random.Random(f"{seed} {number}")
        while not until(sum(tally.asked.values())):
            (kind,) = chance.choices(kinds, weights)
            tally.asked[kind] += 1
            try:
                client.ask(kind)
            except (OSError, http.client.HTTPException) as error:
                tally.failed.append(f"{kind} of {client.name}: {error!r}")

    started = time.perf_counter()
    gevent.joinall([gevent.spawn(come, *each) for each in enumerate(clients)], raise_error=True)
    return time.perf_counter() - started

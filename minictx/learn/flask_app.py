"""The real Flask app of the finale: two visitors, each in a thread, then in a greenlet."""

from __future__ import annotations

import inspect

from flask import Flask, current_app, g, request, session

from minictx.stage import ActorFunction, Kind, run

__all__ = ["main"]

app = Flask("finale")
app.secret_key = "only for the finale"


def visitor(name: str) -> ActorFunction:
    """Return what a visitor does: come in, wait while others do, and look around."""

    def actor():  # type: ignore[no-untyped-def]
        with app.test_request_context(f"/{name}"):
            g.user = session["user"] = name
            yield
            return f"{request.path} {g.user} {session['user']} {current_app.name}"

    return actor


def meet(on: Kind) -> None:
    """Let two visitors be there at the same time; each must find only its own."""
    found = run("A B A B", on=on, A=visitor("alice"), B=visitor("bob")).returned
    for name, seen in zip(("alice", "bob"), found.values(), strict=True):
        print(f"{name}, in one of the {on}: request, g, session, current_app are: {seen}")
        assert seen == f"/{name} {name} {name} finale", f"{name} found what is not {name}'s"


def main() -> None:
    """Say whose LocalProxy it is, and let the visitors meet."""
    print(f"Flask's request is a LocalProxy of {inspect.getsourcefile(type(request))}")
    meet("threads")
    meet("greenlets")


if __name__ == "__main__":
    main()

"""A stream needs the contexts of its request while it makes a part, and not in between.

Look for whom each part greets, and for what the next request finds in `g`.

Question: `stream_with_context` puts contexts on the stack again. Flask takes them off at the
end of the stream. What happens if two streams are read in turns on one thread?
"""

from concurrent.futures import ThreadPoolExecutor

from services import need

need("flask")
import flask
from werkzeug.test import create_environ

from minictx import web


def make_app(library, app_class):
    app = app_class("shop")

    @app.route("/greet/<user>")
    def greet(user):
        library.g.user = user

        def body():
            yield f"hello {library.g.user}"
            yield f"goodbye {library.g.user}"

        return library.stream_with_context(body())

    app.add_url_rule("/who", "who", lambda: f"g.user: {library.g.get('user')}")
    return app


def open_stream(app, path):
    """Send a request as a server does, and return what reads its body part by part."""
    return iter(app(create_environ(path), lambda status, headers: None))


def read(stream):
    try:
        return next(stream, b"(ends)").decode()
    except (AssertionError, LookupError) as error:
        return type(error).__name__


def read_in_turns(app):
    alice = open_stream(app, "/greet/alice")
    seen = [read(alice)]
    bob = open_stream(app, "/greet/bob")
    return seen + [read(stream) for stream in (bob, alice, bob, alice, bob)]


def abandon(app):
    stream = open_stream(app, "/greet/alice")
    seen = [read(stream), app.test_client().get("/who").text]
    stream.close()  # too late
    return seen


apps = [make_app(flask, flask.Flask), make_app(web, web.MiniFlask)]
for scene, readers in ((read_in_turns, ["alice", "bob"] * 3), (abandon, ["alice", "next"])):
    print(f"{scene.__name__:<15}Flask           MiniFlask")
    with ThreadPoolExecutor() as pool:  # what is left on its thread's stack ends with it
        results = [pool.submit(scene, app).result() for app in apps]
    for row in zip(readers, *results, strict=True):
        print("    {:<11}{:<16}{}".format(*row))

# Answer: bob's contexts lie on top while alice's second part is made, and hers are not the
# ones that are popped at her end. A stream that is half read leaves its own to whoever comes
# next. MiniFlask has them on only for each part. In Flask, take no turns, and close streams.
#
# Chapter: Pitfalls
# Learners ask: 12 (docs/topics.md)
#
# Output:
# read_in_turns  Flask           MiniFlask
#     alice      hello alice     hello alice
#     bob        hello bob       hello bob
#     alice      goodbye bob     goodbye alice
#     bob        goodbye bob     goodbye bob
#     alice      AssertionError  (ends)
#     bob        LookupError     (ends)
# abandon        Flask           MiniFlask
#     alice      hello alice     hello alice
#     next       g.user: alice   g.user: None

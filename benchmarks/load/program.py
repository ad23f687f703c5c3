"""The program under load: each of its answers can only be right for one request.

It uses what Flask and MiniFlask have in common, in the words of Flask 1.1, so that the same
program runs on all of them. Each view does something that goes wrong in practice, and in the
end most of them answer with what the four names stand for.
"""

import importlib
import os
import threading

NAME = "load"
BROKEN_OFF = b"broken off"


def make_app(framework, pause):
    """Return the app, and a list for what it finds wrong itself.

    ``framework`` is "flask" or "minictx.web"; ``pause`` lets another request run.
    """
    web = importlib.import_module(framework)
    request, session, g = web.request, web.session, web.g
    app = getattr(web, "MiniFlask", None) or web.Flask
    app = app(NAME)
    app.secret_key = "only for the load"
    problems = []

    def answer():
        pause()
        names = [request.path, request.args["token"], g.token, session["client"]]
        return "|".join([*names, str(session["visits"]), web.current_app.name])

    @app.before_request
    def come_in():
        g.token = request.args["token"]
        session["client"] = request.args["client"]
        pause()
        session["visits"] = session.get("visits", 0) + 1

    @app.after_request
    def sign(response):
        response.headers["X-Token"] = g.token
        return response

    @app.teardown_request
    def go(error):
        token = request.args["token"]
        if g.get("token", token) != token:  # the copy of a context has an empty g of its own
            problems.append(f"teardown of {token} found {g.token}")
        if request.path == "/teardown":
            raise RuntimeError("a teardown function that raises")

    @app.route("/plain")
    def plain():
        return answer()

    @app.route("/teardown")
    def teardown():
        return answer()

    @app.route("/error")
    def error():
        answer()
        raise ValueError("a view that raises")

    @app.route("/interrupt")
    def interrupt():
        pause()
        raise KeyboardInterrupt

    @app.route("/kill")
    def kill():
        import gevent

        gevent.getcurrent().kill(block=False)
        gevent.sleep(60)

    @app.route("/stream")
    def stream():
        def items():
            for _ in range(4):
                pause()
                yield f"{request.args['token']} {session['client']}\n"

        return web.Response(web.stream_with_context(items()))

    @app.route("/abandoned")
    def abandoned():
        def items():
            yield request.path
            yield request.path

        next(web.stream_with_context(items()))
        return answer()

    @app.route("/nested")
    def nested():
        with app.test_request_context("/inner?token=inner&client=nobody"):
            g.token = "inner"
            pause()
            inner = request.path
        g.token = request.args["token"]  # the inner request had the same app context
        return answer() if inner == "/inner" else f"the inner request is {inner}"

    @app.route("/order")
    def order():
        first, second = (
            app.test_request_context(f"/{n}?token={g.token}&client=nobody") for n in "12"
        )
        first.push()
        second.push()
        try:
            first.pop()
        except AssertionError:
            return answer()
        return "popped in the wrong order, and nothing was said"

    @app.route("/thread")
    def thread():
        found = []

        def look():
            try:
                found.append(request.args["token"])
            except RuntimeError:
                found.append("unbound")

        with_request = threading.Thread(target=web.copy_current_request_context(look))
        with_request.start()
        with_request.join()
        without = threading.Thread(target=look)
        without.start()
        without.join()
        return answer() if found == [g.token, "unbound"] else f"threads found {found}"

    @app.route("/fork")
    def fork():
        token = g.token
        child = os.fork()
        if child == 0:  # of all threads, only this one goes on in the child
            os._exit(0 if request.args["token"] == token == g.token else 1)
        _, status = os.waitpid(child, 0)
        return answer() if status == 0 else "the child of a fork found another request"

    return app, problems


def survive(app):
    """Return a WSGI app that answers where the app inside raises, whatever it raises."""

    def outer(environ, start_response):
        try:
            return app(environ, start_response)
        except BaseException as error:
            headers = [("Content-Type", "text/plain"), ("Content-Length", str(len(BROKEN_OFF)))]
            exc_info = (type(error), error, error.__traceback__)
            start_response("500 INTERNAL SERVER ERROR", headers, exc_info)
            return [BROKEN_OFF]

    return outer

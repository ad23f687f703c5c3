"""Many requests at once: in threads, in greenlets, and in a real server."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from minictx.web import MiniFlask, current_app, g, has_request_context, request, session
from minictx.web.globals import _app_ctx_stack, _request_ctx_stack
from tests.actors import GreenletActor, ThreadActor, greenlet, needs_greenlet
from tests.web.harness import Answer, new_app, send, serve


@pytest.fixture
def switch_often() -> Iterator[None]:
    """Let threads take turns as often as they can, so that what can go wrong does."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


def everything() -> list[Any]:
    return [request.args["who"], session["who"], g.who, current_app.import_name]


def run_in_threads(number: int, work: Any) -> list[Any]:
    """Call ``work(n)`` in each of ``number`` threads, all at once, and return the results."""
    start = threading.Barrier(number, timeout=30)
    results: list[Any] = [None] * number

    def run(n: int) -> None:
        start.wait()
        results[n] = work(n)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_eight_threads_with_many_requests_each_see_their_own_values(
    web: Any, switch_often: None
) -> None:
    apps = [new_app(web, name) for name in ("first", "second")]
    for app in apps:

        @app.before_request
        def bind() -> None:
            web.session["who"] = web.g.who = web.request.args["who"]

        @app.route("/")
        def index() -> list[Any]:
            return [
                web.request.args["who"],
                web.session["who"],
                web.g.who,
                web.current_app.import_name,
            ]

    def work(number: int) -> list[Any]:
        app = apps[number % 2]
        client = app.test_client()
        wrong = []
        for turn in range(40):
            who = f"{number}-{turn}"
            seen = client.get(f"/?who={who}").json
            if seen != [who, who, who, app.import_name]:
                wrong.append(seen)
        return wrong

    assert run_in_threads(8, work) == [[]] * 8
    assert _request_ctx_stack.__storage__ == _app_ctx_stack.__storage__ == {}


def test_requests_that_are_in_the_view_at_the_same_time_do_not_meet(app: MiniFlask) -> None:
    together = threading.Barrier(4, timeout=30)

    @app.route("/")
    def index() -> list[Any]:
        session["who"] = g.who = request.args["who"]
        together.wait()  # goes on when all four are here
        seen = everything()
        together.wait()
        return seen

    with serve(app) as port:

        def work(number: int) -> Answer:
            return send(port, f"GET /?who={number} HTTP/1.0")

        answers = run_in_threads(4, work)
    assert [answer.status for answer in answers] == [200] * 4
    assert [answer.text for answer in answers] == [
        f'["{number}","{number}","{number}","shop"]\n' for number in range(4)
    ]


def test_a_context_pushed_in_one_thread_is_not_seen_in_another(app: MiniFlask) -> None:
    actor = ThreadActor()
    with app.test_request_context("/here"):
        assert not actor.do(has_request_context)
        there = app.test_request_context("/there")
        actor.do(there.push)
        assert actor.do(lambda: request.path) == "/there"
        assert request.path == "/here"
        actor.do(there.pop)
        assert request.path == "/here"
    actor.die()


def test_a_thread_that_dies_without_popping_leaves_nothing_on_the_stacks(
    app: MiniFlask,
) -> None:
    actor = ThreadActor()
    actor.do(app.test_request_context("/there").push)
    assert len(_request_ctx_stack.__storage__) == len(_app_ctx_stack.__storage__) == 1
    actor.die()
    assert _request_ctx_stack.__storage__ == _app_ctx_stack.__storage__ == {}


@needs_greenlet
def test_requests_of_two_greenlets_can_be_interleaved_at_every_step(app: MiniFlask) -> None:
    seen = []

    def pause(where: str) -> None:
        seen.append((where, *everything()))
        main = greenlet.getcurrent().parent
        assert main is not None
        main.switch()

    @app.before_request
    def bind() -> None:
        session["who"] = g.who = request.args["who"]
        pause("before")

    @app.teardown_request
    def unbind(error: BaseException | None) -> None:
        pause("teardown")

    @app.route("/")
    def index() -> str:
        pause("view")
        return str(g.who)

    def handle(who: str) -> str:
        return app.test_client().get(f"/?who={who}").text

    alice, bob = greenlet.greenlet(handle), greenlet.greenlet(handle)
    alice.switch("alice")
    bob.switch("bob")
    for _ in ("to the view", "to the teardown"):
        for paused in (alice, bob):
            assert not has_request_context()
            paused.switch()
    assert (alice.switch(), bob.switch()) == ("alice", "bob")
    assert seen == [
        (where, who, who, who, "shop")
        for where in ("before", "view", "teardown")
        for who in ("alice", "bob")
    ]


@needs_greenlet
def test_contexts_can_be_popped_in_any_order_if_they_are_of_different_greenlets(
    app: MiniFlask,
) -> None:
    actors = {name: GreenletActor() for name in ("first", "second", "third")}
    contexts = {name: app.test_request_context(f"/{name}") for name in actors}
    for name, actor in actors.items():
        actor.do(contexts[name].push)
    for name in ("second", "third", "first"):
        assert actors[name].do(lambda: request.path) == f"/{name}"
        actors[name].do(contexts[name].pop)
        assert not actors[name].do(has_request_context)
        actors[name].die()

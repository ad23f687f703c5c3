"""The first thing to run: two requests at once, through the same four names.

``minictx demo`` shows it in four parts and a transcript, and checks what it says.
"""

from __future__ import annotations

import inspect
import json
import tempfile
import textwrap
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

from itsdangerous import base64_decode
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.syntax import Syntax
from rich.table import Table
from werkzeug.serving import WSGIRequestHandler, make_server

from minictx.ident import get_ident
from minictx.stack import LocalStack
from minictx.trace import Trace, record
from minictx.trace.page import write_page
from minictx.trace.transcript import print_transcript
from minictx.web import MiniFlask, current_app, g, request, session
from minictx.web.globals import _app_ctx_stack, _request_ctx_stack

try:
    from greenlet import getcurrent, greenlet
except ImportError:
    greenlet = None  # type: ignore[assignment,misc]

__all__ = ["run"]

USERS = ("alice", "bob")
TURNS = {"push", "pop", "switch", "view"}  # of all events, those that the transcript shows

SECONDS = 10  # time limit for the two requests to meet

STACKS: dict[str, LocalStack[Any]] = {
    "_request_ctx_stack": _request_ctx_stack,
    "_app_ctx_stack": _app_ctx_stack,
}

Storage = dict[str, list[str]]  # {name of a stack: [one line for each ident]}


@dataclass
class Meeting:
    """What was seen of two requests that were in their views at the same moment."""

    answers: dict[str, list[str]] = field(default_factory=dict)  # {user: what the view saw}
    runners: dict[int, str] = field(default_factory=dict)  # {ident: its thread or greenlet}
    threads: set[int] = field(default_factory=set)  # the threads that the views ran on
    during: Storage = field(default_factory=dict)
    after: Storage = field(default_factory=dict)

    def arrive(self, kind: str) -> None:
        """Note which greenlet or thread runs the view that calls this."""
        self.runners[get_ident()] = f"{g.user}'s {kind}"
        self.threads.add(threading.get_ident())

    def look(self) -> Storage:
        """Return what both stacks hold, with names instead of idents."""
        return {
            name: sorted(
                f"{self.runners.get(cast(int, ident), ident)}: {namespace}"
                for ident, namespace in stack.__storage__.items()
            )
            for name, stack in STACKS.items()
        }


def make_app(meet: Callable[[], None]) -> MiniFlask:
    """Return the app of this demo; ``meet`` is called in the middle of its first view."""
    app = MiniFlask("demo")
    app.secret_key = "only for this demo"

    @app.route("/hello/<name>")
    def hello(name: str) -> list[str]:
        session["user"] = g.user = name
        meet()  # wait here until the other request has come to this line
        return [request.path, session["user"], g.user, current_app.name]

    @app.route("/visit")
    def visit() -> list[int]:
        session["visits"] = session.get("visits", 0) + 1
        g.visits = g.get("visits", 0) + 1
        return [session["visits"], g.visits]

    return app


class QuietHandler(WSGIRequestHandler):
    """Serve without a line on the terminal for each request."""

    def log_request(self, code: object = "-", size: object = "-") -> None:
        """Say nothing."""


@contextmanager
def serve(app: MiniFlask) -> Iterator[str]:
    """Serve the app on a free port of this machine; nothing of it runs on afterwards."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=QuietHandler)
    server.daemon_threads = False  # type: ignore[attr-defined]  # so server_close() joins them
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def fetch(url: str, browser: OpenerDirector) -> tuple[Any, str]:
    """Return the JSON of an answer, and the cookie that it sets."""
    with browser.open(url, timeout=SECONDS) as response:
        return json.load(response), response.headers.get("Set-Cookie", "").partition(";")[0]


def meet_in_two_threads() -> Meeting:
    """Send two requests to a real server, whose two threads meet in the view."""
    meeting = Meeting()
    barrier = threading.Barrier(2, action=lambda: meeting.during.update(meeting.look()))

    def meet() -> None:
        meeting.arrive("thread")
        barrier.wait(SECONDS)

    with serve(make_app(meet)) as url:

        def browse(user: str) -> None:
            try:
                meeting.answers[user], _ = fetch(f"{url}/hello/{user}", build_opener())
            except OSError as error:
                meeting.answers[user] = [str(error)]

        browsers = [threading.Thread(target=browse, args=(user,)) for user in USERS]
        for browser in browsers:
            browser.start()
        for browser in browsers:
            browser.join()
    meeting.after = meeting.look()
    return meeting


def meet_in_two_greenlets() -> Meeting:
    """Call the app from two greenlets, which take turns on this one thread."""
    meeting = Meeting()
    here = getcurrent()

    def meet() -> None:
        meeting.arrive("greenlet")
        here.switch()  # pause, and go on where this greenlet was switched to

    app = make_app(meet)

    def browse(user: str) -> None:
        meeting.answers[user] = cast(list[str], app.test_client().get(f"/hello/{user}").json)

    browsers = {user: greenlet(browse) for user in USERS}
    for user, browser in browsers.items():
        browser.name = user  # type: ignore[attr-defined]  # the trace calls it so
        browser.switch(user)  # runs until it pauses in the view
    meeting.during = meeting.look()
    for browser in browsers.values():
        browser.switch()  # runs to its end
    meeting.after = meeting.look()
    return meeting


def visit_twice() -> tuple[list[Any], str]:
    """Visit the app twice with one browser; return both answers and the second cookie."""
    browser = build_opener(HTTPCookieProcessor())
    with serve(make_app(lambda: None)) as url:
        first, _ = fetch(f"{url}/visit", browser)
        second, cookie = fetch(f"{url}/visit", browser)
    return [first, second], cookie


def ask_for_the_path() -> None:
    print(request.path)


def ask_in_a_thread_without_context() -> tuple[str, object]:
    """Return the error that such a thread gets, and what is on top of its stack."""
    errors, tops = [], []

    def work() -> None:
        try:
            ask_for_the_path()
        except RuntimeError as error:
            errors.append(str(error))
        tops.append(_request_ctx_stack.top)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return "".join(errors), tops[0]


class Show:
    """Draw the demo, and note whether what it says is so."""

    def __init__(self, console: Console) -> None:
        self.console, self.ok = console, True

    @contextmanager
    def part(self, title: str) -> Iterator[None]:
        self.console.print(f"\n[bold]{title}[/]")
        try:
            yield
        except Exception as error:
            self.check(escape(f"this part works ({type(error).__name__}: {error})"), False)

    def text(self, text: str) -> None:
        self.console.print(Padding(text, (0, 0, 0, 3), expand=False))

    def check(self, claim: str, is_so: bool) -> None:
        self.ok = self.ok and is_so
        self.text(f"[green]ok[/] {claim}" if is_so else f"[bold red]NOT SO:[/] {claim}")

    def code(self, function: Callable[..., Any]) -> None:
        source = textwrap.dedent(inspect.getsource(function)).rstrip()
        syntax = Syntax(
            source, "python", theme="ansi_dark", background_color="default", word_wrap=True
        )
        self.console.print(Padding(syntax, (0, 0, 0, 3), expand=False))

    def answers(self, meeting: Meeting) -> None:
        names = ("request.path", 'session["user"]', "g.user", "current_app.name")
        answers = {user: meeting.answers.get(user, ["no answer"]) for user in USERS}
        if self.console.width < 79:  # too narrow for the table
            for user, answer in answers.items():
                self.text(f"the view for {user}: {', '.join(map(str, answer))}")
            return
        table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 2, 0, 0))
        for heading in ("the view for", *names):
            table.add_column(heading)
        for user, answer in answers.items():
            table.add_row(user, *answer)
        self.console.print(Padding(table, (0, 0, 0, 3), expand=False))

    def storage(self, storage: Storage) -> None:
        for name, lines in storage.items():
            self.text(f"{name}.__storage__ while both views wait:")
            for line in lines:
                runner, _, namespace = line.partition(": ")
                self.text(f"  [cyan]{runner + ':':<18}[/]{escape(namespace)}")


def show_meeting(show: Show, meeting: Meeting) -> None:
    """Draw and check what two requests that met have seen."""
    show.storage(meeting.during)
    expected = {user: [f"/hello/{user}", user, user, "demo"] for user in USERS}
    show.check("each view saw its own request, session and g", meeting.answers == expected)
    owners = [[line.partition(":")[0] for line in lines] for lines in meeting.during.values()]
    show.check("each had a stack of its own", owners == [sorted(meeting.runners.values())] * 2)
    show.check("afterwards both storages are {}", not any(meeting.after.values()))


def show_trace(show: Show, trace: Trace, page: Path) -> None:
    """Draw the turns that two requests took, and write the page that has all of it."""
    turns = (event for event in trace.events if event["kind"] in TURNS)
    events = [{**event, "n": number} for number, event in enumerate(turns, 1)]
    print_transcript(replace(trace, events=events), show.console)
    show.check("nothing was left behind", trace.events[-1].get("left") == [])
    write_page(trace, page)
    show.text(f"\nTo step through all {len(trace.events)} events, open this page in a browser:")
    show.console.print(f"   {page}", soft_wrap=True)


def new_page() -> Path:
    """Return the name for the page, in a new folder."""
    return Path(tempfile.mkdtemp(prefix="minictx-")) / "demo.html"


def run(console: Console, page: Path | None = None) -> int:
    """Show the demo on ``console``; return 0, or 1 if anything was not as it says.

    The page that steps through the two requests is written to the file ``page``.
    """
    show = Show(console)

    with show.part("1  Two requests at the same moment, on two threads of a real server"):
        show.code(make_app(lambda: None).view_functions["hello"])
        show.console.print()
        threads = meet_in_two_threads()
        show.answers(threads)
        show.text("\nEach name is a proxy: at every use it finds the stack of the running")
        show.text("thread, and takes what is on top. These are the stacks:")
        show_meeting(show, threads)
        show.check("they ran on two threads", len(threads.threads) == 2)

    trace = Trace("the two requests of minictx demo")
    with show.part("2  The same on one thread, with two greenlets: functions that can pause"):
        if greenlet is None:
            show.text("left out: greenlet is not installed (pip install greenlet)")
        else:
            with record(title=trace.title) as trace:
                greenlets = meet_in_two_greenlets()
            show_meeting(show, greenlets)
            show.check("they ran on one thread", len(greenlets.threads) == 1)

    with show.part("3  Two visits of one browser"):
        visits, cookie = visit_twice()
        for number, (in_session, in_g) in enumerate(visits, 1):
            show.text(f'visit {number}: session["visits"] = {in_session}   g.visits = {in_g}')
        show.text("the cookie:")
        show.text(cookie)
        payload = base64_decode(cookie.partition("=")[2].partition(".")[0]).decode()
        show.text(f"up to the first dot it is base64 of {payload}; the rest is the signature")
        is_so = visits == [[1, 1], [2, 1]]
        show.check("the session came back with the cookie; g was empty again", is_so)

    with show.part("4  The error that you get in a thread of your own"):
        show.code(ask_for_the_path)
        error, top = ask_in_a_thread_without_context()
        show.text(f"[red]RuntimeError: {escape(error)}[/]")
        is_so = error.startswith("Working outside of request context.") and top is None
        show.check("the thread's stack is empty: it handles no request", is_so)

    if trace.events:
        with show.part("The turns that the two greenlets took"):
            show_trace(show, trace, page or new_page())

    with show.part("Where to go next"):
        show.text("read   minictx/ident.py, then local.py, stack.py and proxy.py")
        show.text("run    uv run minictx examples, and then one of them by its number")
        show.text("serve  an app of your own: uv run minictx run FILE.py:app")
    return 0 if show.ok else 1

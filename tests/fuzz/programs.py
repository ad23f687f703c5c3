"""Targets that run something: scripts for ``minictx trace``, and orders for the stage."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from minictx.stage import StageError, run
from minictx.trace.command import Wish
from minictx.trace.command import trace as trace_command
from minictx.trace.trace import Trace
from tests.fuzz.files import draw
from tests.fuzz.target import Target, mutated

__all__ = ["TARGETS"]

FOLDER = tempfile.TemporaryDirectory(prefix="minictx-fuzz-")
SECONDS = 60  # for one script
SCRIPT, OUT = Path(FOLDER.name) / "script.py", Path(FOLDER.name) / "out.jsonl"

# Scripts


def feed_script(source: bytes) -> None:
    """Trace a script, in a process of its own; then read what was recorded, and draw it.

    In this process it would tell the threading module that Python is about to end.
    """
    SCRIPT.write_bytes(source)
    OUT.unlink(missing_ok=True)
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        signal.alarm(SECONDS)  # it ends what hangs
        said = _trace()
        os.write(writer, said.encode("utf-8", "replace"))
        os._exit(0)
    os.close(writer)
    with open(reader, "rb") as file:
        said = file.read().decode()
    _, status = os.waitpid(pid, 0)
    assert status == 0, f"the process ended with {status}"
    assert said == "", said
    draw(Trace.load(OUT))


def _trace() -> str:
    """Trace the script, and return what went wrong: that of minictx, not of the script."""
    sys.stdout, sys.stderr = io.StringIO(), io.StringIO()
    with_lines = SCRIPT.stat().st_size % 2 == 0
    wish = Wish(str(SCRIPT), [], json=str(OUT), lines=with_lines, limit=300)
    try:
        status = trace_command(wish)
    except BaseException:
        return traceback.format_exc()[-4_000:]
    return "" if isinstance(status, int) else f"the status is {status!r}"


def feed_garbage(source: bytes) -> None:
    """Trace what is no Python. What is, might do anything: that is left alone."""
    try:
        compile(source, "script.py", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        feed_script(source)


HEAD = """\
import threading
from minictx import Local, LocalProxy, LocalStack, release_local
a, s = Local(), LocalStack()
p, q = LocalProxy(a, "x"), LocalProxy(s)
class Odd:
    def __repr__(self): return NAME
    def __eq__(self, other): raise ValueError(NAME)
    __hash__ = None
class Bad:
    def __repr__(self): raise KeyError(NAME)
    def __getattr__(self, name): raise RecursionError
"""
STATEMENTS = [
    "a.x = Odd()",
    "a.x = Bad()",
    "a.x = p",
    "a.y = a",
    "setattr(a, NAME, NAME)",
    "getattr(a, NAME, None)",
    "del a.x",
    "s.push(Odd())",
    "s.push(s)",
    "s.push(NAME * 3)",
    "s.push([s.top])",
    "s.pop()",
    "release_local(a)",
    "release_local(s)",
    "repr(p), bool(q), dir(p)",
    "p + 1",
    "q.real",
    "p()",
    "list(a), a.__storage__",
    "t = threading.Thread(target=lambda: (a.x, s.push(1)), name=NAME); t.start(); t.join()",
    "t = threading.Thread(target=f, name=NAME); t.start(); t.join()",
    "f()",
    "exec(compile('a.x = 1', NAME, 'exec'))",
    "threading.current_thread().name = NAME",
    "raise SystemExit(NAME)",
    "raise ExceptionGroup(NAME or 'x', [KeyError(NAME), Odd() and ValueError()])",
    "raise KeyboardInterrupt",
    "print(NAME)",
    "del threading, a, s",
    "globals().clear()",
    "__name__ = __file__ = None",
    "import sys; sys.argv = sys.stdout = None",
    "import sys; sys.stdout.close()",
    "import sys; sys.setprofile(None); sys.settrace(None)",
    "LocalProxy(Local(), NAME).x",
    "LocalProxy(lambda: 1 / 0) + 1",
    "LocalProxy(3)",
    "if 1:\n    def f(): a.x = p",
    "yield",
    "f'{p!r:>9}'",
]


@st.composite
def scripts(draw: st.DrawFn) -> bytes:
    """Return a program of a few statements, each of which a student could write."""
    name = draw(st.text(st.characters(codec="utf-8"), max_size=6))
    chosen = draw(st.lists(st.sampled_from(STATEMENTS), max_size=8))
    body = "\n".join(chosen)
    if draw(st.booleans()):  # an error in one does not keep the others from running
        body = "\n".join(
            f"try:\n    {each.replace(chr(10), chr(10) + '    ')}\nexcept Exception: pass"
            for each in chosen
        )
    return f"NAME = {name!r}\n{HEAD}def f(): a.y = s.top\n{body}\n".encode()


GARBAGE = (
    b"x = (",
    b"# coding: nonsense\nx = 1",
    b"\xff\xfex = 1\n)",
    b"# -*- coding: utf-7 -*-\nx = '+AGE-'\n)",
    b"def f(:\n\tpass\n  pass",
    b"f'{x!z}' '''",
    b"x = 0777\nmatch x:\n",
    b"a\0b",
)
deep = st.sampled_from(
    [b"(" * 300, b"[" * 5_000, b"x = " + b"-" * 60_000 + b"1 (", b"a." * 9_000]
)

# Orders


def alice() -> Iterator[None]:
    yield
    yield


def bob() -> Iterator[None]:
    yield
    raise ValueError("bob does that")


def feed_order(given: tuple[str, str | Sequence[str]]) -> None:
    """Let two actors play in this order; each takes two or three steps."""
    kind, order = given
    names = order.split() if isinstance(order, str) else order
    actors: Any = {"A": alice, "B": alice} | ({"Ä b": bob} if "Ä b" in names else {})
    with contextlib.suppress(ValueError):  # that of bob: the stage passes it on
        played = run(order, on=kind, seconds=60.0, **actors)  # type: ignore[arg-type]
        assert [step.actor for step in played.steps] == names


def feed_order_bytes(data: bytes) -> None:
    """Let the actors play on greenlets; a NUL parts the names of a list."""
    text = data.decode("utf-8", "surrogateescape")
    feed_order(("greenlets", text.split("\0") if "\0" in text else text))


step_names = st.sampled_from(["A", "B", "Ä b", "a", "", " ", "AB", "A\n", "\x1b[31m", "\ud800"])
orders = st.one_of(
    st.lists(step_names, max_size=10),
    st.lists(step_names, max_size=10).map(" ".join),
    st.text(max_size=20),
    st.permutations(["A"] * 3 + ["B"] * 3).map(" ".join),
)
ORDERS = (b"A B A B A B", b"A A A B B B", b"A\0B\0\xc3\x84 b", b"", b"A A A A", b"A Z")
on_any = st.tuples(st.sampled_from(["greenlets", "greenlets", "threads", "tasks"]), orders)

TARGETS = [
    Target("scripts", scripts(), feed_script, cost=50),
    Target("garbage", st.one_of(mutated(*GARBAGE), deep), feed_garbage, cost=50),
    Target("orders", on_any, feed_order, (StageError,), cost=5),
    Target(
        "order strings",
        mutated(*ORDERS),
        feed_order_bytes,
        (StageError,),
        seeds=ORDERS,
        cost=3,
    ),
]

"""Write docs/reliability.md from what soak.py and fuzz.py have measured.

uv run benchmarks/soak.py --requests 125000 --json docs/soak.json
uv run --group fuzz benchmarks/fuzz.py --minutes 42 --jobs 2 --json docs/fuzz.json
uv run benchmarks/reliability.py
"""

import json
from pathlib import Path
from textwrap import fill

DOCS = Path(__file__).resolve().parent.parent / "docs"

ABOUT = """\
# Reliability

How minictx holds up under load, faults and hostile input. This page is written by `uv run
benchmarks/reliability.py`, from figures that two commands measure. Do not edit it.

## Under load

    {command}

Servers run [one program](../benchmarks/load/program.py) over real sockets. 16 clients ask at
the same time: werkzeug's server starts a thread for each request, and waitress has a pool of
16. A server of gevent has a greenlet for each of 1000 clients. ("Flask on minictx" is the
real Flask, with minictx in the place of `werkzeug.local`.) Threads take turns as often as
Python lets them (`sys.setswitchinterval(1e-6)`). Each client has a session, and checks that
each answer is its own: the path, the query, `g`, the session and the app in it, and a header
that a function after the request has signed. In the end the server must hold no context,
nothing stored in a Local or on a stack, and no thread; and at most 2 MB more than after the
warm-up, the first half of the load (in use, as glibc counts it; elsewhere, what the system
has given). "Stored" are the idents that have something in any Local or LocalStack.

The last row is the proof that the check can fail: the same program, with the design that
minictx explains the faults of, werkzeug 1.0 where greenlet is not installed. All greenlets
of its server have one ident, so their answers mix.
"""

KINDS = """\
The requests, and what goes wrong in them: {kinds}. In "error" the view raises, "nested"
pushes a second request, "stream" sends its answer in pieces, "abandoned" begins a stream and
forgets it, "interrupt" raises KeyboardInterrupt, "fork" makes a second process. "Gone" is a
client that does not wait for its answer, "half a stream" one that reads only the first piece,
"order" a view that pops contexts in the wrong order, "thread" one that starts a thread with
the request and one without, "kill" one whose greenlet is killed, and "teardown" has a
teardown function that raises."""

GREENLETS = """
A thread's main greenlet is freed by Python's main thread, when that comes to run its
pending calls. A program whose main thread waits for something else all the time, while many
threads come and go, keeps what greenlet knows of them: about 300 bytes a thread. What those
threads had stored in a Local is gone all the same.
"""

HOSTILE = """
## Hostile input

    {command}

All that reads what others write is fed with input that is made to break it.
[SECURITY.md](../SECURITY.md) says what is promised. Nothing but clear errors may come of
it. [atheris](https://pypi.org/project/atheris/) is guided by which code an input reaches;
[hypothesis](https://hypothesis.readthedocs.io) builds what has a structure. An execution is
one input. What each target is fed with is in [tests/fuzz](../tests/fuzz): "signed" are
cookies signed with the right key, "drawings" what is drawn of right traces, "state" progress
files of the exercises, "scripts" programs for `minictx trace` and "garbage" what is no
program, "orders" the orders of steps on the stage, as lists and as strings.
"""


def make_page(soak, fuzz):
    """Return the page."""
    runs = soak["runs"]
    columns = list(next(iter(runs.values())))
    rows = [[name, *figures.values()] for name, figures in runs.items()]
    kinds = ", ".join(f"{kind} ({count:,})" for kind, count in soak["kinds"].items())
    requests = sum(figures["requests"] for figures in runs.values())
    return "\n".join(
        [
            ABOUT.format(command=soak["command"]),
            *table(["", *columns], rows),
            "",
            fill(KINDS.format(kinds=kinds), 92),
            GREENLETS,
            f"{requests:,} requests in all; Python {soak['python']}, {soak['machine']}.",
            HOSTILE.format(command=fuzz["command"]),
            *([fill(fuzz["note"], 92), ""] if "note" in fuzz else []),
            *table(
                ["target", "made by", "executions", "a second", "failures"],
                [[row[key] for key in ROW] for row in fuzz["targets"]],
            ),
            "",
            f"{sum(row['executions'] for row in fuzz['targets']):,} executions in all;"
            f" Python {fuzz['python']}, {fuzz['machine']}.",
            "",
        ]
    )


ROW = ("target", "engine", "executions", "a second", "failures")


def table(heads, rows):
    """Return the lines of a Markdown table."""
    yield "| " + " | ".join(heads) + " |"
    yield "| --- |" + " ---: |" * (len(heads) - 1)
    for row in rows:
        cells = (f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row)
        yield "| " + " | ".join(cells) + " |"


def read(name):
    """Return what a command has written."""
    return json.loads((DOCS / name).read_text(encoding="utf-8"))


if __name__ == "__main__":
    page = make_page(read("soak.json"), read("fuzz.json"))
    (DOCS / "reliability.md").write_text(page, encoding="utf-8")

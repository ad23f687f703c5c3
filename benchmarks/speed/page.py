"""Write docs/performance.md and its chart.

This module, run as ``python -m speed.page RESULTS.json CHART.svg`` in an environment that has
matplotlib, draws the chart.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from arguments import write_json
from speed.operations import OPERATIONS
from speed.results import Table, ratios, tables

__all__ = ["write_page"]

BENCHMARKS = Path(__file__).parent.parent

# The page

PAGE = """\
# Performance

How fast is minictx, beside the libraries that it explains? This page is written by

    uv run benchmarks/run.py --docs

which measures, and prints all of it. Do not edit it.

Each operation is [a line of Python](../benchmarks/speed/operations.py). It runs on every
library in turn, for about a millisecond, round after round in one process; the times of one
round are divided by each other, and the median of the ratios, the one in the middle, is what
the tables have. So the ratios mean something even where the machine is busy; the nanoseconds
are those of this machine:

{machine}

![Ratios of minictx's times to those of werkzeug 3.1: below 1, minictx is faster. The same
figures are in the table "minictx to werkzeug 3.1".](performance.svg)

- A geometric mean of ratios: of twice as fast (0.5) and twice as slow (2) it is 1.
- A miss asks a Local for a name that it does not have here. An unbound proxy finds nothing. A
  context is made, stores a name, and is dropped: here it is a greenlet, which is live until
  then.
- `minictx.contextual` is [the same over contextvars](../minictx/contextual.py), as in today's
  werkzeug. gevent, asgiref and werkzeug are the libraries of these names; `threading.local` and
  `ContextVar` are Python's own.

{tables}
## Where the time goes

The table "Single steps" has the figures that this is about.

- `get`, `top`, and all that begins with them: `get_ident()` alone takes several times as long
  as `ContextVar.get()`, which is written in C and remembers what it found last. That is the
  price of a dict that can be printed, `{{ident: {{name: value}}}}`. Only a proxy to a stack,
  which each use of `request` goes through, has `id(getcurrent())` written out. All else calls
  `get_ident()`, and stays easy to read.
- Since a proxy has the special names that its object has, and no others, each operation reads
  the function that finds the object through its slot's own `__get__`. That takes about 8 % of
  what werkzeug takes for the whole operation. Reading an attribute became faster in Python
  3.11: it goes to the object at once.
- `push` on an empty stack, and the pop that empties it, make a namespace and a list and throw
  them away again, so that the storage has nothing but what is there. werkzeug leaves an empty
  list in the context, for as long as the context lives.
- Through a proxy, more than half of the time goes into finding the ident and the top of the
  stack, and the rest into what Python does to call `__len__` or `__add__` of a class that is
  written in Python. `proxy()` has to pass on `*args` and `**kwargs` as well.
- The `repr` of an unbound proxy raises an error and catches it, and so does werkzeug's.
- A name that is missing: the dict's KeyError is caught and another error is raised, which says
  what is missing, and where.
- A context that comes and goes: two weak references see to it that what it stored is gone with
  its greenlet, and with its thread. For a ContextVar, Python itself does that.
- In Python 3.11, an attribute of a proxy is looked for where it cannot be before `__getattr__`
  is asked: the table has what that costs by itself. From Python 3.12 on it costs little.
- werkzeug 1.0.1 uses the greenlet itself as the key of its dict, calls nothing but C to find
  it, and never forgets it: what a greenlet stored there keeps the greenlet alive until it is
  released. So its `get` and `set` are faster; and its proxies forward as simply as ours do.
- A request: seven tenths of MiniFlask's time are werkzeug's request, routing and response, and
  itsdangerous, which both frameworks use.
- `import minictx`: most of it is the import of `typing`, `threading` and greenlet. A program
  that serves requests has them anyway.
"""


def write_page(results: dict[str, Any], folder: Path) -> None:
    """Write performance.json, performance.svg and performance.md into a folder."""
    data = folder / "performance.json"
    write_json(results, data)
    command = ["uv", "run", "--quiet", "--isolated", "--no-project", "--with", "matplotlib"]
    command += ["python", "-m", "speed.page", str(data), str(folder / "performance.svg")]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": str(BENCHMARKS)})
    text = PAGE.format(
        machine="\n".join(f"- {key}: {value}" for key, value in results["machine"].items()),
        tables="".join(_markdown(table) for table in tables(results)),
    )
    (folder / "performance.md").write_text(text)


def _markdown(table: Table) -> str:
    texts = 1 + table.has_code
    rows = table.rows
    if table.has_code:
        rows = [[title, code and f"`{code}`", *rest] for title, code, *rest in rows]
    lines = [
        table.titles,
        ["---"] * texts + ["---:"] * (len(table.titles) - texts),
        *rows,
    ]
    text = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return f"## {table.heading}\n\n{table.about}\n\n{text}\n\n"


# The chart

COLORS = ("#0072b2", "#d55e00", "#009e73")  # told apart by those who see no red or green, too
MARKERS = ("o", "s", "^")


def main(source: str, target: str) -> None:
    """Draw a dot for each operation and Python."""
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    pythons = json.loads(Path(source).read_text())["pythons"]
    matplotlib.rcParams["svg.fonttype"] = "none"  # text stays text
    matplotlib.rcParams["svg.hashsalt"] = "minictx"  # the same figures give the same file
    figure, axes = plt.subplots(figsize=(8, 7), layout="constrained")
    rows = range(len(OPERATIONS), 0, -1)
    for number, (version, measured) in enumerate(pythons.items()):
        values = ratios(measured)
        axes.plot(
            [values[operation.key] for operation in OPERATIONS],
            rows,
            MARKERS[number],
            color=COLORS[number],
            label=f"Python {version}",
        )
    axes.set_yticks(rows, [operation.title for operation in OPERATIONS])
    axes.set_xscale("log", base=2)
    ticks = [0.25, 0.5, 1, 2]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.axvline(1, color="black", linewidth=1)
    axes.grid(axis="x", alpha=0.4)
    axes.set_xlabel("time of minictx / time of werkzeug 3.1 (left of 1: minictx is faster)")
    axes.legend()
    figure.savefig(target, metadata={"Date": None})


if __name__ == "__main__":
    main(*sys.argv[1:])

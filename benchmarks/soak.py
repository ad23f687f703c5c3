"""Load and faults, over real sockets: is each answer its own, and is nothing left behind?

uv run benchmarks/soak.py [--minutes N | --requests N] [--only WORD] [--json FILE]

Three servers, with 16 threads or 1000 greenlets, run one program on MiniFlask, and on real
Flask with minictx in the place of werkzeug.local. At last the same program runs on the design
that minictx explains the faults of: werkzeug 1.0 without greenlet. There, answers must be
mixed: a check that cannot fail would prove nothing.
"""

import argparse
import contextlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from arguments import command, new_file, positive, positive_int, write_json
from load.clients import FOR_GEVENT, PLAN, Client, Tally, visit

WARM_UP = 2000  # requests, at least, before the memory is measured for the first time
SHARE = 0.5  # of the load that the warm-up is, where that is more
MEGABYTES = 2.0  # that it may have more in the end
PATIENCE = 120.0  # seconds that a server has to say what it holds


# The runs: which server runs the program on which framework, and in which Python

ROOT = Path(__file__).resolve().parent.parent
SERVER = str(ROOT / "benchmarks" / "load" / "server.py")
FREE_THREADED = ("python3.13t", "python3.14t")
OLD = (
    "flask==1.1.4",
    "werkzeug==1.0.1",
    "jinja2<3.1",
    "markupsafe<2.1",
    "itsdangerous<2.1",
    "click<8.1",
    "gevent",
)
# In Flask 1.1, what is popped in the wrong order leaves the other context on the stack.
PLAN_OF_OLD = {kind: share for kind, share in FOR_GEVENT.items() if kind != "order"}


@dataclass
class Run:
    """One server with one framework."""

    framework: str  # what the table calls it
    server: str
    command: list
    plan: dict = field(default_factory=dict)
    mixes: bool = False  # it is known to, and must
    # Then glibc knows of each byte, and memory is measured exactly.
    environment: dict = field(default_factory=lambda: {"PYTHONMALLOC": "malloc"})

    def __post_init__(self):
        self.plan = self.plan or (FOR_GEVENT if self.server == "gevent" else PLAN)

    @property
    def name(self):
        """What the table calls the run."""
        return f"{self.framework} on {self.server}"

    @property
    def clients(self):
        """How many ask at the same time."""
        return 1000 if self.server == "gevent" else 16


def runs():
    """Return all runs, the one that must fail the last."""
    here = [sys.executable]
    found = [
        Run(title, server, [*here, *how, SERVER, server, framework])
        for title, how, framework in (
            ("MiniFlask", [], "minictx.web"),
            ("Flask on minictx", ["-m", "minictx.dropin"], "flask"),
        )
        for server in ("werkzeug", "waitress", "gevent")
    ]
    for python in filter(shutil.which, FREE_THREADED):
        free = isolated(python, f"{ROOT}[web]", "waitress")
        found += [
            # A free-threaded Python has no other allocator than its own.
            Run(
                f"MiniFlask, {python}",
                server,
                [*free, SERVER, server, "minictx.web"],
                environment={},
            )
            for server in ("werkzeug", "waitress")
        ]
    old = [*isolated("3.11", str(ROOT), *OLD)]
    program = [SERVER, "gevent", "flask"]
    dropin = ["-m", "minictx.dropin"]
    return [
        *found,
        Run("Flask 1.1 on minictx", "gevent", [*old, *dropin, *program], PLAN_OF_OLD),
        Run(
            "Flask 1.1 on werkzeug 1.0",
            "gevent",
            [*old, *program, "--hide-greenlet"],
            PLAN_OF_OLD,
            mixes=True,
        ),
    ]


def isolated(python, *packages):
    """Return the command that runs a Python with these packages and no others."""
    command = ["uv", "run", "--isolated", "--no-project", "--quiet", "--python", python]
    for package in packages:
        command += ["--with", package]
    return [*command, "python"]


# One run


class EndedError(Exception):
    """The process of a server has ended before its time."""


@dataclass
class Outcome:
    """The outcome of a run."""

    run: Run
    tally: Tally
    seconds: float
    before: dict
    after: dict

    @property
    def figures(self):
        """What the table shows."""
        asked = sum(self.tally.asked.values())
        return {
            "requests": asked,
            "a second": round(asked / self.seconds),
            "mixed": len(self.tally.wrong),
            "no answer": len(self.tally.failed),
            **{key: self.after[key] for key in ("contexts", "stored", "threads")},
            "MB": round(self.after["megabytes"] - self.before["megabytes"], 1),
        }

    @property
    def problems(self):
        """What is not as it must be."""
        figures = self.figures
        if self.run.mixes:
            return [] if figures["mixed"] else ["no answer was mixed: the check proves nothing"]
        found = [
            f"{figures[key]} {key} are left"
            for key in ("contexts", "stored", "threads")
            if figures[key]
        ]
        found += self.tally.wrong[:3] + self.tally.failed[:3] + self.after["problems"]
        if figures["MB"] > MEGABYTES:
            found.append(f"memory has grown by {figures['MB']} MB")
        return found


def soak(run, minutes, requests):
    """Run one server under load, and return its outcome."""
    with tempfile.TemporaryFile("w+") as errors:
        pipe = subprocess.PIPE
        process = subprocess.Popen(
            run.command,
            stdin=pipe,
            stdout=pipe,
            stderr=errors,
            text=True,
            cwd=ROOT,
            env=os.environ | run.environment,
        )
        try:
            return put_under_load(run, process, minutes, requests)
        except EndedError:
            errors.seek(0)
            raise SystemExit(f"{run.name} has ended:\n{errors.read()[-2000:]}") from None
        finally:
            process.kill()
            process.communicate()


def put_under_load(run, process, minutes, requests):
    """Let the clients visit a server that starts, measure it, and stop it."""
    port = answer(process)["port"]
    tally = Tally()
    clients = [Client(f"c{number}", port, tally) for number in range(run.clients)]
    seconds = 0.0
    for part in ("warm-up", "load"):
        before = answer(process, "measure")
        share = SHARE if part == "warm-up" else 1 - SHARE
        last = sum(tally.asked.values()) + max(WARM_UP, share * (requests or 0))
        end = time.monotonic() + share * minutes * 60
        seconds += visit(clients, run.plan, part, partial(is_enough, requests, last, end))
    after = answer(process, "measure")
    stopped = answer(process, "stop")
    # What its threads hold is measured while they stand ready, and they when it has stopped.
    after |= {key: stopped[key] for key in ("threads", "problems")}
    return Outcome(run, tally, seconds, before, after)


def is_enough(requests, last, end, asked):
    """Tell whether a part of the load is over: after so many requests, or at a time."""
    return asked >= last if requests else asked >= WARM_UP and time.monotonic() > end


def answer(process, line=None):
    """Send a line to a server's process, and return what it answers."""
    if line is not None:
        process.stdin.write(f"{line}\n")
        process.stdin.flush()
    patience = threading.Timer(PATIENCE, process.kill)
    patience.start()
    said = process.stdout.readline()
    patience.cancel()
    if not said:
        raise EndedError
    return json.loads(said)


def main():
    """Run the chosen servers, print a table, and return 1 if anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=positive, default=1.0, help="for all runs together")
    parser.add_argument(
        "--requests",
        type=positive_int,
        help=f"for each run, and not less than {2 * WARM_UP:,}; instead of a time",
    )
    parser.add_argument("--only", metavar="WORD", default="", help="runs with it in the name")
    parser.add_argument(
        "--json", metavar="FILE", type=new_file, help="write the figures to a file"
    )
    wish = parser.parse_args()
    chosen = [run for run in runs() if wish.only in run.name]
    if not chosen:
        parser.error(
            f"no run has {wish.only!r} in its name: {', '.join(r.name for r in runs())}"
        )
    outcomes = []
    for run in chosen:
        outcomes.append(soak(run, wish.minutes / len(chosen), wish.requests))
        print_row(outcomes[-1], is_first=run is chosen[0])
    for outcome in outcomes:
        for problem in outcome.problems:
            print(f"{outcome.run.name}: {problem}", file=sys.stderr)
    if wish.json:
        write(outcomes, wish.json)
    return 1 if any(outcome.problems for outcome in outcomes) else 0


def print_row(outcome, is_first):
    """Print the figures of one run, below the names of the columns."""
    figures = outcome.figures
    if is_first:
        print(" " * 36, *[f"{name:>9}" for name in figures])
    print(
        f"{outcome.run.name:<36}", *[f"{figure:>9}" for figure in figures.values()], flush=True
    )


def write(outcomes, file):
    """Write all figures as JSON."""
    kinds = sum((outcome.tally.asked for outcome in outcomes), Counter())
    figures = {
        "command": command("uv run benchmarks/soak.py"),
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        "kinds": dict(kinds.most_common()),
        "runs": {outcome.run.name: outcome.figures for outcome in outcomes},
    }
    write_json(figures, file)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main())
    sys.exit(130)  # what a shell says of a command that Ctrl-C ended

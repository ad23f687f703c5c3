"""The runs: which server runs the program on which framework, and in which Python."""

import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path

from load.clients import FOR_GEVENT, PLAN

ROOT = Path(__file__).resolve().parent.parent.parent
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

"""Which released suites are run, on which storages, and what is known to differ."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.peers.compare import Differences

__all__ = ["MINIFLASK", "PAIRS", "SUITES", "Suite"]


@dataclass(frozen=True)
class Suite:
    """The tests of one release, and what they need."""

    package: str
    version: str
    tests: str
    minimum: int  # how many of them must pass on werkzeug
    needs: str  # requirements, beside the package and greenlet
    storages: dict[str, Differences] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What the command line calls it."""
        return f"{self.package}-{self.version}"

    @property
    def requirements(self) -> list[str]:
        """All that its environment is made of."""
        return [f"{self.package}=={self.version}", "greenlet", *self.needs.split()]


IDENTS = "contextvars do not ask an ident function who is running"
TASKS = "all asyncio tasks of a thread have one ident"

SUITES = [
    Suite(
        "werkzeug",
        "1.0.1",
        "tests/test_local.py",
        10,
        "pytest<9 requests",
        {"ident": {}, "contextvar": {"tests/test_local.py::test_custom_idents": IDENTS}},
    ),
    Suite(
        "werkzeug",
        "2.0.3",
        "tests/test_local.py",
        60,
        "pytest<9 pytest-xprocess",
        {
            "contextvar": {},
            "ident": {
                "tests/test_local.py::test_basic_local_asyncio": TASKS,
                "tests/test_local.py::test_local_stack_asyncio": TASKS,
            },
        },
    ),
    Suite(
        "werkzeug",
        "3.1.9",
        "tests/test_local.py",
        60,
        "pytest<9 ephemeral-port-reserve",
        {
            "contextvar": {},
            "ident": {
                "tests/test_local.py::test_basic_local_asyncio": TASKS,
                "tests/test_local.py::test_local_stack_asyncio": TASKS,
            },
        },
    ),
    Suite(
        "flask",
        "1.1.4",
        "tests",
        540,
        "werkzeug==1.0.1 jinja2<3.1 markupsafe<2.1 itsdangerous<2.1 click<8.1 blinker<1.7"
        " python-dotenv<1 setuptools<60 pytest<7",
        {"ident": {}, "contextvar": {}},
    ),
    Suite(
        "flask",
        "2.1.3",
        "tests",
        480,
        "werkzeug==2.1.2 click<8.2 asgiref blinker<1.7 python-dotenv setuptools<60 pytest<8",
        # Not on idents: an async view runs in another thread, with a copy of the context.
        {"contextvar": {}},
    ),
    Suite(
        "flask",
        "3.1.3",
        "tests",
        485,
        "werkzeug==3.1.5 asgiref python-dotenv pytest<9",
        {"contextvar": {}, "ident": {}},
    ),
]

# {werkzeug: what goes with it}: each minor release, with the Flask of its time
PAIRS = {
    "1.0.1": "flask==1.1.4 jinja2<3.1 markupsafe<2.1 itsdangerous<2.1 click<8.1",
    "2.0.3": "flask==2.0.3",
    "2.1.2": "flask==2.1.3",
    "2.2.3": "flask==2.2.5",
    "2.3.8": "flask==2.3.3",
    "3.0.6": "flask==3.0.3",
    "3.1.9": "flask==3.1.3",
}

# {test of Flask's: why it does not pass on MiniFlask}, beside those that use what is left out
MINIFLASK: dict[str, str] = {}

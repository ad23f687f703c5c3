"""Which released suites are run, on which storages, and what is known to differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["MINIFLASK", "PAIRS", "SUITES", "Differences", "Suite"]

# {test id: why it passes on one of the two only}
Differences = Mapping[str, str]


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

TEXT = "text of a message"
DEBUGHELPERS = "left out: `flask.debughelpers`"
VERSION = "on purpose: the URL of a static file has a version in it"
WARNING = "private name: the warning comes from `flask.app`"
INSTALLED = "left out: the instance folder of an installed or a namespace package"

# {test of Flask's: why it does not pass on MiniFlask}, beside those that say so themselves
MINIFLASK = {
    "tests/test_appctx.py::test_app_ctx_globals_methods": TEXT,
    "tests/test_basic.py::test_enctype_debug_helper": DEBUGHELPERS,
    "tests/test_basic.py::test_jsonify_args_and_kwargs_check": TEXT,
    "tests/test_basic.py::test_missing_session": TEXT,
    "tests/test_basic.py::test_no_setup_after_first_request": TEXT,
    "tests/test_basic.py::test_response_type_errors": TEXT,
    "tests/test_basic.py::test_routing_redirect_debugging": DEBUGHELPERS,
    "tests/test_basic.py::test_server_name_subdomain": WARNING,
    "tests/test_basic.py::test_static_files": VERSION,
    "tests/test_basic.py::test_static_route_with_host_matching": VERSION,
    "tests/test_basic.py::test_static_url_path": VERSION,
    "tests/test_basic.py::test_static_url_path_with_ending_slash": VERSION,
    "tests/test_basic.py::test_subdomain_matching_other_name": WARNING,
    "tests/test_cli.py::test_locate_app_raises": "left out: `flask.cli.NoAppException`",
    "tests/test_config.py::test_config_from_envvar": TEXT,
    "tests/test_config.py::test_config_from_envvar_missing": TEXT,
    "tests/test_config.py::test_config_missing": TEXT,
    "tests/test_config.py::test_config_missing_file": TEXT,
    "tests/test_helpers.py::TestStreaming::test_async_view": "left out: async views",
    "tests/test_instance_config.py::test_explicit_instance_paths": TEXT,
    "tests/test_instance_config.py::test_installed_module_paths": INSTALLED,
    "tests/test_instance_config.py::test_installed_package_paths": INSTALLED,
    "tests/test_instance_config.py::test_prefix_package_paths": INSTALLED,
    "tests/test_instance_config.py::test_uninstalled_namespace_paths": INSTALLED,
    "tests/test_testing.py::test_session_transaction_needs_cookies": TEXT,
    "tests/test_testing.py::test_session_transactions_no_null_sessions": TEXT,
    "tests/test_user_error_handler.py::test_error_handler_no_match": TEXT,
}

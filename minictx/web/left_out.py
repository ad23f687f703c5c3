"""What Flask has and MiniFlask leaves out: asking for it is an error that says what to do.

>>> from minictx.web import Blueprint
Traceback (most recent call last):
    ...
ImportError: Blueprint is left out of MiniFlask on purpose...
"""

from __future__ import annotations

import sys
import traceback
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

# Modules of Flask, and what is imported from one.
_NAMES = """
    blueprints cli debughelpers provider sansio tag typing views
    Blueprint DispatchingJinjaLoader FlaskCliRunner JSONProvider app_ctx
    get_debug_flag get_load_dotenv get_root_path request_ctx
    session_json_serializer
"""
# Attributes of an app.
_ATTRIBUTES = """
    aborter aborter_class async_to_sync auto_find_instance_path blueprints cli config_class
    create_global_jinja_loader create_jinja_environment do_teardown_appcontext
    do_teardown_request ensure_sync error_handler_spec handle_url_build_error has_static_folder
    inject_url_defaults iter_blueprints jinja_environment jinja_loader
    make_aborter make_config make_shell_context open_instance_resource raise_routing_exception
    register_blueprint select_jinja_autoescape shell_context_processor shell_context_processors
    should_ignore_error static_url_path test_cli_runner test_cli_runner_class
    url_build_error_handlers url_map_class url_rule_class
"""
NAMES, ATTRIBUTES = set(_NAMES.split()), set(_ATTRIBUTES.split())

_REAL_FLASK = (
    "run the real Flask on minictx: import from flask, and start the program with"
    " `python -m minictx.dropin`. Extensions written for Flask need the real Flask, too"
)


def left_out(name: str) -> str:
    """Say that ``name`` is left out, and what to do."""
    return f"{name} is left out of MiniFlask on purpose. Delete its lines, or {_REAL_FLASK}"


class LeavesOut:
    """An app that lacks some attributes of Flask's, and says so.

    To set one, or to define it in a subclass, would do nothing: that is an error, too.
    """

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            if name in ATTRIBUTES:
                raise AttributeError(left_out(f"app.{name}"), name=name, obj=self)
            return super().__getattribute__(name)  # raises what it did before

        def __setattr__(self, name: str, value: Any) -> None:
            if name in ATTRIBUTES:
                raise AttributeError(left_out(f"app.{name}"), name=name, obj=self)
            super().__setattr__(name, value)

    def __init_subclass__(cls) -> None:
        for name in ATTRIBUTES & vars(cls).keys():
            raise TypeError(left_out(f"{cls.__name__}.{name}"))


class _Finder:
    """Comes last when a module is looked for, or a name that is to be imported from one."""

    @staticmethod
    def find_spec(fullname: str, path: object = None, target: object = None) -> None:
        package, _, name = fullname.rpartition(".")
        if name in NAMES and f"{package}.".startswith("minictx.web."):
            raise ImportError(left_out(name), name=fullname)


def watch_imports() -> None:
    """Let each module of minictx.web say which names it lacks."""
    sys.meta_path.append(_Finder)
    for name, module in list(sys.modules.items()):
        if f"{name}.".startswith("minictx.web."):
            vars(module).setdefault("__path__", [])  # what it lacks is looked for below it
            vars(module)["__getattr__"] = partial(_lacks, name)


def _lacks(module: str, name: str) -> NoReturn:
    text = left_out(name) if name in NAMES else f"{module} has no {name!r}"
    raise AttributeError(text, name=name, obj=sys.modules[module])


def explain(error: BaseException | None) -> None:
    """Add a note to an error that says: this name is the real Flask's, and unbound here."""
    if not isinstance(error, RuntimeError):
        return
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    if frames and frames[-1].f_globals.get("__name__") == "werkzeug.local":
        error.add_note(
            "This is a name of the real Flask, and MiniFlask does not bind it: import it from"
            f" minictx.web. If an extension or flask.views asked for it, {_REAL_FLASK}"
        )

"""The app's configuration: a dict, and ways to fill it."""

from __future__ import annotations

import json
import os
import types
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import IO, TYPE_CHECKING, Any

from werkzeug.utils import import_string

if TYPE_CHECKING:
    from minictx.web.app import MiniFlask

DEFAULTS = {
    "APPLICATION_ROOT": "/",
    "DEBUG": None,  # None: what the environment variable FLASK_DEBUG says
    "EXPLAIN_TEMPLATE_LOADING": False,  # log where each template is looked for
    "MAX_CONTENT_LENGTH": None,  # bytes; a larger request is answered with 413
    "MAX_COOKIE_SIZE": 4093,  # bytes; a larger one is a warning
    "MAX_FORM_MEMORY_SIZE": 500_000,  # bytes, for a form field that is not a file
    "MAX_FORM_PARTS": 1_000,
    "PERMANENT_SESSION_LIFETIME": timedelta(days=31),  # or seconds
    "PREFERRED_URL_SCHEME": "http",
    "PROPAGATE_EXCEPTIONS": None,  # None: when testing or debugging
    "PROVIDE_AUTOMATIC_OPTIONS": True,  # answer OPTIONS without the view
    "SECRET_KEY": None,
    "SECRET_KEY_FALLBACKS": None,  # a list of older keys: what they signed is still accepted
    "SEND_FILE_MAX_AGE_DEFAULT": None,  # seconds
    "SERVER_NAME": None,  # needed by url_for outside of a request
    "SESSION_COOKIE_DOMAIN": None,  # None: the host that sets it, and no other
    "SESSION_COOKIE_HTTPONLY": True,  # scripts in a page cannot read it
    "SESSION_COOKIE_NAME": "session",
    "SESSION_COOKIE_PARTITIONED": False,
    "SESSION_COOKIE_PATH": None,  # None: APPLICATION_ROOT
    "SESSION_COOKIE_SAMESITE": None,  # "Lax" or "Strict": not sent with other sites' requests
    "SESSION_COOKIE_SECURE": False,  # True: sent over HTTPS only
    "SESSION_REFRESH_EACH_REQUEST": True,
    "TEMPLATES_AUTO_RELOAD": None,  # None: when debugging
    "TESTING": False,
    "TRAP_BAD_REQUEST_ERRORS": None,  # raise them; None: when debugging, for a missing key
    "TRAP_HTTP_EXCEPTIONS": False,  # raise those that have no handler, 404 for example
    "TRUSTED_HOSTS": None,  # a list, ".example.org" with all below it; other hosts get 400
    "USE_X_SENDFILE": False,  # let the server in front send files, by the X-Sendfile header
}


class Config(dict[str, Any]):
    """Hold the configuration of an app, under upper-case names.

    >>> config = Config(".", {"DEBUG": False})
    >>> config.from_mapping(SECRET_KEY="dev")
    True
    >>> config["SECRET_KEY"]
    'dev'
    """

    def __init__(self, root_path: str, defaults: dict[str, Any] | None = None) -> None:
        super().__init__(defaults or {})
        self.root_path = root_path

    def from_mapping(self, mapping: Any = None, **kwargs: Any) -> bool:
        """Take the upper-case keys of ``mapping``, a dict or pairs, and of ``kwargs``."""
        values = dict(mapping or {}, **kwargs)
        self.update((key, value) for key, value in values.items() if key.isupper())
        return True

    def from_object(self, obj: object) -> None:
        """Take the upper-case attributes of a class or module, or of the one so named."""
        if isinstance(obj, str):
            obj = import_string(obj)
        self.update((name, getattr(obj, name)) for name in dir(obj) if name.isupper())

    def from_pyfile(self, filename: str | os.PathLike[str], silent: bool = False) -> bool:
        """Run a Python file, below the app's root path, and take its upper-case names.

        Return whether there was such a file; without ``silent``, a missing one is an error.
        """
        path = os.path.join(self.root_path, filename)
        module = types.ModuleType("config")
        module.__file__ = path
        try:
            with open(path, "rb") as file:
                code = compile(file.read(), path, "exec")
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            if silent:
                return False
            raise
        exec(code, module.__dict__)
        self.from_object(module)
        return True

    def from_file(
        self,
        filename: str | os.PathLike[str],
        load: Callable[[IO[Any]], Mapping[str, Any]],
        silent: bool = False,
        text: bool = True,
    ) -> bool:
        """Do `from_mapping` with what ``load``, `json.load` for instance, makes of a file.

        ``text=False`` opens it for a ``load`` that wants bytes, as `tomllib.load` does.
        """
        try:
            with open(os.path.join(self.root_path, filename), "r" if text else "rb") as file:
                values = load(file)
        except (FileNotFoundError, IsADirectoryError):
            if silent:
                return False
            raise
        return self.from_mapping(values)

    def get_namespace(
        self, namespace: str, lowercase: bool = True, trim_namespace: bool = True
    ) -> dict[str, Any]:
        """Return the keys that begin with ``namespace``, without it, and in lower case.

        >>> config = Config(".", {"MAIL_HOST": "localhost", "MAIL_PORT": 25, "DEBUG": False})
        >>> config.get_namespace("MAIL_")
        {'host': 'localhost', 'port': 25}
        """
        start = len(namespace) if trim_namespace else 0
        found = {key[start:]: self[key] for key in self if key.startswith(namespace)}
        return {key.lower(): value for key, value in found.items()} if lowercase else found

    def from_envvar(self, variable_name: str, silent: bool = False) -> bool:
        """Do `from_pyfile` with the file that an environment variable names."""
        path = os.environ.get(variable_name)
        if path:
            return self.from_pyfile(path, silent)
        if silent:
            return False
        raise RuntimeError(
            f"the environment variable {variable_name} is not set: make it name a"
            " configuration file"
        )

    def from_prefixed_env(
        self, prefix: str = "FLASK", *, loads: Callable[[str], Any] = json.loads
    ) -> bool:
        """Take FLASK_NAME from the environment as NAME, its value read as JSON if it is that.

        FLASK_A__B sets the key B of the dict A.
        """
        for variable in sorted(os.environ):
            if not variable.startswith(f"{prefix}_"):
                continue
            text = os.environ[variable]
            try:
                value = loads(text)
            except Exception:  # not JSON: keep the text
                value = text
            *parents, name = variable.removeprefix(f"{prefix}_").split("__")
            target: dict[str, Any] = self
            for parent in parents:
                target = target.setdefault(parent, {})
            target[name] = value
        return True


def debug_flag() -> bool:
    """Tell whether the environment asks for debug mode."""
    return os.environ.get("FLASK_DEBUG", "").lower() not in {"", "0", "false", "no"}


def as_timedelta(value: int | timedelta) -> timedelta:
    """Return a time that is given as such, or as a number of seconds."""
    return value if isinstance(value, timedelta) else timedelta(seconds=value)


class ConfigAttribute:
    """Let ``app.secret_key`` be another way to write ``app.config["SECRET_KEY"]``."""

    def __init__(self, key: str, convert: Callable[[Any], Any] = lambda value: value) -> None:
        self._key, self._convert = key, convert

    def __get__(self, app: MiniFlask | None, owner: type) -> Any:
        return self if app is None else self._convert(app.config[self._key])

    def __set__(self, app: MiniFlask, value: Any) -> None:
        app.config[self._key] = value

"""Hand the drop-in on to a child process.

Python imports a module of this name as it starts, if there is one on its path. It must be
quick and change nothing else: most children have nothing to do with werkzeug.
"""

from __future__ import annotations

import os
import sys
from typing import Any

__all__ = ["VARIABLE", "Inherited"]

VARIABLE = "MINICTX_DROPIN"


class Inherited:
    """A finder that installs the drop-in of the parent when werkzeug.local is imported."""

    is_of_minictx = True

    def __init__(self, wish: str) -> None:
        self._wish = wish  # JSON, which is not read before it is needed

    def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
        """Let the drop-in find ``werkzeug.local``; of other modules, nothing is known."""
        if name != "werkzeug.local":
            return None
        sys.meta_path.remove(self)
        import importlib
        import json

        wish = json.loads(self._wish)
        if wish["prefix"] != sys.prefix:  # another Python, maybe an older one
            return None
        home = os.path.dirname(os.path.dirname(os.path.dirname(_HERE)))
        sys.path.insert(0, home)
        try:
            dropin = importlib.import_module("minictx.dropin")
        finally:
            sys.path.remove(home)
        return dropin.install(wish["storage"], code=wish["code"]).find_spec(name, path)


_HERE = os.path.dirname(os.path.abspath(__file__))


def _make_way() -> None:
    """Take this folder off the path, and run the sitecustomize that it has hidden."""
    sys.path[:] = [each for each in sys.path if os.path.abspath(each) != _HERE]
    ours = sys.modules.pop(__name__)
    try:
        __import__(__name__)
    except ModuleNotFoundError as error:
        if error.name != __name__:
            raise
        sys.modules[__name__] = ours


if __name__ == "sitecustomize":
    if VARIABLE in os.environ:
        sys.meta_path.insert(0, Inherited(os.environ[VARIABLE]))
    _make_way()

"""Live: run a scenario on a framework that is installed here, and return its story.

``python -m minictx.compare.flask.live`` prints all stories of the installed Flask, as JSON.
"""

from __future__ import annotations

import json
import platform
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from typing import Any

from minictx.compare.flask.kit import Kit
from minictx.compare.flask.scenarios import SCENARIOS, Scenario
from minictx.compare.flask.story import Story, make_story
from minictx.trace import record

__all__ = ["tell", "tell_all_of_flask"]


def tell(scenario: Scenario, web: Any) -> Story:
    """Run a scenario on ``web``, the module flask or minictx.web, and return its story.

    >>> import minictx.web
    >>> tell(SCENARIOS["404"], minictx.web)[:3]
    ['push request context /nowhere', '  push app context', '    signal appcontext_pushed']
    """
    # On a thread of its own: the contexts that it leaves are gone with it.
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(_tell_here, scenario, web).result()


def _tell_here(scenario: Scenario, web: Any) -> Story:
    with record() as trace:
        kit = Kit(web, trace)
        scenario.run(kit)
        kit.say("at the end")
    return make_story(trace, kit.said)


def tell_all_of_flask() -> dict[str, Any]:
    """Return the versions of what is installed, and the stories of all scenarios."""
    import flask

    versions = {name: version(name) for name in ("flask", "werkzeug")}
    versions["python"] = platform.python_version()
    return versions | {"stories": {key: tell(SCENARIOS[key], flask) for key in SCENARIOS}}


if __name__ == "__main__":
    print(json.dumps(tell_all_of_flask()))

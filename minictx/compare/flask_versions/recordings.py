"""Recordings: the stories of every scenario, as real Flasks told them, and MiniFlask's own.

A file of ``golden`` holds what one Flask told: {"stories": {scenario: [step]}, ...}. They are
written by ``python -m minictx.compare.record``. MiniFlask is here to be asked: its stories are
told anew each time.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from difflib import get_close_matches
from functools import cache
from importlib import resources
from typing import Any

from minictx.compare import CompareError
from minictx.compare.flask_versions.kit import Kit
from minictx.compare.flask_versions.scenarios import SCENARIOS, Scenario
from minictx.compare.flask_versions.story import Story, make_story
from minictx.trace import record

__all__ = [
    "PINS",
    "VERSIONS",
    "find_scenario",
    "find_version",
    "story_of",
    "tell",
]


# What to install for each Flask that is recorded, so that it runs on Python 3.11.
PINS = {
    "1.1.4": [
        *("flask==1.1.4", "werkzeug==1.0.1", "jinja2<3.1", "markupsafe<2.1"),
        *("itsdangerous<2.1", "click<8.1"),
    ],
    "2.1.3": ["flask==2.1.3", "werkzeug==2.1.2"],
    "2.3.3": ["flask==2.3.3", "werkzeug==2.3.8"],
    "3.1.1": ["flask==3.1.1", "werkzeug==3.1.9"],
    "3.1.3": ["flask==3.1.3", "werkzeug==3.1.9"],
}
MINIFLASK = "minictx"
VERSIONS = [*PINS, MINIFLASK]


def find_version(name: str) -> str:
    """Return the version that ``name`` means; the last one, where it is the start of more.

    >>> find_version("2.1"), find_version("3.1"), find_version("minictx")
    ('2.1.3', '3.1.3', 'minictx')
    """
    found = [each for each in VERSIONS if f"{each}.".startswith(f"{name}.")]
    if not found:
        raise CompareError(f"there is no version {name!r}; there are {', '.join(VERSIONS)}")
    return found[-1]


def find_scenario(name: str) -> str:
    """Return the key of the scenario that ``name`` means.

    >>> find_scenario("two apps")
    'two-apps'
    """
    key = "-".join(name.lower().replace("_", " ").split())
    if key in SCENARIOS:
        return key
    near = [each for each in SCENARIOS if key and key in each]
    near += [each for each in get_close_matches(key, SCENARIOS, cutoff=0.4) if each not in near]
    hint = f"did you mean {', '.join(near[:4])}?" if near else "without a name, all are listed"
    raise CompareError(f"there is no scenario {name!r}; {hint}")


def story_of(version: str, key: str) -> Story:
    """Return the story of a scenario, told by a version.

    >>> story_of("1.1.4", "ok")[0]
    'push request context /ok'
    """
    if version == MINIFLASK:
        return _told_by_miniflask(key)
    story: Story = load(version)["stories"][key]
    return story


@cache
def _told_by_miniflask(key: str) -> Story:
    import minictx.web

    return tell(SCENARIOS[key], minictx.web)


@cache
def load(version: str) -> dict[str, Any]:
    """Return the recording of a real Flask."""
    golden = resources.files("minictx.compare.flask_versions").joinpath(
        "golden", f"{version}.json"
    )
    recording: dict[str, Any] = json.loads(golden.read_text("utf-8"))
    return recording


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

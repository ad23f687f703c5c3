"""A scene sets up what actors share, yields them, and checks what they made of it.

It is written as a generator function, as a pytest fixture is.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Generator, Iterator, Mapping
from typing import Any, cast

from minictx.stage.actor import ActorFunction
from minictx.stage.errors import SceneError

__all__ = ["Actors", "Scene", "SceneFunction", "check", "set_up", "to_scene"]

Actors = Mapping[str, ActorFunction]
SceneFunction = Callable[[], Iterator[Actors]]  # as a student may annotate it
Scene = Callable[[], Generator[Actors, None, None]]


def to_scene(scene: SceneFunction | None, actors: Actors) -> Scene:
    """Return the scene that `every_order` was given, or one that only has the actors."""
    if (scene is None) == (not actors):
        raise SceneError("give every_order either a scene or actors, as in A=alice, B=bob")
    if scene is None:
        return lambda: (actors for _ in range(1))
    if not inspect.isgeneratorfunction(scene):
        raise SceneError(f"the scene {scene!r} is not a generator function: yield the actors")
    return cast(Scene, scene)


def set_up(scene: Iterator[Any]) -> Actors:
    """Run the part before the ``yield``."""
    actors = next(scene, None)
    if not isinstance(actors, Mapping):
        raise SceneError(f"the scene yields {actors!r}: yield a dict of {{name: actor}}")
    return actors


def check(scene: Iterator[Any]) -> None:
    """Run the part after the ``yield``."""
    if next(scene, scene) is not scene:
        raise SceneError("the scene yields twice: it must end with its checks")

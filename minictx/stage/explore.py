"""every_order: find a race by trying every order.

A scene sets up what the actors share, yields the actors, and checks the result; it is written
as a generator function, as a pytest fixture is. It is played again and again. Each time the
actors take the same steps as before up to the last place where another order is left, and
differ from there on: all orders form a tree, and this walks through it depth first.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, cast

from minictx.stage.actors import ActorFunction
from minictx.stage.errors import BlockedError, DeadlockError, SceneError, TooManyOrdersError
from minictx.stage.orders import Broken, Orders
from minictx.stage.play import Kind, Play

__all__ = ["SceneFunction", "every_order"]

Actors = Mapping[str, ActorFunction]
SceneFunction = Callable[[], Iterator[Actors]]  # as a student may annotate it
Scene = Callable[[], Generator[Actors, None, None]]


def every_order(
    scene: SceneFunction | None = None,
    /,
    *,
    on: Kind = "threads",
    limit: int = 1000,
    seconds: float = 1.0,
    **actors: ActorFunction,
) -> Orders:
    """Try every order in which actors can take their steps, and collect those that break.

    >>> from minictx.stage import every_order
    >>> def sale():
    ...     stock = {"cakes": 2}
    ...     def buyer():
    ...         seen = stock["cakes"]
    ...         yield
    ...         stock["cakes"] = seen - 1
    ...     yield {"A": buyer, "B": buyer}
    ...     assert stock["cakes"] == 0
    >>> result = every_order(sale)
    >>> result.tried, [order for order, error in result.broken]
    (6, ['A B A B', 'A B B A', 'B A A B', 'B A B A'])

    ``scene`` is for every order what a fixture is for every test: it sets up, yields the
    actors, and then checks. Actors that need no setup can be given by name, as to `run`.

    An order breaks when an actor or the check raises AssertionError. Any other error is
    raised. An actor that waits for more than ``seconds``, such as for a lock that another
    holds, could not take that step then: such orders are in ``impossible``. More than
    ``limit`` orders, or steps in an order, are an error: three actors of three steps each
    have 1680 orders.
    """
    explorer = _Explorer(_to_scene(scene, actors), on, seconds, limit)
    orders = explorer.orders
    while explorer.next_path():
        if orders.tried + len(orders.impossible) >= limit:
            raise TooManyOrdersError(
                f"there are more than {limit} orders ({len(orders.broken)} of those are"
                " broken): give the actors fewer steps, or raise limit=..."
            )
        explorer.play()
    return orders


# The tree of all orders


@dataclass
class _Choice:
    """A place in the tree: the actors that could take the next step, and which were tried."""

    names: list[str]
    tried: int = 0
    places: list[str] = field(default_factory=list)  # where those stand that had to wait

    @property
    def name(self) -> str:
        return self.names[self.tried]


class _Explorer:
    """Walk through the tree; ``path`` leads from its root to the current order."""

    def __init__(self, scene: Scene, on: Kind, seconds: float, limit: int) -> None:
        self.scene, self.on, self.seconds, self.limit = scene, on, seconds, limit
        self.orders = Orders(on)
        self.path: list[_Choice] | None = None

    def next_path(self) -> bool:
        """Turn to the next path; return whether there is one."""
        if self.path is None:
            self.path = []
            return True
        while self.path:
            self.path[-1].tried += 1
            if self.path[-1].tried < len(self.path[-1].names):
                return True
            self.path.pop()
        return False

    def play(self) -> None:
        """Play the path; beyond its end, always choose the first actor."""
        with closing(self.scene()) as scene:
            play = Play(_set_up(scene), self.on, self.seconds)
            try:
                self._take_steps(play)
                self._check(scene, play)
            except (AssertionError, BlockedError) as error:
                self._note(play, error)
            else:
                self.orders.tried += 1

    def _take_steps(self, play: Play) -> None:
        with play:
            play.begin()
            depth = 0
            while names := play.unfinished():
                play.step(self._choose(depth, names))
                depth += 1
                if depth > self.limit:
                    raise TooManyOrdersError(
                        f"an order has more than {self.limit} steps, the last one of"
                        f" {play.asked[-1]}: let each actor end, or raise limit=..."
                    )

    def _choose(self, depth: int, names: list[str]) -> str:
        assert self.path is not None
        if depth == len(self.path):
            self.path.append(_Choice(names))
        if self.path[depth].names != names:
            raise _not_the_same()
        return self.path[depth].name

    def _check(self, scene: Generator[Actors, None, None], play: Play) -> None:
        try:
            _check(scene)
        except BaseException as error:
            error.add_note(
                f"raised by the scene, on {self.on}, after the order {play.so_far()}"
            )
            raise

    def _note(self, play: Play, error: AssertionError | BlockedError) -> None:
        assert self.path
        if len(play.asked) < len(self.path):  # it got further the last time
            raise _not_the_same() from error
        if isinstance(error, BlockedError):
            self._note_wait(play, error)
        else:
            self.orders.tried += 1
            self.orders.broken.append(Broken(play.order, error))

    def _note_wait(self, play: Play, error: BlockedError) -> None:
        """Leave out an order in which an actor would wait, unless all of them would."""
        if error is not play.blocked or error.left_behind or not error.others_can_go_on:
            raise error
        assert self.path
        choice = self.path[-1]
        choice.places.append(error.place)
        if len(choice.places) == len(choice.names):
            raise DeadlockError(
                f"no actor can go on, on {self.on}, after the order {play.run.order!r}:"
                f" {'; '.join(choice.places)}"
            ) from None
        self.orders.impossible.append(play.order)


def _not_the_same() -> SceneError:
    return SceneError(
        "the same order led to different steps: something that the actors use was kept from"
        " an earlier run; set it up in the scene"
    )


# Scenes


def _to_scene(scene: SceneFunction | None, actors: Actors) -> Scene:
    """Return the scene that `every_order` was given, or one that only has the actors."""
    if (scene is None) == (not actors):
        raise SceneError("give every_order either a scene or actors, as in A=alice, B=bob")
    if scene is None:
        return lambda: (actors for _ in range(1))
    if not inspect.isgeneratorfunction(scene):
        raise SceneError(f"the scene {scene!r} is not a generator function: yield the actors")
    return cast(Scene, scene)


def _set_up(scene: Iterator[Any]) -> Actors:
    """Run the part before the ``yield``."""
    actors = next(scene, None)
    if not isinstance(actors, Mapping):
        raise SceneError(f"the scene yields {actors!r}: yield a dict of {{name: actor}}")
    return actors


def _check(scene: Iterator[Any]) -> None:
    """Run the part after the ``yield``."""
    if next(scene, scene) is not scene:
        raise SceneError("the scene yields twice: it must end with its checks")

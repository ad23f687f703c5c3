"""The tree of all orders, and a walk through it, depth first.

The actors play from the beginning, again and again. Each time they decide differently, as
late as they can: an order is a path through the tree.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass, field

from minictx.stage.errors import BlockedError, DeadlockError, SceneError, TooManyOrdersError
from minictx.stage.kinds import Kind
from minictx.stage.orders import Broken, Orders
from minictx.stage.play import Play
from minictx.stage.scene import Actors, Scene, check, set_up

__all__ = ["Explorer"]


@dataclass
class _Choice:
    """Note who could take the next step at one place in the tree, and who was tried."""

    names: list[str]
    tried: int = 0
    places: list[str] = field(default_factory=list)  # where those stand that had to wait

    @property
    def name(self) -> str:
        return self.names[self.tried]


class Explorer:
    """Walk through the tree of all orders; ``path`` leads from its root to where it is."""

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
        """Play the path, and from where it ends whatever comes first."""
        with closing(self.scene()) as scene:
            play = Play(set_up(scene), self.on, self.seconds)
            try:
                self._take_steps(play)
                self._check(scene, play)
            except (AssertionError, BlockedError) as error:
                self._note(play, error)
            else:
                self.orders.tried += 1

    def _note(self, play: Play, error: AssertionError | BlockedError) -> None:
        assert self.path
        if len(play.asked) < len(self.path):  # it went well the last time
            raise _not_the_same() from error
        if isinstance(error, BlockedError):
            self._note_wait(play, error)
        else:
            self.orders.tried += 1
            self.orders.broken.append(Broken(play.order, error))

    def _take_steps(self, play: Play) -> None:
        assert self.path is not None
        with play:
            play.begin()
            depth = 0
            while names := play.waiting():
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
            check(scene)
        except BaseException as error:
            error.add_note(
                f"raised by the scene, on {self.on}, after the order {play.so_far()}"
            )
            raise

    def _note_wait(self, play: Play, error: BlockedError) -> None:
        """Leave out an order in which an actor would wait, unless that is for ever."""
        if error is not play.blocked or error.left_behind or not error.others_can_go_on:
            raise error
        assert self.path
        choice = self.path[-1]
        choice.places.append(error.place)
        if len(choice.places) == len(choice.names):
            raise DeadlockError(
                f"nobody can go on, on {self.on}, after the order {play.run.order!r}:"
                f" {'; '.join(choice.places)}"
            ) from None
        self.orders.impossible.append(play.order)


def _not_the_same() -> SceneError:
    return SceneError(
        "the same order did not lead to the same steps: nothing that the actors use may be"
        " left from the time before; set it up in the scene"
    )

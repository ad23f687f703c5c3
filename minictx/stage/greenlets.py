"""on="greenlets": each actor in a greenlet of its own, all on one thread.

A greenlet runs when another switches to it, and until it switches back: taking turns is all
that greenlets can do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from minictx.stage.actor import Actor
from minictx.stage.crew import Call, OneThreadCrew
from minictx.stage.errors import ActorError
from minictx.stage.outcome import Outcome

if TYPE_CHECKING:
    from greenlet import greenlet

__all__ = ["Greenlets"]


class Greenlets(OneThreadCrew):
    """Switch to the greenlet of the actor whose turn it is."""

    def _work(self) -> None:
        greenlets = {actor: self._greenlet_for(actor) for actor in self.actors}
        self.ready.put(None)
        for actor, call in self._calls():
            outcome = greenlets[actor].switch(call)
            if not isinstance(outcome, Outcome):
                outcome = _stop_stray(actor, greenlets[actor])
            actor.outcomes.put(outcome)
        for runner in greenlets.values():
            runner.throw()  # ends it, where it still waits for its turn

    def _greenlet_for(self, actor: Actor) -> greenlet:
        from greenlet import greenlet  # here, so that the others work without it

        def live(call: Call) -> Any:
            outcome = call()
            while not actor.over:
                outcome = _pause(outcome)()
            return outcome

        runner = greenlet(live)
        runner.name = actor.name  # type: ignore[attr-defined]  # for whoever looks at it
        return runner


def _pause(outcome: Any) -> Any:
    """Switch back with an outcome; return the next call."""
    from greenlet import getcurrent

    # Not a variable of `live`, which an error's traceback keeps: if that ends up in a cycle,
    # Python 3.12 crashes as it frees the main greenlet of a thread that has ended with it.
    stage: Any = getcurrent().parent
    return stage.switch(outcome)


def _stop_stray(actor: Actor, runner: greenlet) -> Outcome:
    # The actor switched to its parent greenlet by itself, in the middle of a step.
    outcome = None
    while not isinstance(outcome, Outcome):
        outcome = runner.throw()
    outcome.error = ActorError(
        f"{actor.name} switched to its parent greenlet in a step: `yield` ends a step"
    )
    return outcome

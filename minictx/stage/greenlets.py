"""on="greenlets": each actor in a greenlet of its own, all on one thread.

A greenlet runs from when another switches to it until it switches back: they take turns by
nature, and the stage only decides whose turn it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from minictx.stage.actors import Actor, Outcome
from minictx.stage.errors import ActorError
from minictx.stage.threads import Call, OneThreadRunner

if TYPE_CHECKING:
    from greenlet import greenlet

__all__ = ["Greenlets"]


class Greenlets(OneThreadRunner):
    """Switch to the greenlet of the actor whose turn it is."""

    def _work(self) -> None:
        greenlets = {actor: self._greenlet_for(actor) for actor in self.actors}
        self.ready.put(None)
        for actor, call in self._calls():
            outcome = greenlets[actor].switch(call)
            if not isinstance(outcome, Outcome):
                outcome = _stop_stray(actor, greenlets[actor])
            actor.outcomes.put(outcome)
        for waiting in greenlets.values():
            waiting.throw()  # end it, if it still waits for its turn

    def _greenlet_for(self, actor: Actor) -> greenlet:
        from greenlet import greenlet  # here: threads and tasks work without it

        def live(call: Call) -> Any:
            outcome = call()
            while not actor.over:
                outcome = _pause(outcome)()
            return outcome

        made = greenlet(live)
        made.name = actor.name  # type: ignore[attr-defined]  # for debuggers and traces
        return made


def _pause(outcome: Any) -> Any:
    """Switch back with an outcome; return the next call."""
    from greenlet import getcurrent

    # Not a variable of `live`, which an error's traceback keeps: if that is part of a cycle,
    # freeing it also frees the main greenlet of a thread that has ended: 3.12 crashes then.
    stage: Any = getcurrent().parent
    return stage.switch(outcome)


def _stop_stray(actor: Actor, stray: greenlet) -> Outcome:
    """End an actor that switched to its parent greenlet by itself, in a step."""
    outcome = None
    while not isinstance(outcome, Outcome):
        outcome = stray.throw()
    outcome.error = ActorError(
        f"{actor.name} switched to its parent greenlet in a step: `yield` ends a step"
    )
    return outcome

"""Closing: whatever happened, no actor, and nothing that one ran in, stays behind."""

from __future__ import annotations

from minictx.stage.actor import Actor
from minictx.stage.crew import PATIENCE, Crew, raise_in
from minictx.stage.errors import BlockedError
from minictx.stage.where import where

__all__ = ["close_all"]


def close_all(crew: Crew, seconds: float, error: BaseException | None) -> list[BaseException]:
    """End all actors, one after the other, each where it runs; return what went wrong.

    ``error`` is what ended the run, and is told when something must be left behind.
    """
    problems: list[BaseException] = []
    for actor in _closing_order(crew):
        if actor.busy and not isinstance(error, BlockedError):
            actor.wait(PATIENCE)  # Ctrl-C: its step may end by itself, or be about to begin
        if actor.busy and not _free(crew, actor):
            _note_left_behind(actor, error, problems)
        if not actor.over:
            problems += _close(crew, actor, seconds)
    crew.leave()
    return problems


def _closing_order(crew: Crew) -> list[Actor]:
    # On one thread, an actor that holds it up comes first: the others need that thread. One
    # on its own thread comes last: it may wait for what another releases as it is closed.
    begun = [actor for actor in crew.actors if actor.busy or actor.generator is not None]
    return sorted(begun, key=lambda actor: actor.busy, reverse=crew.one_thread)


def _free(crew: Crew, actor: Actor) -> bool:
    """Get an actor out of a call that does not end; return whether that is possible."""
    for way_out in crew.ways_out(actor):
        way_out()
        outcome = actor.wait(PATIENCE)
        if outcome is not None:
            outcome.take_error()  # of no interest: it was told to end
            raise_in(crew.thread_of(actor), None)  # if it came too late to hit this actor
            return True
    raise_in(crew.thread_of(actor), None)  # should it come back one day, it is not wanted
    return False


def _close(crew: Crew, actor: Actor, seconds: float) -> list[BaseException]:
    held_up = any(other.busy for other in crew.actors if crew.one_thread or other is actor)
    crew.send(actor, actor.close)  # also where nobody comes to do it now: it may be later
    if held_up:
        return []
    outcome = actor.wait(seconds)
    if outcome is None:
        place = where(actor, crew.thread_of(actor))
        error = BlockedError(f"{actor.name} does not end as it is closed: {place}")
        error.left_behind = not _free(crew, actor)
        return [error]
    crew.gone(actor)
    closing_error = outcome.take_error()
    return [] if closing_error is None else [closing_error]


def _note_left_behind(
    actor: Actor, error: BaseException | None, problems: list[BaseException]
) -> None:
    if not isinstance(error, BlockedError):  # such as Ctrl-C, while an actor was blocked
        error = BlockedError(f"{actor.name} does not end its step {actor.steps}")
        problems.append(error)
    error.left_behind = True

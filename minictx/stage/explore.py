"""every_order: find a race by trying all interleavings."""

from __future__ import annotations

from minictx.stage.actor import ActorFunction
from minictx.stage.errors import TooManyOrdersError
from minictx.stage.kinds import Kind
from minictx.stage.orders import Orders
from minictx.stage.scene import SceneFunction, to_scene
from minictx.stage.tree import Explorer

__all__ = ["every_order"]


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
    explorer = Explorer(to_scene(scene, actors), on, seconds, limit)
    orders = explorer.orders
    while explorer.next_path():
        if orders.tried + len(orders.impossible) >= limit:
            raise TooManyOrdersError(
                f"there are more than {limit} orders ({len(orders.broken)} of those are"
                " broken): give the actors fewer steps, or raise limit=..."
            )
        explorer.play()
    return orders

"""The stage: actors take their steps in an order that you write down.

If two threads run at once, you cannot know which one comes first; it changes from run to
run. A mistake that shows in one order only may stay hidden for months. On the stage it does
not: you write the order, and get the same run every time.

    >>> from minictx.stage import run
    >>> account = {"money": 100}
    >>> def alice():
    ...     money = account["money"]          # alice looks how much there is
    ...     yield                             # here her first step ends
    ...     account["money"] = money - 10     # this is her second step
    >>> def bob():
    ...     money = account["money"]
    ...     yield
    ...     account["money"] = money - 20

alice and bob are actors: functions with a ``yield`` wherever another actor may come in
between. Each actor runs in a thread of its own, and waits until it is its turn:

    >>> print(run("A A B B", A=alice, B=bob))
       A       B
    1  yields
    2  ends
    3          yields
    4          ends
    >>> account
    {'money': 70}

That was one after the other. Now bob looks before alice is done, and her update is lost:

    >>> account["money"] = 100
    >>> _ = run("A B A B", A=alice, B=bob)
    >>> account
    {'money': 80}

With ``on="greenlets"`` or ``on="tasks"`` the same actors run in greenlets or asyncio tasks.
And if you do not know which order is the bad one, `every_order` tries them all.

Read `actors.py`, then `threads.py`, `greenlets.py` and `tasks.py`, then `play.py` and
`explore.py`.
"""

from minictx.stage.actors import ActorFunction
from minictx.stage.errors import (
    ActorError,
    BlockedError,
    DeadlockError,
    KindError,
    OrderError,
    SceneError,
    StageError,
    TooManyOrdersError,
    UnclosedError,
    UnfinishedError,
)
from minictx.stage.explore import SceneFunction, every_order
from minictx.stage.orders import Broken, Orders, Run, Step
from minictx.stage.play import Kind, run

__all__ = [
    "ActorError",
    "ActorFunction",
    "BlockedError",
    "Broken",
    "DeadlockError",
    "Kind",
    "KindError",
    "OrderError",
    "Orders",
    "Run",
    "SceneError",
    "SceneFunction",
    "StageError",
    "Step",
    "TooManyOrdersError",
    "UnclosedError",
    "UnfinishedError",
    "every_order",
    "run",
]

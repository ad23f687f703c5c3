import asyncio

import pytest
from local import Local
from proxy import LocalProxy


def finish(function):
    """Return what an async function returns, or say why Python could not run it."""
    try:
        return asyncio.run(function())
    except (TypeError, AttributeError) as error:
        pytest.fail(f"{function.__doc__} raised {type(error).__name__}: {error}")


class Door:
    """Is open inside of an async with statement."""

    def __init__(self):
        self.seen = []

    async def __aenter__(self):
        self.seen.append("open")
        return "inside"

    async def __aexit__(self, kind, error, traceback):
        await asyncio.sleep(0)  # let others run: nothing has to wait
        self.seen.append(kind)
        return kind is KeyError


class Numbers:
    """Its iterator is a separate object."""

    def __aiter__(self):
        return count()


async def count():
    for number in (1, 2):
        yield number


async def answer():
    await asyncio.sleep(0)
    return "done"


def test_a_proxy_can_be_awaited():
    async def main():
        """await p"""
        task = asyncio.ensure_future(answer())
        return await LocalProxy(lambda: task)

    got = finish(main)
    assert got == "done", f"p stands for a task that returns 'done', and `await p` gave {got!r}"


def test_a_proxy_can_be_looped_over():
    async def main():
        """async for number in p"""
        numbers = Numbers()
        return [number async for number in LocalProxy(lambda: numbers)]

    got = finish(main)
    assert got == [1, 2], f"`async for` over a proxy to 1, 2 gave {got!r}"


def test_the_next_one_can_be_asked_for():
    async def main():
        """await anext(p)"""
        numbers = count()
        proxy = LocalProxy(lambda: numbers)
        got = [await anext(proxy), await anext(proxy)]
        await numbers.aclose()
        return got

    got = finish(main)
    assert got == [1, 2], f"`await anext(p)` twice, for 1, 2, gave {got!r}"


def test_async_with_opens_and_closes_the_object():
    door = Door()

    async def main():
        """async with p"""
        async with LocalProxy(lambda: door) as value:
            return value

    value = finish(main)
    assert value == "inside", (
        f"`async with p as value` gave {value!r}: return what the object's __aenter__ returns"
    )
    assert door.seen == ["open", None], (
        f"`async with p` did this to the object: {door.seen}: it was not opened and closed once"
    )


def test_the_object_sees_an_error_and_may_end_it():
    door = Door()

    async def main():
        """async with p"""
        async with LocalProxy(lambda: door):
            raise KeyError("lost")

    try:
        finish(main)
    except KeyError:
        pytest.fail(
            "`async with p`: the object's __aexit__ returned True, which ends a KeyError; the"
            " proxy let it through. Return what __aexit__ returns"
        )
    assert door.seen == ["open", KeyError], "`async with p` did not pass the error to __aexit__"


def test_an_unbound_proxy_says_so():
    async def main():
        """await p"""
        await LocalProxy(Local(), "task", unbound_message="no task here")

    try:
        finish(main)
    except RuntimeError as error:
        told = str(error)
    else:
        told = "nothing"
    assert told == "no task here", f"`await p` of an unbound proxy said {told!r}"

import subprocess
import sys
import threading
import weakref

from minictx import get_ident
from minictx.ident import get_owners
from tests.actors import ThreadActor, greenlet, needs_greenlet


def test_the_ident_stays_the_same_in_one_thread() -> None:
    assert get_ident() == get_ident()
    assert isinstance(get_ident(), int)


def test_threads_that_run_at_the_same_time_have_different_idents() -> None:
    actors = [ThreadActor() for _ in range(10)]
    idents = {actor.do(get_ident) for actor in actors}
    for actor in actors:
        actor.die()
    assert len(idents | {get_ident()}) == 11


@needs_greenlet
def test_greenlets_on_one_thread_have_different_idents() -> None:
    idents: list[int] = []
    one, two = (greenlet.greenlet(lambda: idents.append(get_ident())) for _ in "12")
    one.switch()
    two.switch()
    assert len({*idents, get_ident()}) == 3


@needs_greenlet
def test_the_ident_is_that_of_the_current_greenlet() -> None:
    assert get_ident() == id(greenlet.getcurrent())


def test_an_owner_dies_with_its_thread_even_while_the_main_thread_waits() -> None:
    # Python's main thread frees a dead thread's main greenlet, when it gets round to it.
    # Here it does not: it waits until the thread that looks has seen what it must see.
    alive: list[object] = []
    finished: list[threading.Thread] = []

    def look() -> None:
        for _ in range(20):
            refs: list[weakref.ref[object]] = []
            thread = threading.Thread(target=lambda refs=refs: refs.append(_ref_to_life()))
            thread.start()
            thread.join()
            finished.append(thread)  # a finished Thread object may well be kept
            alive.append(refs[0]())

    looker = threading.Thread(target=look)
    looker.start()
    looker.join()
    assert alive == [None] * 20


def _ref_to_life() -> weakref.ref[object]:
    return weakref.ref(get_owners()[1])


def test_without_greenlet_the_ident_is_that_of_the_thread() -> None:
    code = """
import sys; sys.modules["greenlet"] = None
import threading
from minictx import get_ident
here, there = get_ident(), []
thread = threading.Thread(target=lambda: there.append(get_ident()))
thread.start(); thread.join()
assert here == get_ident() != there[0]
"""
    subprocess.run([sys.executable, "-c", code], check=True)

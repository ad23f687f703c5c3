from threading import get_ident as get_thread_ident
from weakref import ref

import pytest
from greenlet import getcurrent, greenlet
from running_greenlets import get_ident, notes, recall, remember

from minictx.stage import run


@pytest.fixture(autouse=True)
def no_notes():
    notes.clear()


def test_a_greenlet_has_another_number_than_its_thread():
    def g1():
        yield get_ident(), get_thread_ident()

    ident, thread = run("G1 G1", on="greenlets", G1=g1).yielded["G1"][0]
    assert ident is not None, "get_ident() returns None in G1: every greenlet needs a number"
    assert ident != thread, (
        "get_ident() returns the number of the thread in G1: all greenlets of this thread"
        " share it; what tells you which greenlet is running?"
    )


def test_a_greenlet_keeps_its_number():
    def g1():
        yield get_ident()
        yield get_ident()

    def g2():
        yield

    order = "G1 G2 G1 G1 G2"
    first, second = run(order, on="greenlets", G1=g1, G2=g2).yielded["G1"]
    assert first == second, (
        f"G1 has one number at step 1 of {order!r}, and another at step 3: so it cannot find"
        " at step 3 what it stored at step 1"
    )


def test_a_number_is_not_that_of_the_greenlet_it_came_from():
    def g1():
        parent = greenlet(get_ident).switch()
        own = get_ident()
        yield own == parent, own == id(getcurrent().parent)

    same, is_parents = run("G1 G1", on="greenlets", G1=g1).yielded["G1"][0]
    assert not is_parents, (
        "G1 gets the number of its parent, the greenlet that created it: so do all its siblings"
    )
    assert not same, (
        "G1, and a greenlet that G1 starts, get the same number: does get_ident() ask which"
        " greenlet is running, each time it is called?"
    )


def test_two_greenlets_read_back_two_notes():
    def actor(note):
        def act():
            remember(note)
            yield
            return recall()

        return act

    order = "G1 G2 G1 G2"
    read = run(order, on="greenlets", G1=actor("red"), G2=actor("blue")).returned
    assert read["G1"] != "blue", f"G1 read what G2 stored, at step 3 of {order!r}"
    assert read == {"G1": "red", "G2": "blue"}, (
        f"each stored a note, and read it back in {order!r}: G1 read {read['G1']!r}, and G2"
        f" {read['G2']!r}"
    )


def test_two_threads_read_back_two_notes():
    def actor(note):
        def act():
            remember(note)
            yield
            return recall()

        return act

    order = "T1 T2 T1 T2"
    read = run(order, T1=actor("red"), T2=actor("blue")).returned
    assert read["T1"] != "blue", (
        f"T1 read what T2 stored, at step 3 of {order!r}: these are threads that start no"
        " greenlets, and each of them must still have its own number"
    )


def test_a_number_keeps_no_greenlet_alive():
    g1 = greenlet(lambda: remember("red"))
    g1.switch()
    watched = ref(g1)
    del g1
    assert watched() is None, (
        "G1 has ended and is no longer needed, but notes still has the greenlet itself as a"
        " key, which keeps it in memory: return a number that stands for it"
    )

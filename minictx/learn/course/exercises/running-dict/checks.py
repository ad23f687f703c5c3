from threading import get_ident

import pytest
import running_dict
from running_dict import forget, notes, recall, remember

from minictx.stage import run


@pytest.fixture(autouse=True)
def no_notes():
    notes.clear()


def test_a_note_is_kept_under_the_number_of_its_thread():
    def t1():
        remember("red")
        yield get_ident(), list(notes)

    ident, keys = run("T1 T1", T1=t1).yielded["T1"][0]
    assert keys, "T1 called remember(), and nothing was added to notes: store it there"
    assert isinstance(keys[0], int), (
        f"T1 keeps its note under {keys[0]!r}: which number differs from thread to thread?"
    )
    assert keys == [ident], (
        "T1 keeps its note under a number that is not T1's own: which thread runs the line"
        " that calls get_ident()?"
    )


def test_two_threads_read_back_two_notes():
    def thread(note):
        def actor():
            remember(note)
            yield
            return recall()

        return actor

    order = "T1 T2 T1 T2"
    read = run(order, T1=thread("red"), T2=thread("blue")).returned
    assert read["T1"] != "blue", f"T1 read what T2 stored, at step 3 of {order!r}"
    assert read["T1"] == "red", (
        f"T1 stored 'red' at step 1 of {order!r}, and read {read['T1']!r} at step 3:"
        " does recall() look where remember() stores?"
    )
    assert read["T2"] == "blue", (
        f"T2 stored 'blue' at step 2 of {order!r}, and read {read['T2']!r} at step 4"
    )


def test_a_thread_without_a_note_reads_none():
    def t1():
        remember("red")
        yield

    def t2():
        try:
            return recall()
        except KeyError:
            pytest.fail(
                "T2 called recall() before it stored anything, at step 2 of 'T1 T2 T1', and got"
                " a KeyError: what can you ask of a dict that may not have the key?"
            )
        yield

    read = run("T1 T2 T1", T1=t1, T2=t2).returned["T2"]
    assert read is None, (
        f"T2 read {read!r} before it stored anything, at step 2 of 'T1 T2 T1': only T1 did"
    )


def test_a_second_note_takes_the_place_of_the_first():
    remember("red")
    remember("blue")
    assert recall() == "blue", (
        f"one thread called remember('red'), then remember('blue'), and read {recall()!r}"
    )


def test_a_thread_forgets_its_own_note_only():
    def t1():
        remember("red")
        yield
        return recall()

    def t2():
        remember("blue")
        forget()
        yield
        return recall()

    order = "T1 T2 T1 T2"
    read = run(order, T1=t1, T2=t2).returned
    assert read["T2"] is None, (
        f"T2 called forget() at step 2 of {order!r}, and read {read['T2']!r} at step 4"
    )
    assert read["T1"] is not None, (
        f"T2 called forget() at step 2 of {order!r}, and at step 3 T1's note was gone, too"
    )


def test_a_forgotten_note_leaves_nothing_behind():
    remember("red")
    forget()
    assert not notes, (
        f"after forget() the notes still have an entry: {list(notes.values())}; recall() does"
        " not show it, but it is never freed"
    )


def test_a_thread_without_a_note_may_forget():
    try:
        running_dict.forget()
    except KeyError:
        pytest.fail(
            "a thread without a note called forget(), and got a KeyError: it has nothing to"
            " delete, and that is not an error"
        )

import sqlite3
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from beyond_connection import Database

from minictx.stage import run

KINDS = ("threads", "greenlets")


@pytest.fixture
def path():
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        path = Path(folder, "shop.db")
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE orders (item TEXT)")
        connection.close()
        yield path


def stored_in(path):
    """Return what has been committed."""
    connection = sqlite3.connect(path)
    items = [item for (item,) in connection.execute("SELECT item FROM orders ORDER BY item")]
    connection.close()
    return items


def play(order, on="threads", **actors):
    try:
        return run(order, on=on, **actors)
    except sqlite3.ProgrammingError as error:
        said = f"in {order!r} on {on}, sqlite3 said: {str(error).partition('.')[0]!r}"
        if "thread" in str(error):
            pytest.fail(f"{said}. A connection is for one thread: which one opened this?")
        pytest.fail(
            f"{said}. After closing a connection, forget it, and never close another thread's"
        )
    except (AttributeError, sqlite3.OperationalError) as error:
        pytest.fail(f"in {order!r} on {on}, there was {type(error).__name__}: {error}")


def buy(database, item):
    database.connection.execute("INSERT INTO orders VALUES (?)", (item,))


def is_closed(connection):
    """Tell whether a connection is closed: only the thread that opened it can ask."""
    try:
        connection.execute("SELECT 1")
    except sqlite3.ProgrammingError:
        return True
    return False


def buyer(database, item, ends):
    """Order something; in the second step, commit it or roll it back."""

    def actor():
        with database:
            buy(database, item)
            yield database.connection
            getattr(database.connection, ends)()

    return actor


def onlooker(database, ends):
    """Order nothing; only commit or roll back."""

    def actor():
        with database:
            getattr(database.connection, ends)()
            yield

    return actor


def test_in_a_block_there_is_one_connection(path):
    database = Database(path)

    def t1():
        with database as entered:
            buy(database, "tea")
            database.connection.commit()
            yield entered, database.connection is database.connection

    [(entered, same)] = play("T1 T1", T1=t1).yielded["T1"]
    stored = stored_in(path)
    assert stored == ["tea"], (
        f"T1 ordered tea and called commit(), and {stored!r} is stored: both must go to the"
        " same connection"
    )
    assert same, "T1 asked twice for its connection in one block, and got two"
    assert entered is database, (
        f"`with database as db` gives {entered!r} as db: it was the database itself before"
    )


@pytest.mark.parametrize("on", KINDS)
def test_each_has_a_transaction_of_its_own(path, on):
    database = Database(path)
    order = "A B A B"
    actors = {"A": buyer(database, "tea", "commit"), "B": onlooker(database, "rollback")}
    play(order, on, **actors)
    stored = stored_in(path)
    assert stored == ["tea"], (
        f"A and B are two {on}; A ordered tea at step 1 of {order!r}, B called rollback() at"
        f" step 2, A called commit() at step 3; and {stored!r} is stored: whose transaction was"
        " it that B rolled back?"
    )
    actors = {"A": buyer(database, "cake", "rollback"), "B": onlooker(database, "commit")}
    play(order, on, **actors)
    assert stored_in(path) == ["tea"], (
        f"A and B are two {on}; A ordered cake at step 1 of {order!r}, B called commit() at"
        " step 2, A called rollback() at step 3; and there is a cake: B committed it"
    )


@pytest.mark.parametrize("on", KINDS)
def test_at_the_end_of_a_block_its_connection_is_closed(path, on):
    database = Database(path)

    def t1():
        with database:
            mine = database.connection
            yield
        yield is_closed(mine)

    order = "T1 T1 T1"
    closed = play(order, on, T1=t1).yielded["T1"][1]
    assert closed, (
        f"T1 ended its `with` block at step 2 of {order!r}, and its connection is still open:"
        " a database allows only so many"
    )


def test_a_thread_can_begin_again(path):
    database = Database(path)

    def t1():
        for item in ("cake", "tea"):
            with database:
                buy(database, item)
                database.connection.commit()
            yield

    play("T1 T1 T1", T1=t1)
    stored = stored_in(path)
    assert stored == ["cake", "tea"], (
        f"T1 ordered cake in one block, tea in a second one, and {stored!r} is stored"
    )


@pytest.mark.parametrize("on", KINDS)
def test_the_others_keep_theirs(path, on):
    database = Database(path)
    order = "A B B A"
    actors = {"A": buyer(database, "tea", "commit"), "B": onlooker(database, "rollback")}
    play(order, on, **actors)
    stored = stored_in(path)
    assert stored == ["tea"], (
        f"A and B are two {on}; A ordered tea at step 1 of {order!r}, B's block ended at step"
        f" 3, A called commit() at step 4, and {stored!r} is stored: A's block has not ended,"
        " and needs its connection"
    )


def test_an_error_closes_it_too(path):
    database = Database(path)

    def t1():
        heard = None
        try:
            with database:
                mine = database.connection
                buy(database, "tea")
                raise ValueError("no more tea")
        except ValueError as error:
            heard = error
        yield heard, is_closed(mine)
        with database:
            database.connection.commit()

    [(heard, closed)] = play("T1 T1", T1=t1).yielded["T1"]
    assert heard, "a block raised a ValueError, and it was lost: __exit__ may not hide it"
    assert closed, "a block raised an error, and its connection is still open"
    stored = stored_in(path)
    assert stored == [], (
        "a block ordered tea and raised an error before its commit(); the next block on the"
        f" same thread called commit(), and {stored!r} is stored"
    )


def test_what_was_not_committed_is_not_stored(path):
    database = Database(path)

    def t1():
        with database:
            buy(database, "tea")
        yield

    play("T1 T1", T1=t1)
    stored = stored_in(path)
    assert stored == [], (
        "a block ordered tea, and ended without an error and without commit(); and"
        f" {stored!r} is stored: __exit__ may not commit, only the block knows what is done"
    )


def test_who_needs_no_connection_opens_none(path):
    try:
        with Database(path.parent / "no such folder" / "shop.db"):
            pass
    except sqlite3.OperationalError:
        pytest.fail(
            "a thread entered the block and left it, and did not use the database, and yet it"
            " was opened: wait until the connection is asked for"
        )
    except AttributeError as error:
        pytest.fail(
            "a thread entered the block and left it, and did not use the database; then there"
            f" was an AttributeError: {error}"
        )


def test_two_databases_are_two(path):
    first, second = Database(path), Database(path)
    with first, second:
        different = first.connection is not second.connection
    assert different, "there are two Databases, and one thread has the same connection to both"

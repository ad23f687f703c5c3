import sqlite3
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Lock, Thread

import pytest
from beyond_pool import Pool

from minictx.stage import BlockedError, UnfinishedError, run


class OutOfTime(BaseException):
    """What a server may raise in a view that takes too long. It is not an Exception."""


@pytest.fixture
def path():
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        path = Path(folder, "shop.db")
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE orders (item TEXT)")
        connection.close()
        yield path


@pytest.fixture
def pool_of(path):
    """A function that makes a pool, which is closed at the end."""
    pools = []

    def pool_of(size):
        pools.append(Pool(path, size))
        return pools[-1]

    yield pool_of
    for pool in pools:
        pool.close()


def stored_in(path):
    """Return what has been committed."""
    connection = sqlite3.connect(path)
    items = [item for (item,) in connection.execute("SELECT item FROM orders ORDER BY item")]
    connection.close()
    return items


def borrower(pool, error=None, work=lambda connection: None):
    """Borrow a connection, and give it back in the second step, or with an error."""

    def actor():
        with pool.connection() as connection:
            connection.execute("SELECT 1")
            work(connection)
            if error:
                raise error
            yield connection

    return actor


def play(order, seconds=2.0, **actors):
    """Run actors, and return the connection that each was lent: {actor: connection}."""
    try:
        yielded = run(order, seconds=seconds, **actors).yielded
    except sqlite3.ProgrammingError as error:
        if "thread" not in str(error):
            pytest.fail(f"in {order!r}, a connection was lent that was closed: {error}")
        pytest.fail(
            f"in {order!r}, sqlite3 said: {str(error).partition('.')[0]!r}. Here one thread at"
            " a time has it, so this check can be turned off"
        )
    except sqlite3.OperationalError as error:
        pytest.fail(f"in {order!r}, sqlite3 said: {error}")
    except TypeError as error:
        pytest.fail(f"`with pool.connection() as c` raised TypeError: {error}")
    return {name: connections[0] for name, connections in yielded.items() if connections}


def different(connections):
    """Return how many connections there are, if the same one is counted once."""
    return len({id(connection) for connection in connections})


@pytest.mark.parametrize("size", [1, 3])
def test_as_many_are_lent_as_there_are(pool_of, size):
    pool = pool_of(size)
    names = "ABC"[:size]
    order = " ".join(names * 2)
    try:
        lent = play(order, **{name: borrower(pool) for name in names}).values()
    except BlockedError as error:
        pytest.fail(f"a pool of {size}, and in {order!r} a thread waits: {error.message}")
    except AttributeError as error:
        pytest.fail(f"a pool of {size}, and in {order!r}, there was an AttributeError: {error}")
    assert different(lent) == size, (
        f"a pool of {size}, and {', '.join(names)} had one at the same time, in {order!r}: some"
        " had the same, and share its transaction"
    )


def test_the_same_are_lent_again(pool_of):
    pool = pool_of(2)
    lent = []
    for _ in range(3):
        lent += play("A B A B", A=borrower(pool), B=borrower(pool)).values()
    assert different(lent) <= 2, (
        f"a pool of 2 was used 6 times, and {different(lent)} connections were opened for it:"
        " connecting is slow, so lend the old ones again"
    )


@pytest.mark.parametrize("error", [ValueError("no more tea"), OutOfTime()])
def test_a_block_that_raises_gives_it_back(pool_of, error):
    pool = pool_of(1)
    what = (
        "an error" if isinstance(error, Exception) else "a BaseException that is no Exception"
    )
    try:
        play("A", A=borrower(pool, error))
    except (ValueError, OutOfTime) as raised:
        heard = raised
    except RuntimeError as raised:
        pytest.fail(f"a block raised {what}, and what came out was {raised!r}")
    else:
        heard = None
    assert heard is error, f"a block raised {what}, and it was lost: raise it again"
    try:
        play("B B", 0.5, B=borrower(pool))
    except BlockedError:
        pytest.fail(
            f"a pool of 1: A's block raised {what}; then B asked, and waited in vain: the"
            " connection never came back"
        )


@pytest.mark.parametrize("size", [2])
def test_who_comes_while_all_are_lent_must_wait(pool_of, size):
    pool = pool_of(size)
    *first, last = "ABC"[: size + 1]
    order = " ".join([*first, last])
    try:
        play(order, 0.3, **{name: borrower(pool) for name in (*first, last)})
    except BlockedError:
        return  # the last one stands there and waits, as it should
    except UnfinishedError:
        pytest.fail(
            f"a pool of {size}: in {order!r}, {' and '.join(first)} had borrowed, and none was"
            f" left; {last} asked, and did not have to wait"
        )
    except Exception as error:
        pytest.fail(
            f"a pool of {size}: in {order!r}, {' and '.join(first)} had borrowed; {last} asked,"
            f" and got the error {type(error).__name__}: let it wait until one comes back"
        )


def test_who_waits_gets_the_one_that_comes_back(pool_of):
    pool = pool_of(1)
    lent = []

    def second():
        with pool.connection() as connection:
            lent.append(connection)

    thread = Thread(target=second, daemon=True)
    with pool.connection() as connection:
        thread.start()
        thread.join(0.1)  # long enough, as a rule, for the thread to wait
    thread.join(2)
    assert lent, "a pool of 1: T1 had it, T2 waited, T1 gave it back, and T2 still waits"
    assert lent[0] is connection, (
        "a pool of 1: T1 gave it back, and T2 was lent a different one"
    )


def order_tea(connection):
    connection.execute("INSERT INTO orders VALUES ('tea')")


@pytest.mark.parametrize("error", [None, ValueError("no more tea")])
def test_what_was_not_committed_is_rolled_back(pool_of, path, error):
    pool = pool_of(1)
    with suppress(ValueError):
        play("A A", A=borrower(pool, error, work=order_tea))
    stored = stored_in(path)
    assert not stored, (
        f"A ordered tea and did not call commit(), and {stored!r} is stored: a pool does not"
        " know whether all that belongs together was done"
    )
    play("B B", B=borrower(pool, work=lambda connection: connection.commit()))
    stored = stored_in(path)
    how = "A's block raised an error" if error else "A did not call commit()"
    assert not stored, (
        f"A ordered tea; {how}, and the connection was given back; B borrowed it and called"
        f" commit(), and now {stored!r} is stored: what was A's should have been undone"
    )


@pytest.mark.parametrize("error", [None, ValueError("no more tea")])
def test_what_is_given_back_holds_nothing(pool_of, path, error):
    with suppress(ValueError):
        play("A A", A=borrower(pool_of(1), error, work=order_tea))
    other = sqlite3.connect(path, timeout=0)
    try:
        order_tea(other)
    except sqlite3.OperationalError:  # database is locked
        pytest.fail(
            "A gave its connection back without commit(), and it still holds the database: roll"
            " back before you give it back, not when it is borrowed"
        )
    finally:
        other.close()


def test_it_is_rolled_back_before_it_comes_back(pool_of):
    pool = pool_of(1)
    lent, too_early, given_back = [], [], Event()

    def next_one():
        with pool.connection() as connection:
            lent.append(connection)
            given_back.wait(2)  # two threads in one connection could block each other

    thread = Thread(target=next_one, daemon=True)

    def trace(statement):  # sqlite3 calls it with each statement, just before it is done
        if statement.upper().startswith("ROLLBACK") and thread.ident is None:
            thread.start()
            thread.join(0.1)
            too_early.extend(lent)

    with pool.connection() as connection:
        order_tea(connection)
        connection.set_trace_callback(trace)
    connection.set_trace_callback(None)
    given_back.set()
    if thread.ident is not None:
        thread.join(2)
    assert not too_early, (
        "A's connection was rolled back when B had it already: B's work might have been undone."
        " Which comes first, giving it back or rolling back?"
    )


def test_what_was_committed_stays(pool_of, path):
    def order_and_commit(connection):
        order_tea(connection)
        connection.commit()

    play("A A", A=borrower(pool_of(1), work=order_and_commit))
    assert stored_in(path) == ["tea"], "A ordered tea and called commit(), and it is not stored"


def test_many_threads_at_once(pool_of):
    pool = pool_of(3)
    lock, in_use, mistakes = Lock(), [], []

    def work():
        for _ in range(25):
            with pool.connection() as connection:
                with lock:
                    if connection in in_use or len(in_use) == 3:
                        mistakes.append(len(in_use))
                    in_use.append(connection)
                connection.execute("SELECT 1")
                with lock:
                    in_use.remove(connection)

    threads = [Thread(target=work, daemon=True) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    assert not mistakes, (
        "8 threads used a pool of 3 at once, and a connection was lent to two of them, or more"
        " than 3 were lent: between `is one left?` and taking it, another may come"
    )
    assert not any(thread.is_alive() for thread in threads), (
        "8 threads used a pool of 3 at once, and some of them never get one"
    )


def test_close_closes_them_all(path):
    pool = Pool(path, 2)
    lent = play("A B A B", A=borrower(pool), B=borrower(pool)).values()
    pool.close()
    open_ones = 0
    for connection in lent:
        try:
            connection.execute("SELECT 1")
        except sqlite3.ProgrammingError:
            continue
        open_ones += 1
    assert not open_ones, (
        f"a pool of 2, and all were back; after pool.close(), {open_ones} can still be used"
    )

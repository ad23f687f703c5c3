from __future__ import annotations

from collections import OrderedDict, defaultdict, deque
from typing import Any

import pytest

from minictx import Local, LocalProxy
from minictx.trace import values
from minictx.trace.values import LENGTH, describe


class Raises:
    def __init__(self, error: BaseException) -> None:
        self.error = error

    def __repr__(self) -> str:
        raise self.error


class Returns:
    def __init__(self, what: Any) -> None:
        self.what = what

    def __repr__(self) -> str:
        return self.what  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    "value",
    [None, True, 1, 1.5, "a", b"a", (), (1,), [1, "a"], {"a": 1}, {1}, set(), frozenset({1})],
)
def test_a_small_value_is_shown_as_its_repr(value: object) -> None:
    assert describe(value) == repr(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (list(range(10)), "[0, 1, 2, 3, 4, 5, ...]"),
        ([[[[1]]]], "[[[[...]]]]"),
        (dict.fromkeys(range(9), 0), "{0: 0, 1: 0, 2: 0, 3: 0, 4: 0, 5: 0, ...}"),
        (10**1000, "<int of 3322 bits>"),
        (object(), "<object object>"),
        (len, "<built-in function len>"),
    ],
)
def test_a_large_value_is_cut(value: object, text: str) -> None:
    assert describe(value) == text


@pytest.mark.parametrize("value", ["x" * 10**6, b"x" * 10**6, Returns("x" * 10**6)])
def test_a_long_text_is_cut(value: object) -> None:
    text = describe(value)
    assert len(text) == LENGTH
    assert text.endswith("...")


def test_a_value_that_holds_itself_has_an_end() -> None:
    value: list[Any] = []
    value.append(value)
    assert describe(value) == "[[[[...]]]]"
    table: dict[str, Any] = defaultdict(dict)
    table["self"] = table
    assert len(describe(table)) <= LENGTH


@pytest.mark.parametrize(
    "error", [ValueError(), RecursionError(), SystemExit(), GeneratorExit(), BaseException()]
)
def test_a_repr_that_raises_is_named(error: BaseException) -> None:
    assert describe(Raises(error)) == f"<Raises: repr raised {type(error).__name__}>"
    assert describe({"a": Raises(error)}).startswith("{'a': <Raises: repr raised")


def test_a_repr_that_is_interrupted_by_the_user_is_interrupted() -> None:
    with pytest.raises(KeyboardInterrupt):
        describe(Raises(KeyboardInterrupt()))


def test_a_repr_that_never_ends_is_named() -> None:
    class Endless:
        def __repr__(self) -> str:
            return repr(self)

    assert describe(Endless()) == "<Endless: repr raised RecursionError>"


def test_a_repr_that_is_no_text_is_named() -> None:
    assert describe(Returns(None)) == "<Returns: repr raised TypeError>"


def test_a_repr_of_a_subclass_of_str_becomes_a_plain_text() -> None:
    class Odd(str):
        __slots__ = ()

        def __len__(self) -> int:
            raise ValueError

    assert type(describe(Returns(Odd("odd")))) is str


def test_what_a_terminal_would_obey_is_escaped() -> None:
    assert describe(Returns("a\x1b[31m\nb\ud800")) == r"a\x1b[31m\nb\ud800"


def test_an_address_is_left_out() -> None:
    assert " at 0x" not in describe([lambda: None])
    assert describe(Returns("<X at 0x7f00ab>")) == "<X>"


def test_a_slow_repr_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([0.0, 60.0])
    monkeypatch.setattr(values, "perf_counter", lambda: next(times))

    class Slow:
        def __repr__(self) -> str:
            return "<slow>"

    assert [describe(Slow()), describe(Slow())] == ["<slow>", "<Slow: repr is slow>"]


def test_a_container_that_changes_while_it_is_shown_does_no_harm() -> None:
    class Key:
        def __init__(self, table: dict[Any, int]) -> None:
            self.table = table

        def __repr__(self) -> str:
            self.table["new"] = 1
            return "<key>"

    table: dict[Any, int] = {}
    table[Key(table)] = 1
    table[2] = 2
    assert describe(table) == "{<key>: 1, 2: 2}"  # what it held when it was looked at


def test_containers_of_other_types_have_their_own_repr() -> None:
    assert describe(OrderedDict(a=1)) == repr(OrderedDict(a=1))


def test_the_repr_of_a_huge_container_is_not_made() -> None:
    class Rows(list[Any]):
        def __repr__(self) -> str:
            raise AssertionError("it was made")

    assert describe(Rows(range(2000))) == "<Rows of 2000 items>"
    assert describe(deque(range(2000))) == "<deque of 2000 items>"


def test_a_proxy_is_not_resolved_and_not_even_asked_for_its_class() -> None:
    def resolve() -> object:
        raise AssertionError("it was resolved")

    proxy = LocalProxy[object](resolve)
    assert describe(proxy) == "<LocalProxy>"
    assert describe([proxy], lambda _: "user") == "[<LocalProxy user>]"

    class Special(LocalProxy[Any]):
        __slots__ = ()

    assert describe(Special(resolve)) == "<Special>"


def test_a_local_is_not_asked_for_an_attribute() -> None:
    class Picky(Local):
        def __getattr__(self, name: str) -> Any:
            raise AssertionError(name)

    assert describe(Picky()).startswith("<Picky")

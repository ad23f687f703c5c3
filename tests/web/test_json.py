"""JSON in responses, and the tagged JSON of the session cookie."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markupsafe import Markup

from minictx.web import MiniFlask
from minictx.web.json import TaggedJSONSerializer, dumps
from tests.web.harness import new_app


@dataclass
class Price:
    amount: Decimal
    currency: str


class Widget:
    """Something that is no markup, but says how it looks as markup."""

    def __html__(self) -> str:
        return "<input>"


NOON_IN_TOKYO = datetime(2026, 1, 31, 12, tzinfo=timezone(timedelta(hours=9)))


# The app's provider


def test_the_app_says_how_its_json_is_written(web: Any) -> None:
    app = new_app(web)
    value = {"b": "\N{SNOWMAN}", "a": 1}
    with app.test_request_context():
        assert web.json.dumps(value) == '{"a": 1, "b": "\\u2603"}'
        app.json.sort_keys, app.json.ensure_ascii = False, False
        assert web.json.dumps(value) == '{"b": "\N{SNOWMAN}", "a": 1}'
        assert web.render_template_string("{{ '\N{SNOWMAN}' | tojson }}") == '"\N{SNOWMAN}"'
        assert web.jsonify(value).get_data(as_text=True) == '{"b":"\N{SNOWMAN}","a":1}\n'
        app.json.compact, app.json.mimetype = False, "application/vnd.api+json"
        response = web.make_response({"a": 1})
        assert (response.get_data(as_text=True), response.mimetype) == (
            '{\n  "a": 1\n}\n',
            "application/vnd.api+json",
        )


def test_a_response_is_indented_in_debug_mode_unless_it_is_compact(web: Any) -> None:
    app = new_app(web)
    app.debug = True
    with app.app_context():
        assert web.jsonify([1]).get_data(as_text=True) == "[\n  1\n]\n"
        app.json.compact = True
        assert web.jsonify([1]).get_data(as_text=True) == "[1]\n"


def test_a_provider_of_the_apps_own_writes_and_reads_all_json(web: Any) -> None:
    app = new_app(web)

    class Provider(type(app.json)):  # type: ignore[misc]
        @staticmethod
        def default(o: Any) -> Any:
            return sorted(o) if isinstance(o, set) else type(app.json).default(o)

        def loads(self, s: Any, **kwargs: Any) -> Any:
            return super().loads(s, parse_float=Decimal, **kwargs)

    app.json = Provider(app)

    @app.post("/")
    def index() -> Any:
        web.session["tags"] = {"b", "a"}
        return {"tags": {"b", "a"}, "is": str(type(web.request.get_json()["price"]).__name__)}

    client = app.test_client()
    response = client.post("/", json={"price": 1.5})
    assert response.json == {"tags": ["a", "b"], "is": "Decimal"}
    with client.session_transaction() as session:
        assert session["tags"] == ["a", "b"]


def test_a_provider_class_is_made_for_each_app(web: Any) -> None:
    class Unsorted(type(new_app(web).json)):  # type: ignore[misc]
        sort_keys = False

    class App(type(new_app(web))):  # type: ignore[misc]
        json_provider_class = Unsorted

    first, second = App("first"), App("second")
    assert first.json is first.json
    first.json.sort_keys = True
    value = {"b": 2, "a": 1}
    assert first.json.dumps(value) == '{"a": 1, "b": 2}'
    assert second.json.dumps(value) == '{"b": 2, "a": 1}'


@pytest.mark.parametrize("is_in_context", [False, True])
def test_json_goes_to_files_and_comes_from_them(
    web: Any, is_in_context: bool, tmp_path: Path
) -> None:
    app, path = new_app(web), tmp_path / "value.json"
    with app.app_context() if is_in_context else nullcontext():
        with path.open("w") as file:
            web.json.dump({"price": Decimal("1.50")}, file)
        for mode in ("r", "rb"):
            with path.open(mode) as file:
                assert web.json.load(file) == {"price": "1.50"}
        assert web.json.loads("[1]") == web.json.loads(b"[1]") == [1]
        with path.open("w") as file:
            app.json.dump([1], file)
        with path.open() as file:
            assert app.json.load(file) == [1]


# Responses


@pytest.mark.parametrize(
    ("args", "kwargs", "text"),
    [
        ([], {}, "null"),
        ([None], {}, "null"),
        ([1], {}, "1"),
        (["text"], {}, '"text"'),
        ([[1, 2]], {}, "[1,2]"),
        ([{"b": 1, "a": 2}], {}, '{"a":2,"b":1}'),
        ([1, 2], {}, "[1,2]"),
        ([[]], {}, "[]"),
        ([], {"user": "alice", "id": 1}, '{"id":1,"user":"alice"}'),
    ],
)
def test_jsonify_takes_a_value_a_list_or_a_dict(
    web: Any, args: list[Any], kwargs: dict[str, Any], text: str
) -> None:
    with new_app(web).app_context():
        response = web.jsonify(*args, **kwargs)
    assert response.get_data(as_text=True) == f"{text}\n"
    assert response.mimetype == "application/json"


def test_jsonify_does_not_take_values_and_names(web: Any) -> None:
    with new_app(web).app_context(), pytest.raises(TypeError, match="not both"):
        web.jsonify(1, user="alice")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (date(2026, 1, 31), '"Sat, 31 Jan 2026 00:00:00 GMT"'),
        (datetime(2026, 1, 31, 12, 30), '"Sat, 31 Jan 2026 12:30:00 GMT"'),
        (NOON_IN_TOKYO, '"Sat, 31 Jan 2026 03:00:00 GMT"'),
        (UUID(int=1), '"00000000-0000-0000-0000-000000000001"'),
        (Decimal("1.50"), '"1.50"'),
        (Price(Decimal("1.50"), "EUR"), '{"amount":"1.50","currency":"EUR"}'),
        (Markup("<b>bold</b>"), '"<b>bold</b>"'),
        (Widget(), '"<input>"'),
        ("ü", '"\\u00fc"'),
        ((1, 2), "[1,2]"),
        ({1: "a"}, '{"1":"a"}'),
    ],
)
def test_jsonify_writes_what_json_has_no_type_for(web: Any, value: Any, text: str) -> None:
    with new_app(web).app_context():
        assert web.jsonify([value]).get_data(as_text=True) == f"[{text}]\n"


def test_jsonify_makes_it_readable_in_debug_mode(web: Any) -> None:
    app = new_app(web)
    app.debug = True
    with app.app_context():
        text = web.jsonify(user={"name": "alice"}).get_data(as_text=True)
    assert text == '{\n  "user": {\n    "name": "alice"\n  }\n}\n'


@pytest.mark.parametrize("value", [object(), {1, 2}, b"bytes", 1j])
def test_what_cannot_be_written_is_named(web: Any, value: Any) -> None:
    with (
        new_app(web).app_context(),
        pytest.raises(TypeError, match=type(value).__name__),
    ):
        web.jsonify(value)


def test_dumps_takes_the_options_of_json_dumps() -> None:
    assert dumps({"b": 1, "a": 2}, sort_keys=False) == '{"b": 1, "a": 2}'
    assert dumps(["ü"], ensure_ascii=False, indent=1) == '[\n "ü"\n]'
    assert dumps([{1}], default=sorted) == "[[1]]"


def test_a_dataclass_itself_is_no_value() -> None:
    with pytest.raises(TypeError, match=r"a type cannot be written as JSON: .*Price"):
        dumps(Price)


def test_jsonify_uses_the_response_class_of_the_app(app: MiniFlask) -> None:
    class Loud(app.response_class):  # type: ignore[name-defined,misc]
        pass

    app.response_class = Loud

    @app.route("/")
    def index() -> dict[str, str]:
        return {"user": "alice"}

    with app.app_context():
        assert isinstance(app.make_response({"user": "alice"}), Loud)
    assert app.test_client().get("/").json == {"user": "alice"}


# Tags

TEXTS = st.one_of(st.text(), st.sampled_from([" t", " b", " m", " u", " d", " di", " t__"]))
VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False),
        TEXTS,
        st.binary(),
        st.uuids(),
        st.builds(Markup, st.text()),
        st.datetimes(
            min_value=datetime(1971, 1, 1), timezones=st.just(UTC), allow_imaginary=False
        ).map(lambda moment: moment.replace(microsecond=0, fold=0)),
    ),
    lambda inner: st.one_of(
        st.lists(inner),
        st.lists(inner).map(tuple),
        st.dictionaries(TEXTS, inner, max_size=3),
        st.dictionaries(TEXTS, inner, min_size=1, max_size=1),
    ),
    max_leaves=10,
)


def typed(value: Any) -> Any:
    """Put its type beside each value: to Python, Markup("a") == "a" and True == 1."""
    if isinstance(value, dict):
        return {key: typed(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value), [typed(item) for item in value]
    return type(value), value


@pytest.fixture
def flasks() -> Iterator[Any]:
    """Flask's serializer, as it works in a request."""
    tag = pytest.importorskip("flask.json.tag")
    with new_app(pytest.importorskip("flask")).app_context():
        yield tag.TaggedJSONSerializer()


@given(value=VALUES)
# The serializers keep nothing, so one of each does for all the values.
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_tagged_json_is_what_flask_makes_and_comes_back(flasks: Any, value: Any) -> None:
    ours = TaggedJSONSerializer()
    text = ours.dumps(value)
    assert len(text) == len(flasks.dumps(value))  # as compact; Flask sorts the keys
    assert typed(json.loads(text)) == typed(json.loads(flasks.dumps(value)))
    assert typed(ours.loads(text)) == typed(value)
    assert typed(flasks.loads(text)) == typed(value)
    assert typed(ours.loads(text.encode())) == typed(value)


@pytest.mark.parametrize(
    "value", [date(2026, 1, 31), Decimal("1.50"), Price(Decimal(1), "EUR"), Widget(), {1: 2}]
)
def test_what_has_no_tag_is_written_as_flask_writes_it(flasks: Any, value: Any) -> None:
    text = TaggedJSONSerializer().dumps({"value": value})
    assert text == flasks.dumps({"value": value})
    assert typed(TaggedJSONSerializer().loads(text)) == typed(flasks.loads(text))


@pytest.mark.parametrize("value", [object(), {1, 2}])
def test_what_cannot_be_kept_in_a_session_is_named(value: Any) -> None:
    with pytest.raises(TypeError, match=type(value).__name__):
        TaggedJSONSerializer().dumps({"value": value})

"""Flask-WTF: a form reads the request, and keeps its CSRF token in the session."""

# mypy: disable-error-code="import-not-found,import-untyped"
# mypy: allow-subclassing-any

from __future__ import annotations

import re
from functools import partial
from typing import Any

import pytest
from flask import Flask, render_template_string
from flask_wtf import CSRFProtect, FlaskForm
from wtforms import IntegerField, StringField
from wtforms.validators import DataRequired, NumberRange

from tests.peers.extensions.conftest import Meeting

PAGE = "{% for field in form %}{{ field.label }}: {{ field }}\n{% endfor %}"


class Order(FlaskForm):
    cake = StringField("Cake", validators=[DataRequired()])
    slices = IntegerField("Slices", validators=[NumberRange(1, 12)])


@pytest.fixture
def bakery(app: Flask) -> Flask:
    """An app that shows a form, and says what is wrong with what comes back."""

    @app.route("/", methods=["GET", "POST"])
    def order() -> str | dict[str, Any]:
        form = Order()
        if form.validate_on_submit():
            return f"{form.slices.data} of {form.cake.data}"
        if form.is_submitted():
            return dict(form.errors)
        return render_template_string(PAGE, form=form)

    return app


def token_of(client: Any) -> str:
    """Look at the form, and return the token in it."""
    page = client.get("/").get_data(as_text=True)
    match = re.search(r'name="csrf_token" type="hidden" value="(.+?)"', page)
    assert match
    return match[1]


def test_a_template_iterates_over_the_fields(bakery: Flask) -> None:
    page = bakery.test_client().get("/").get_data(as_text=True)
    names = re.findall(r'<input[^>]* name="(\w+)"', page)
    assert sorted(names) == ["cake", "csrf_token", "slices"]
    assert '<label for="cake">Cake</label>' in page


def test_a_form_is_validated_against_the_request(bakery: Flask) -> None:
    client = bakery.test_client()
    data = {"csrf_token": token_of(client), "cake": "", "slices": "13"}
    errors = client.post("/", data=data).get_json()
    assert errors == {
        "cake": ["This field is required."],
        "slices": ["Number must be between 1 and 12."],
    }
    data.update(cake="carrot", slices="2")
    assert client.post("/", data=data).data == b"2 of carrot"


def test_the_token_is_in_the_session_and_has_to_come_back(bakery: Flask) -> None:
    client = bakery.test_client()
    token_of(client)
    with client.session_transaction() as session:
        assert session["csrf_token"] not in ("", None)
    errors = client.post("/", data={"cake": "carrot", "slices": "2"}).get_json()
    assert errors == {"csrf_token": ["The CSRF token is missing."]}


def test_the_token_of_another_session_is_refused(bakery: Flask) -> None:
    alice, bob = bakery.test_client(), bakery.test_client()
    token_of(bob)
    data = {"csrf_token": token_of(alice), "cake": "carrot", "slices": "2"}
    assert bob.post("/", data=data).get_json() == {
        "csrf_token": ["The CSRF tokens do not match."]
    }
    assert alice.post("/", data=data).data == b"2 of carrot"


def test_two_forms_in_flight_read_a_request_and_a_session_each(
    bakery: Flask, meeting: Meeting
) -> None:
    @bakery.route("/meet", methods=["POST"])
    def meet() -> str:
        with meeting:
            form = Order()
            return f"{form.cake.data} {form.validate_on_submit()}"

    def order(client: Any, cake: str) -> Any:
        data = {"csrf_token": tokens[client], "cake": cake, "slices": "1"}
        return client.post("/meet", data=data)

    alice, bob = bakery.test_client(), bakery.test_client()
    tokens = {alice: token_of(alice), bob: token_of(bob)}
    for_alice, for_bob = meeting.of(partial(order, alice, "apple"), partial(order, bob, "plum"))
    assert (for_alice.data, for_bob.data) == (b"apple True", b"plum True")


def test_csrf_protect_refuses_before_the_view(app: Flask) -> None:
    CSRFProtect(app)

    @app.route("/", methods=["GET", "POST"])
    def view() -> str:
        return render_template_string(
            '<input name="csrf_token" type="hidden" value="{{ csrf_token() }}">'
        )

    client = app.test_client()
    refused = client.post("/")
    assert (refused.status_code, b"The CSRF token is missing" in refused.data) == (400, True)
    assert client.post("/", headers={"X-CSRFToken": token_of(client)}).status_code == 200

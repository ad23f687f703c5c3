"""Templates: where they are found, and what they know."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from jinja2 import TemplateNotFound, UndefinedError

from minictx.web import MiniFlask, render_template_string
from tests.web.harness import new_app


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A template folder in which one template extends another."""
    (tmp_path / "base.html").write_text(
        "<title>{% block title %}{% endblock %}</title>{{ request.path }}", "utf-8"
    )
    (tmp_path / "page.html").write_text(
        '{% extends "base.html" %}{% block title %}{{ title }}{% endblock %}', "utf-8"
    )
    for suffix in ("html", "htm", "xml", "xhtml", "svg", "txt"):
        (tmp_path / f"value.{suffix}").write_text("{{ value }}", "utf-8")
    return tmp_path


def test_a_template_is_rendered_from_a_file(web: Any, folder: Path) -> None:
    app = new_app(web, template_folder=str(folder))
    with app.test_request_context("/here"):
        text = web.render_template("page.html", title="a & b")
        assert text == "<title>a &amp; b</title>/here"
        assert web.render_template(["missing.html", "page.html"], title="c").count("c") == 1
        with pytest.raises(TemplateNotFound, match=r"missing\.html"):
            web.render_template("missing.html")


def test_the_template_folder_is_beside_the_module_of_the_app(web: Any, folder: Path) -> None:
    app = new_app(web, template_folder=folder.name)
    app.root_path = str(folder.parent)
    with app.test_request_context("/here"):
        assert web.render_template("value.txt", value=1) == "1"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("value.html", "&lt;b&gt;"),
        ("value.htm", "&lt;b&gt;"),
        ("value.xml", "&lt;b&gt;"),
        ("value.xhtml", "&lt;b&gt;"),
        ("value.svg", "&lt;b&gt;"),
        ("value.txt", "<b>"),
    ],
)
def test_values_are_escaped_in_files_that_hold_markup(
    web: Any, folder: Path, name: str, text: str
) -> None:
    with new_app(web, template_folder=str(folder)).app_context():
        assert web.render_template(name, value="<b>") == text


def test_values_are_escaped_in_a_template_that_is_a_string(web: Any) -> None:
    with new_app(web).app_context():
        source = "{{ value }} {{ value|safe }}"
        assert web.render_template_string(source, value="<b>") == "&lt;b&gt; <b>"


def test_a_template_knows_what_flask_gives_it(web: Any) -> None:
    app = new_app(web)
    app.config["COLOUR"] = "green"
    app.add_url_rule("/user/<name>", "user", lambda name: name)
    with app.test_request_context("/page?a=1"):
        web.session["user"] = web.g.user = "alice"
        web.flash("hello")
        for name, value in {
            "request.path": "/page",
            "session.user": "alice",
            "g.user": "alice",
            "config.COLOUR": "green",
            "url_for('user', name='bob')": "/user/bob",
            "get_flashed_messages()[0]": "hello",
        }.items():
            assert web.render_template_string(f"{{{{ {name} }}}}") == value
            macro = f"{{% macro show() %}}{{{{ {name} }}}}{{% endmacro %}}{{{{ show() }}}}"
            assert web.render_template_string(macro) == value


def test_an_included_template_sees_the_request_as_well(web: Any, folder: Path) -> None:
    (folder / "macros.html").write_text(
        "{% macro path() %}{{ request.path }}{% endmacro %}", "utf-8"
    )
    with new_app(web, template_folder=str(folder)).test_request_context("/here"):
        source = '{% from "macros.html" import path %}{{ path() }}'
        assert web.render_template_string(source) == "/here"


def test_every_request_gets_its_own_values_from_the_same_template(app: MiniFlask) -> None:
    @app.route("/<name>")
    def index(name: str) -> str:
        return render_template_string("{{ request.path }}")

    client = app.test_client()
    assert [client.get(path).text for path in ("/a", "/b")] == ["/a", "/b"]


def test_context_processors_add_values_and_the_views_win(web: Any) -> None:
    app = new_app(web)
    app.context_processor(lambda: {"user": "somebody", "role": "guest"})
    app.context_processor(lambda: {"role": "admin"})
    with app.app_context():
        source = "{{ user }} {{ role }}"
        assert web.render_template_string(source) == "somebody admin"
        assert web.render_template_string(source, user="alice") == "alice admin"


def test_filters_are_registered_under_their_own_or_another_name(web: Any) -> None:
    app = new_app(web)

    @app.template_filter()
    def shout(text: str) -> str:
        return text.upper()

    @app.template_filter("backwards")
    def reverse(text: str) -> str:
        return text[::-1]

    with app.app_context():
        assert web.render_template_string("{{ 'abc'|shout|backwards }}") == "CBA"


@pytest.mark.parametrize("as_a_call", [False, True])
def test_tests_and_globals_are_registered_as_filters_are(web: Any, as_a_call: bool) -> None:
    app = new_app(web)

    def shouted(text: str) -> str:
        return text.upper()

    for kind, template in {
        "filter": "{{ 'a' | shouted }}{{ 'a' | loud }}",
        "test": "{{ 'a' if 'a' is shouted }}{{ 'a' if 'a' is loud }}",
        "global": "{{ shouted('a') }}{{ loud('a') }}",
    }.items():
        for name in (None, "loud"):
            if as_a_call:
                getattr(app, f"add_template_{kind}")(shouted, name=name)
            else:
                assert getattr(app, f"template_{kind}")(name)(shouted) is shouted
        with app.app_context():
            assert web.render_template_string(template).upper() == "AA"


def test_a_macro_of_a_template_can_be_called_from_python(web: Any, folder: Path) -> None:
    (folder / "_hello.html").write_text(
        "{% macro hello(name) %}Hello {{ name }}!{% endmacro %}"
    )
    with new_app(web, template_folder=str(folder)).app_context():
        hello = web.get_template_attribute("_hello.html", "hello")
        assert hello("<b>") == "Hello &lt;b&gt;!"
        with pytest.raises(AttributeError):
            web.get_template_attribute("_hello.html", "goodbye")


def test_a_template_is_streamed_with_the_request_and_told_of_at_its_end(
    web: Any, folder: Path
) -> None:
    app, told = new_app(web, template_folder=str(folder)), []

    @app.context_processor
    def user() -> dict[str, Any]:
        return {"user": "alice", "title": "hidden"}

    @app.route("/file")
    def file() -> Any:
        return web.stream_template(["missing.html", "page.html"], title="shown")

    @app.route("/string")
    def string() -> Any:
        return web.stream_template_string("{{ user }} at {{ request.path }}")

    def tell(sender: Any, template: Any, context: dict[str, Any], **rest: Any) -> None:
        told.append(context["user"])

    with web.template_rendered.connected_to(tell, app):
        assert app.test_client().get("/file").text == "<title>shown</title>/file"
        assert app.test_client().get("/string").text == "alice at /string"
        with app.app_context():
            stream = web.stream_template_string("{{ user }}")
            assert told == ["alice"] * 2
            assert "".join(stream) == "alice"
    assert told == ["alice"] * 3


def test_a_filter_can_be_registered_after_the_environment_was_looked_at(web: Any) -> None:
    app = new_app(web)
    app.jinja_env.globals["colour"] = "green"
    app.jinja_env.filters["twice"] = lambda text: text * 2

    @app.template_filter()
    def shout(text: str) -> str:
        return text.upper()

    with app.app_context():
        assert web.render_template_string("{{ colour|shout|twice }}") == "GREENGREEN"


def test_tojson_is_safe_in_a_script_and_writes_dates(web: Any) -> None:
    with new_app(web).app_context():
        text = web.render_template_string(
            "{{ value|tojson }}", value={"b": "</script>", "a": date(2026, 1, 31)}
        )
        assert text == '{"a": "Sat, 31 Jan 2026 00:00:00 GMT", "b": "\\u003c/script\\u003e"}'
        assert web.render_template_string("{{ [1]|tojson(indent=2) }}") == "[\n  1\n]"


def test_rendering_tells_those_who_subscribed_to_the_app_itself(web: Any) -> None:
    app = new_app(web)
    app.context_processor(lambda: {"role": "admin"})
    heard: list[Any] = []

    def before(sender: Any, template: Any, context: dict[str, Any], **_: Any) -> None:
        heard.append((sender is app, context["role"], context["user"]))
        context["user"] = "changed by a receiver"

    def after(sender: Any, template: Any, context: dict[str, Any], **_: Any) -> None:
        heard.append((sender is app, template.render(context)))

    with (
        app.app_context(),
        web.before_render_template.connected_to(before, app),
        web.template_rendered.connected_to(after, app),
    ):
        text = web.render_template_string("{{ user }}", user="alice")
    assert text == "changed by a receiver"
    assert heard == [(True, "admin", "alice"), (True, text)]


def test_in_debug_mode_a_changed_template_is_read_again(folder: Path) -> None:
    app = MiniFlask("shop", template_folder=str(folder))
    app.debug = True
    assert app.jinja_env.auto_reload
    assert not MiniFlask("shop").jinja_env.auto_reload


def test_outside_of_a_request_a_template_fails_where_it_needs_one(app: MiniFlask) -> None:
    with app.app_context():
        assert render_template_string("{{ g.get('user') }}") == "None"
        with pytest.raises(RuntimeError, match="`request`"):
            render_template_string("{{ request.path }}")
        with pytest.raises(UndefinedError):
            render_template_string("{{ missing.attribute }}")
